"""The public pages of the anonymous channel, below /box/; each one is a quiet_page (door.py)."""

from django.urls import URLPattern

app_name = "box"

urlpatterns: list[URLPattern] = []
