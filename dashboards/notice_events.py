"""What this app tells people about. Leaf: the day is given, nothing is written here."""

from collections.abc import Collection
from datetime import date

from dashboards.models import READ, Brief
from notices.events import Event
from notices.rules import Level

BRIEF_RELEASED = "dashboards.brief_released"
_BRIEF = "brief:"


def brief_subject(pk: int) -> str:
    return f"{_BRIEF}{pk}"


def brief_still_open(subjects: Collection[str], on: date) -> set[str]:
    """Released ones that no correction has replaced meanwhile."""
    keys = [subject.removeprefix(_BRIEF) for subject in subjects if subject.startswith(_BRIEF)]
    return {
        brief_subject(pk) for pk in Brief.objects.standing().filter(pk__in=keys).values_list("pk", flat=True)
    }


EVENTS = (Event(BRIEF_RELEASED, "月度通报发布", Level.DIGEST, READ, brief_still_open),)
