"""The load of a month and the hours agreed for it, at /w/burden/load/ and /w/burden/times/."""

from django.urls import URLPattern, path

from burden.views import load

urlpatterns: list[URLPattern] = [
    path("load/", load.load_page, name="load_page"),
    path("load/card/", load.load_card, name="load_card"),
    path("times/", load.agreed_time_list, name="agreed_time_list"),
    path("times/add/", load.agreed_time_add, name="agreed_time_add"),
    path("times/<int:pk>/end/", load.agreed_time_end, name="agreed_time_end"),
]
