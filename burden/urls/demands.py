"""The register, at /w/burden/demands/."""

from django.urls import URLPattern, path

from burden.views import demands

urlpatterns: list[URLPattern] = [
    path("demands/", demands.demand_list, name="demand_list"),
    path("demands/add/", demands.demand_add, name="demand_add"),
    path("demands/propose/", demands.demand_propose, name="demand_propose"),
    path("demands/<int:pk>/", demands.demand_detail, name="demand_detail"),
    path("demands/<int:pk>/edit/", demands.demand_edit, name="demand_edit"),
    path("demands/<int:pk>/end/", demands.demand_end, name="demand_end"),
    path("demands/<int:pk>/decide/", demands.demand_decide, name="demand_decide"),
]
