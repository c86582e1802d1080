"""Outputs."""

from django.urls import URLPattern, path

from training.views import outputs

urlpatterns: list[URLPattern] = [
    path("outputs/", outputs.output_list, name="output_list"),
    path("outputs/add/", outputs.output_add, name="output_add"),
    path("outputs/booklet/", outputs.output_booklet, name="output_booklet"),
    path("outputs/brief/", outputs.output_brief, name="output_brief"),
    path("outputs/<int:pk>/", outputs.output_detail, name="output_detail"),
    path("outputs/<int:pk>/edit/", outputs.output_edit, name="output_edit"),
    path("outputs/<int:pk>/submit/", outputs.output_submit, name="output_submit"),
    path("outputs/<int:pk>/credit/", outputs.output_credit, name="output_credit"),
    path("outputs/<int:pk>/use/", outputs.output_use, name="output_use"),
    path("outputs/<int:pk>/pick/", outputs.output_pick, name="output_pick"),
    path("outputs/versions/<int:pk>/review/", outputs.output_review, name="output_review"),
    path("outputs/uses/<int:pk>/drop/", outputs.output_unuse, name="output_unuse"),
]
