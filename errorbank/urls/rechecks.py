"""Rechecks."""

from django.urls import URLPattern, path

from errorbank.views import rechecks

urlpatterns: list[URLPattern] = [
    path("rechecks/", rechecks.recheck_list, name="recheck_list"),
    path("rechecks/<int:pk>/", rechecks.recheck_detail, name="recheck_detail"),
    path("rechecks/<int:pk>/assign/", rechecks.recheck_assign, name="recheck_assign"),
]
