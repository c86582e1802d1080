"""The addresses of the error bank, one file a subject; all below /w/errors/."""

from errorbank.urls import detection, entries, figures, findings, practice, rechecks

app_name = "errorbank"
urlpatterns = [
    *findings.urlpatterns,
    *rechecks.urlpatterns,
    *detection.urlpatterns,
    *practice.urlpatterns,
    *figures.urlpatterns,
    *entries.urlpatterns,
]
