"""Handing over and standing in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
