"""One line of a pack before it is written, and what every part needs, read once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from branches.calendar import work_calendar
from branches.models import BusySeason, Organisation, Post
from periods.calendars import WorkCalendar
from periods.occurrences import Occurrence
from reminders.handover_rules import Part
from reminders.models import ActionVersion, Handover, ReminderItem
from reminders.queries.catalogue import line_paths

TITLE_LENGTH, DETAIL_LENGTH, SUBJECT_LENGTH = 200, 300, 60


@dataclass(frozen=True)
class PackLine:
    """What a part says of one matter. `detail` says nothing that changes by the day alone."""

    part: Part
    subject: str
    title: str
    detail: str = ""
    due_on: date | None = None
    url: str = ""

    def fitted(self) -> "PackLine":
        return PackLine(
            self.part,
            self.subject[:SUBJECT_LENGTH],
            fit(self.title, TITLE_LENGTH),
            fit(self.detail, DETAIL_LENGTH),
            self.due_on,
            self.url,
        )


@dataclass
class Bundle:
    """One handover being packed: its branch, its day, and what several parts need, read once."""

    handover: Handover
    on: date
    items: Sequence[ReminderItem] = ()
    foreseen: Sequence[tuple[ActionVersion, Occurrence]] = ()

    @property
    def place(self) -> Organisation:
        return self.handover.organisation

    @property
    def post(self) -> Post:
        return self.handover.leaver_post

    @cached_property
    def calendar(self) -> WorkCalendar:
        return work_calendar()

    @cached_property
    def seasons(self) -> list[BusySeason]:
        """The busy seasons that hold there: its own, else those of the nearest organisation above."""
        rows = BusySeason.objects.filter(organisation__path__in=line_paths(self.place))
        found = list(rows.select_related("organisation").order_by("pk"))
        nearest = max((len(row.organisation.path) for row in found), default=0)
        return [row for row in found if len(row.organisation.path) == nearest]

    @property
    def versions(self) -> list[ActionVersion]:
        """Of every action that lies ahead, once each, the first due first."""
        turns = [(item.due_on, item.version) for item in self.items]
        turns += [(turn.due_on, version) for version, turn in self.foreseen]
        ordered = sorted(turns, key=lambda one: (one[0], one[1].action_id))
        return list({version.action_id: version for _, version in reversed(ordered)}.values())[::-1]


def fit(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def joined(parts: Iterable[str], *, by: str = "；") -> str:
    return by.join(part for part in parts if part)
