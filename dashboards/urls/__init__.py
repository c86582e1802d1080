"""The addresses of this app, one file a subject; all below /w/."""

from dashboards.urls import search

app_name = "dashboards"
urlpatterns = [*search.urlpatterns]
