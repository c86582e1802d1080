"""The addresses of this app, one file a subject; all below /w/burden/."""

from django.urls import URLPattern

from burden.urls import measures, schemes, surveys, visits

app_name = "burden"
urlpatterns: list[URLPattern] = [
    *measures.urlpatterns,
    *schemes.urlpatterns,
    *surveys.urlpatterns,
    *visits.urlpatterns,
]
