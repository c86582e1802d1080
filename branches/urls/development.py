"""Addresses of the recruiting pipeline."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
