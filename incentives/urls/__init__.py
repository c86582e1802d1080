"""The addresses of this app, one file a subject; all below /w/incentives/."""

from django.urls import URLPattern

app_name = "incentives"
urlpatterns: list[URLPattern] = []
