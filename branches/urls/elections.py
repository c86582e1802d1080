"""Addresses of elections and of the dated events of organisations."""

from django.urls import path

from branches.views import election, history

urlpatterns = [
    path("elections/", election.election_list, name="election_list"),
    path("elections/<int:pk>/", election.election_detail, name="election_detail"),
    path("elections/<int:pk>/<slug:kind>/", election.election_step, name="election_step"),
    path(
        "election-steps/<int:pk>/take-back/", election.election_step_take_back, name="election_step_take_back"
    ),
    path("facts/<int:pk>/correct/", history.organisation_event_correct, name="organisation_event_correct"),
]
