"""On the page of an entry of the error bank: its scenario cards, and a draft of one for who writes them."""

from datetime import date

from django.urls import reverse

from accounts.models import User
from branches.access import may
from errorbank.entry_offers import EntryOffer, register
from errorbank.models import ErrorEntry
from training.models.cards import EDIT_CARD, PLAY_CARD
from training.queries.cards import open_cards_of_entry


@register
def cards(user: User, entry: ErrorEntry, on: date) -> list[EntryOffer]:
    offers: list[EntryOffer] = []
    if may(user, PLAY_CARD, on=on):
        offers += [
            EntryOffer(f"练一练：{card.title}", reverse("training:card_detail", args=[card.pk]), "route")
            for card in open_cards_of_entry(user, entry, on=on)
        ]
    if may(user, EDIT_CARD, on=on) and entry.published_id and entry.retired_at is None:
        address = reverse("training:card_from_entry", args=[entry.pk])
        offers.append(EntryOffer("生成情景卡草稿", address, "square-pen", changes=True))
    return offers
