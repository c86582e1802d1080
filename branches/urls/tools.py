"""Addresses of the calculators."""

from django.urls import path

from branches.views import tools

urlpatterns = [
    path("tools/votes/", tools.vote_calculator, name="vote_calculator"),
    path("tools/dues/", tools.dues_calculator, name="dues_calculator"),
]
