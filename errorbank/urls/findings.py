"""Inspections, findings and what happens to them."""

from django.urls import URLPattern, path

from errorbank.views import findings, inspections

urlpatterns: list[URLPattern] = [
    path("findings/", findings.finding_list, name="finding_list"),
    path("findings/add/", findings.finding_add, name="finding_add"),
    path("findings/<int:pk>/", findings.finding_detail, name="finding_detail"),
    path("findings/<int:pk>/start/", findings.finding_start, name="finding_start"),
    path("findings/<int:pk>/submit/", findings.finding_submit, name="finding_submit"),
    path("findings/<int:pk>/return/", findings.finding_return, name="finding_return"),
    path("findings/<int:pk>/close/", findings.finding_close, name="finding_close"),
    path("findings/<int:pk>/accept/", findings.finding_accept, name="finding_accept"),
    path("findings/<int:pk>/reassign/", findings.finding_reassign, name="finding_reassign"),
    path("inspections/", inspections.inspection_list, name="inspection_list"),
    path("inspections/add/", inspections.inspection_add, name="inspection_add"),
    path("inspections/<int:pk>/", inspections.inspection_detail, name="inspection_detail"),
    path("inspections/<int:pk>/record/", inspections.inspection_record, name="inspection_record"),
    path(
        "inspections/<int:pk>/notice/<int:organisation>/",
        inspections.inspection_notice,
        name="inspection_notice",
    ),
]
