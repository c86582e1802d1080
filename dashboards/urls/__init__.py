"""The addresses of this app, one file a subject; all below /w/."""

from dashboards.urls import board, search

app_name = "dashboards"
urlpatterns = [*search.urlpatterns, *board.urlpatterns]
