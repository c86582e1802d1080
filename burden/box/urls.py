"""The public pages of the anonymous channel, below /box/; each one is a quiet_page (door.py)."""

from django.urls import URLPattern, path

from burden.views import survey_answers

app_name = "box"

urlpatterns: list[URLPattern] = [
    path("survey/", survey_answers.survey, name="survey"),
    path("survey/done/", survey_answers.survey_done, name="survey_done"),
]
