"""Addresses of the structure overview, the outlook and the rules."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
