"""Addresses of elections and of the dated events of organisations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
