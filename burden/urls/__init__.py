"""The addresses of this app, one file a subject; all below /w/burden/."""

from django.urls import URLPattern

app_name = "burden"
urlpatterns: list[URLPattern] = []
