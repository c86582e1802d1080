"""The addresses of this app, one file a subject; all below /w/incentives/."""

from django.urls import URLPattern

from incentives.urls import honours, levels, records, sheets

app_name = "incentives"
urlpatterns: list[URLPattern] = [
    *records.urlpatterns,
    *sheets.urlpatterns,
    *honours.urlpatterns,
    *levels.urlpatterns,
]
