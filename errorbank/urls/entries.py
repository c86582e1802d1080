"""The bank's entries."""

from django.urls import URLPattern, path

from errorbank.views import entries, entry_sheets

urlpatterns: list[URLPattern] = [
    path("", entries.entry_list, name="entry_list"),
    path("entries/add/", entries.entry_add, name="entry_add"),
    path("entries/export/", entry_sheets.entry_export, name="entry_export"),
    path("entries/import/", entry_sheets.entry_import, name="entry_import"),
    path("entries/import/commit/", entry_sheets.entry_import_commit, name="entry_import_commit"),
    path("entries/waiting/", entries.entry_waiting, name="entry_waiting"),
    path("entries/waiting/<int:pk>/", entries.entry_review, name="entry_review"),
    path("entries/waiting/<int:pk>/return/", entries.entry_send_back, name="entry_send_back"),
    path("entries/<int:pk>/", entries.entry_detail, name="entry_detail"),
    path("entries/<int:pk>/change/", entries.entry_change, name="entry_change"),
    path("entries/<int:pk>/confirm/", entries.entry_confirm, name="entry_confirm"),
    path("entries/<int:pk>/retire/", entries.entry_retire, name="entry_retire"),
]
