"""Addresses of the structure overview, the outlook and the rules."""

from django.urls import path

from branches.views import policy, structure

urlpatterns = [
    path("structure/", structure.structure_overview, name="structure_overview"),
    path("<int:pk>/outlook/", structure.organisation_outlook, name="organisation_outlook"),
    path("rules/", policy.policy_list, name="policy_list"),
    path("rules/<int:pk>/<slug:code>/", policy.policy_edit, name="policy_edit"),
]
