"""What stored data points at."""

from django.urls import URLPattern, path

from errorbank.views import detection

urlpatterns: list[URLPattern] = [
    path("proposals/", detection.proposal_list, name="proposal_list"),
    path("proposals/<int:pk>/confirm/", detection.proposal_confirm, name="proposal_confirm"),
    path("proposals/<int:pk>/dismiss/", detection.proposal_dismiss, name="proposal_dismiss"),
]
