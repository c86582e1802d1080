"""Addresses of elections and of the dated events of organisations."""

from django.urls import path

from branches.views import history

urlpatterns = [
    path("facts/<int:pk>/correct/", history.organisation_event_correct, name="organisation_event_correct"),
]
