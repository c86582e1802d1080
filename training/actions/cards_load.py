"""Bring the shipped scenario cards into the database; a card that changed becomes its next version."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from audit import actions as audit
from errorbank.models import ErrorEntry
from training.actions.cards import CardData, make_current, write_version
from training.models import Card
from training.rules.cards import kept, parse_steps

CARDS = Path(__file__).parent.parent / "data" / "cards.yaml"


@transaction.atomic
def load_cards(*, on: date, path: Path = CARDS) -> dict[str, int]:
    """Add what the file has and the database has not. Running it again changes nothing."""
    rows = yaml.safe_load(path.read_text("utf-8"))["cards"]
    codes = [row["entry"] for row in rows]
    entries = {entry.code: entry for entry in ErrorEntry.objects.filter(organisation=None, code__in=codes)}
    known = {card.slug: card for card in Card.objects.exclude(slug="").select_related("published")}
    done = Counter(_load(row, known.get(row["slug"]), entries.get(row["entry"]), on) for row in rows)
    counts = {name: done[name] for name in ("added", "updated", "unchanged")}
    if counts["added"] or counts["updated"]:
        audit.record("training.cards_loaded", by=None, detail=counts)
    return counts


def _load(row: dict[str, Any], card: Card | None, entry: ErrorEntry | None, on: date) -> str:
    data = CardData(row["category"], row["title"], parse_steps(row["steps"]), row["debrief"].strip())
    if card is None:
        card = Card.objects.create(slug=row["slug"], entry=entry, category=data.category, title=data.title)
        make_current(card, write_version(card, data, by=None), on=on)
        return "added"
    if card.entry_id is None and entry is not None:
        card.entry = entry
        card.save(update_fields=["entry"])
    now = card.published
    says = (data.category, data.title, kept(data.steps), data.debrief)
    if now is not None and (now.category, now.title, now.steps, now.debrief) == says:
        return "unchanged"
    make_current(card, write_version(card, data, by=None), on=on)
    return "updated"
