"""The search, at /w/search/."""

from django.urls import URLPattern, path

from dashboards.views import search

urlpatterns: list[URLPattern] = [path("search/", search.search, name="search")]
