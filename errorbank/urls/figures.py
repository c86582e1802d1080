"""Figures."""

from django.urls import URLPattern, path

from errorbank.views import figures

urlpatterns: list[URLPattern] = [
    path("figures/", figures.figure_overview, name="figure_overview"),
    path("figures/list/", figures.figure_list, name="figure_list"),
]
