"""The self-test."""

from django.urls import URLPattern, path

from errorbank.views import practice

urlpatterns: list[URLPattern] = [
    path("practice/", practice.practice_question, name="practice_question"),
    path("practice/forget/", practice.practice_forget, name="practice_forget"),
    path("practice/<int:pk>/", practice.practice_answer, name="practice_answer"),
    path("practice/<int:pk>/rate/", practice.practice_rate, name="practice_rate"),
]
