"""Mentors and the skill map."""

from django.urls import URLPattern, path

from training.views import mentors, skills

urlpatterns: list[URLPattern] = [
    path("help/", mentors.help_list, name="help_list"),
    path("help/offer/", mentors.help_offer, name="help_offer"),
    path("help/offers/<int:pk>/ask/", mentors.help_ask, name="help_ask"),
    path("help/<int:pk>/close/", mentors.help_close, name="help_close"),
    path("pairs/", mentors.pair_list, name="pair_list"),
    path("pairs/add/", mentors.pair_add, name="pair_add"),
    path("pairs/<int:pk>/", mentors.pair_detail, name="pair_detail"),
    path("pairs/<int:pk>/decide/", mentors.pair_decide, name="pair_decide"),
    path("pairs/<int:pk>/talk/", mentors.pair_talk, name="pair_talk"),
    path("pairs/<int:pk>/skills/", skills.skill_pupil, name="skill_pupil"),
    path("skills/", skills.skill_mine, name="skill_mine"),
]
