"""When to see an entry again: the scheduler of the kept library, in whole days."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import TextChoices
from fsrs import Card, Rating, Scheduler

A_WEEK = 5
# Of these, at least so many are new while there are new ones.
NEW_A_WEEK = 2
LONGEST_DAYS = 365
# No steps of minutes: whoever practises five a week does not come back in ten minutes.
_SCHEDULER = Scheduler(
    learning_steps=(), relearning_steps=(), maximum_interval=LONGEST_DAYS, enable_fuzzing=False
)


class Remembered(TextChoices):
    GOOD = "good", "记得"
    HARD = "hard", "有点模糊"
    AGAIN = "again", "忘了"


_RATINGS = {Remembered.GOOD: Rating.Good, Remembered.HARD: Rating.Hard, Remembered.AGAIN: Rating.Again}


def reviewed(
    memory: Mapping[str, Any], remembered: Remembered, *, number: int, on: date
) -> tuple[dict[str, Any], date]:
    """The memory after an answer of that day, and the day to see it again; empty memory is a first time."""
    given: Any = dict(memory)
    card = Card.from_dict(given) if memory else Card(card_id=number)
    noon = datetime.combine(on, time(12), UTC)
    after, _ = _SCHEDULER.review_card(card, _RATINGS[remembered], noon)
    kept: Any = after.to_dict()
    return dict(kept), after.due.date()
