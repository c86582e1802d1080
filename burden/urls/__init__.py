"""The addresses of this app, one file a subject; signed-in pages below /w/burden/, the channel below /box/."""

from django.urls import URLPattern

app_name = "burden"
urlpatterns: list[URLPattern] = []
