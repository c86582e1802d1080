"""The board, at /w/dashboard/."""

from django.urls import URLPattern, path

from dashboards.views import board

urlpatterns: list[URLPattern] = [
    path("dashboard/", board.dashboard, name="dashboard"),
    path("dashboard/items/", board.dashboard_list, name="dashboard_list"),
    path("dashboard/findings/", board.dashboard_findings, name="dashboard_findings"),
    path("dashboard/outlook/", board.dashboard_outlook, name="dashboard_outlook"),
]
