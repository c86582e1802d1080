"""The addresses of this app, one file a subject; all below /w/burden/."""

from django.urls import URLPattern

from burden.urls import box_desk, demands, load, measures, schemes, surveys, visits

app_name = "burden"
urlpatterns: list[URLPattern] = [
    *box_desk.urlpatterns,
    *demands.urlpatterns,
    *load.urlpatterns,
    *measures.urlpatterns,
    *schemes.urlpatterns,
    *surveys.urlpatterns,
    *visits.urlpatterns,
]
