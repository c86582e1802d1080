"""Inspections, findings and what happens to them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
