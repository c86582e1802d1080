"""Handing over."""

from django.urls import URLPattern, path

from reminders.views import handover

urlpatterns: list[URLPattern] = [
    path("handovers/", handover.handover_list, name="handover_list"),
    path("handovers/add/", handover.handover_add, name="handover_add"),
    path("handovers/<int:pk>/", handover.handover_detail, name="handover_detail"),
    path("handovers/<int:pk>/lines/<int:line>/", handover.handover_note, name="handover_note"),
    path("handovers/<int:pk>/check/", handover.handover_check, name="handover_check"),
    path("handovers/<int:pk>/confirm/<slug:part>/", handover.handover_confirm, name="handover_confirm"),
    path("handovers/<int:pk>/newcomer/", handover.handover_newcomer, name="handover_newcomer"),
    path("handovers/<int:pk>/mentor/", handover.handover_mentor, name="handover_mentor"),
    path("handovers/<int:pk>/sign/", handover.handover_sign, name="handover_sign"),
    path("handovers/<int:pk>/cancel/", handover.handover_cancel, name="handover_cancel"),
    path("handovers/<int:pk>/told/", handover.handover_told, name="handover_told"),
    path("handovers/<int:pk>/sheet/", handover.handover_sheet, name="handover_sheet"),
]
