"""The annual plan of visits."""

from django.urls import URLPattern, path

from burden.views import visit_ratings, visit_work, visits

urlpatterns: list[URLPattern] = [
    path("visits/", visits.visit_list, name="visit_list"),
    path("visits/add/", visits.visit_add, name="visit_add"),
    path("visits/copy/", visits.visit_copy, name="visit_copy"),
    path("visits/overlaps/", visit_work.visit_overlaps, name="visit_overlaps"),
    path("visits/merge/", visit_work.visit_merge, name="visit_merge"),
    path("visits/unfiled/", visit_work.visit_unfiled, name="visit_unfiled"),
    path("visits/frequency/", visit_work.visit_frequency, name="visit_frequency"),
    path("visits/ratings/", visit_ratings.visit_ratings, name="visit_ratings"),
    path("visits/inspection/<int:inspection>/", visit_work.visit_match, name="visit_match"),
    path("visits/rate/<int:inspection>/<int:branch>/", visit_ratings.visit_rate, name="visit_rate"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<int:pk>/edit/", visits.visit_edit, name="visit_edit"),
    path("visits/<int:pk>/cancel/", visits.visit_cancel, name="visit_cancel"),
    path("visits/<int:pk>/drop/", visits.visit_drop, name="visit_drop"),
    path("visits/<int:pk>/carry-out/", visit_work.visit_carry_out, name="visit_carry_out"),
    path("visits/<int:pk>/link/<int:inspection>/", visit_work.visit_link, name="visit_link"),
    path("visits/<int:pk>/unlink/", visit_work.visit_unlink, name="visit_unlink"),
]
