"""Calendar links and the monthly sheet."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
