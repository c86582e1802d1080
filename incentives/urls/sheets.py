"""Bonus sheets, at /w/incentives/sheets/."""

from django.urls import URLPattern, path

from incentives.views import sheets

urlpatterns: list[URLPattern] = [
    path("sheets/", sheets.sheet_list, name="sheet_list"),
    path("sheets/issue/", sheets.sheet_issue, name="sheet_issue"),
    path("sheets/<int:pk>/", sheets.sheet_detail, name="sheet_detail"),
]
