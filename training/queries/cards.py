"""Reads of scenario cards: the list, how far somebody is with one, and what was passed."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.models import Organisation
from errorbank.models import ErrorEntry
from training.models import Card, CardRun, CardVersion
from training.models.cards import EDIT_CARD
from training.rules.cards import CardState, Choice, Step


@dataclass(frozen=True)
class Drill:
    """A card that somebody passed: every first choice was right."""

    card: int
    title: str
    category: str
    passed_on: date


def drills_passed(user: User) -> list[Drill]:
    """For this person's own skill map, the latest first; one statement."""
    runs = CardRun.objects.filter(user=user, passed_on__isnull=False).order_by("-passed_on", "card")
    rows = runs.values_list("card", "card__title", "card__category", "passed_on")
    return [Drill(card, title, category, day) for card, title, category, day in rows if day]


def cards_of(
    user: User, *, question: str = "", category: str = "", entry: int | None = None, on: date
) -> QuerySet[Card]:
    """What this person may play, narrowed."""
    rows = Card.objects.open_to(user, on=on).select_related("published", "organisation")
    if category:
        rows = rows.filter(category=category)
    if entry is not None:
        rows = rows.filter(entry=entry)
    for word in question.split():
        rows = rows.filter(Q(title__icontains=word) | Q(entry__published__problem__icontains=word))
    return rows.order_by("category", "title", "pk")


def runs_of(user: User) -> dict[int, CardRun]:
    """This person's runs by card."""
    return {run.card_id: run for run in CardRun.objects.filter(user=user)}


def drafts_of(user: User, *, on: date) -> list[CardVersion]:
    """What waits to be published by this person."""
    mine = Card.objects.edited_by(user, on=on).values("pk")
    rows = CardVersion.objects.filter(card__in=mine, published_on=None)
    return list(rows.select_related("card__organisation").order_by("-made_at", "pk"))


def retired_of(user: User, *, on: date) -> list[Card]:
    rows = Card.objects.edited_by(user, on=on).filter(state=CardState.RETIRED)
    return list(rows.order_by("title", "pk"))


def editing_place(user: User, *, on: date) -> Organisation | None:
    """Where this person's new cards belong: the topmost organisation that may be written for."""
    return Organisation.objects.permitted_to(user, EDIT_CARD, on=on).active(on=on).in_tree_order().first()


def open_cards_of_entry(user: User, entry: ErrorEntry, *, on: date) -> list[Card]:
    return list(Card.objects.open_to(user, on=on).filter(entry=entry).order_by("pk"))


def run_of(user: User, card: Card) -> CardRun | None:
    return CardRun.objects.filter(user=user, card=card).first()


@dataclass(frozen=True)
class Play:
    """How far a person is with the wording that is played now."""

    card: Card
    version: CardVersion
    run: CardRun | None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return self.version.read_steps

    @property
    def answers(self) -> list[int]:
        """Nothing where the words have changed since."""
        return list(self.run.answers) if self.run and self.run.version_id == self.version.pk else []

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def here(self) -> int:
        """The step to answer next; one beyond the last when all are answered."""
        return len(self.answers) + 1

    @property
    def is_begun(self) -> bool:
        return 0 < len(self.answers) < self.total

    @property
    def is_done(self) -> bool:
        return self.here > self.total

    @property
    def passed_on(self) -> date | None:
        return self.run.passed_on if self.run else None

    @property
    def to_look_at(self) -> list[Step]:
        """The steps whose first choice was another."""
        pairs = zip(self.steps, self.answers, strict=False)
        return [step for step, answer in pairs if answer != step.right]

    def chosen(self, number: int) -> Choice | None:
        place = number - 1
        return self.steps[place].choices[self.answers[place]] if place < len(self.answers) else None


def play_of(user: User, card: Card) -> Play | None:
    """None for a card that was never published."""
    return Play(card, card.published, run_of(user, card)) if card.published else None
