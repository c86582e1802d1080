"""The addresses of this app, one file a subject; all below /w/."""

from dashboards.urls import board, briefs, search

app_name = "dashboards"
urlpatterns = [*search.urlpatterns, *board.urlpatterns, *briefs.urlpatterns]
