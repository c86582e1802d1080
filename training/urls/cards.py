"""Scenario cards."""

from django.urls import URLPattern, path

from training.views import cards

urlpatterns: list[URLPattern] = [
    path("cards/", cards.card_list, name="card_list"),
    path("cards/add/", cards.card_add, name="card_add"),
    path("cards/from/<int:pk>/", cards.card_from_entry, name="card_from_entry"),
    path("cards/<int:pk>/", cards.card_detail, name="card_detail"),
    path("cards/<int:pk>/edit/", cards.card_edit, name="card_edit"),
    path("cards/<int:pk>/publish/", cards.card_publish, name="card_publish"),
    path("cards/<int:pk>/retire/", cards.card_retire, name="card_retire"),
    path("cards/<int:pk>/start/", cards.card_start, name="card_start"),
    path("cards/<int:pk>/steps/<int:number>/", cards.card_play, name="card_play"),
    path("cards/<int:pk>/screen/<int:number>/", cards.card_screen, name="card_screen"),
]
