"""The public pages of the anonymous channel, below /box/; each one is a quiet_page (door.py)."""

from django.urls import URLPattern, path

from burden.box import views
from burden.views import survey_answers

app_name = "box"

urlpatterns: list[URLPattern] = [
    path("", views.letter_write, name="letter_write"),
    path("receipt/", views.receipt_look, name="receipt_look"),
    path("wall/", views.wall, name="wall"),
    path("survey/", survey_answers.survey, name="survey"),
    path("survey/done/", survey_answers.survey_done, name="survey_done"),
]
