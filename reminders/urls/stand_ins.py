"""Leave and standing in."""

from django.urls import URLPattern, path

from reminders.views import stand_ins

urlpatterns: list[URLPattern] = [
    path("stand-ins/", stand_ins.stand_in_list, name="stand_in_list"),
    path("stand-ins/add/", stand_ins.stand_in_add, name="stand_in_add"),
    path("stand-ins/<int:pk>/edit/", stand_ins.stand_in_edit, name="stand_in_edit"),
    path("stand-ins/<int:pk>/end/", stand_ins.stand_in_end, name="stand_in_end"),
]
