"""Addresses of the joint-branch planner."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
