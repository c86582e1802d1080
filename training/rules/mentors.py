"""Words and limits of mentors, pairs and quiet help; no ORM, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from errorbank.rules import ErrorCategory

# What a mentor helps with: the categories of the error bank, and one that is no knowledge at all.
PRESSURE = "pressure"
TOPICS: list[tuple[str, str]] = [
    *((category.value, str(category.label)) for category in ErrorCategory),
    (PRESSURE, "压力疏导"),
]
TOPIC_LABELS = dict(TOPICS)
MOST_AT_ONCE, USUAL_AT_ONCE = 9, 2
# Staff read that a topic is asked for only when so many different people asked within the year before.
FEWEST_ASKERS = 3
ASKED_WITHIN = timedelta(days=365)
# So long before the last day of a pair the office is asked to decide.
DECIDE_BEFORE = timedelta(days=14)
LONGEST_PAIR = timedelta(days=2 * 366)


def topic_names(topics: Iterable[str]) -> str:
    return "、".join(TOPIC_LABELS[topic] for topic in topics if topic in TOPIC_LABELS)


def categories_of(topics: Iterable[str]) -> list[str]:
    """The categories of the error bank among them; with none of them, all."""
    found = [topic for topic in topics if topic in ErrorCategory.values]
    return found or list(ErrorCategory.values)


@dataclass(frozen=True)
class Spans:
    """The days of a pair that are over, and as many before it began; both ends belong to each."""

    before: tuple[date, date]
    since: tuple[date, date]
    days: int


def spans_of(since: date, last: date) -> Spans | None:
    """None while the pair has not begun."""
    if last < since:
        return None
    days = (last - since).days + 1
    return Spans((since - timedelta(days=days), since - timedelta(days=1)), (since, last), days)
