"""Addresses of the roster import and export, and of id numbers."""

from django.urls import URLPattern, path

from branches.views import member, roster

urlpatterns: list[URLPattern] = [
    path("roster/", roster.roster_import, name="roster_import"),
    path("roster/template/", roster.roster_template, name="roster_template"),
    path("roster/<int:pk>/", roster.roster_preview, name="roster_preview"),
    path("roster/<int:pk>/progress/", roster.roster_progress, name="roster_progress"),
    path("roster/<int:pk>/errors/", roster.roster_errors, name="roster_errors"),
    path("roster/<int:pk>/commit/", roster.roster_commit, name="roster_commit"),
    path("roster/<int:pk>/again/", roster.roster_again, name="roster_again"),
    path("roster/<int:pk>/restart/", roster.roster_restart, name="roster_restart"),
    path("roster/<int:pk>/discard/", roster.roster_discard, name="roster_discard"),
    path("<int:pk>/roster/", roster.roster_export, name="roster_export"),
    path("members/<int:pk>/id-number/", member.id_number_reveal, name="id_number_reveal"),
]
