"""The addresses of this app, one file a subject; all below /w/training/."""

from django.urls import URLPattern

from training.urls import cards, contests, mentors, outputs, rotation, sessions

app_name = "training"
urlpatterns: list[URLPattern] = [
    *sessions.urlpatterns,
    *rotation.urlpatterns,
    *cards.urlpatterns,
    *contests.urlpatterns,
    *outputs.urlpatterns,
    *mentors.urlpatterns,
]
