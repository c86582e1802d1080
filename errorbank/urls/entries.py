"""The bank's entries."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
