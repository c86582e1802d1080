"""The pulse survey, below /w/burden/surveys/; answering is at /box/survey/ (burden.box.urls)."""

from django.urls import URLPattern, path

from burden.views import surveys

urlpatterns: list[URLPattern] = [
    path("surveys/", surveys.survey_list, name="survey_list"),
    path("surveys/open/", surveys.survey_open, name="survey_open"),
    path("surveys/baseline/", surveys.survey_baseline, name="survey_baseline"),
    path("surveys/<int:pk>/", surveys.survey_detail, name="survey_detail"),
    path("surveys/<int:pk>/codes/", surveys.survey_codes, name="survey_codes"),
    path("surveys/<int:pk>/close/", surveys.survey_close, name="survey_close"),
    path("surveys/<int:pk>/pdf/", surveys.survey_pdf, name="survey_pdf"),
]
