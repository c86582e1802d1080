"""What stored data points at."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
