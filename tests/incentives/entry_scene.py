"""Work of a worker that the sources find, and the same of a foreign branch."""

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from branches.models import Organisation
from incentives.actions.contributions import NominationData, nominate, pull_entries
from incentives.models import ContributionEntry, Nomination
from incentives.rules.contributions import EntryKind
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.factories.branches import make_post
from tests.reminders.scene import ON, Scene, central_action, make_item

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 10)


def closed_item(
    place: Organisation, by: User, *, code: str = "general_meeting", **fields: Any
) -> ReminderItem:
    """Closed by that person on DAY, in time unless the fields say otherwise."""
    action = central_action(code, category=fields.pop("category", "meeting"))
    given = {"state": ItemState.DONE, "done_on": DAY, "done_by": by, **fields}
    return make_item(place, action, **given)


def pull() -> tuple[int, int]:
    """(new, taken back)."""
    found = pull_entries(on=ON, now=NOW)
    return found.new, found.taken_back


def total(user: User) -> str:
    """Of every row, counter-entries included."""
    return str(sum(row.weight for row in ContributionEntry.objects.filter(user=user)))


def nominated(scene: Scene, *, by: User | None = None, **changes: Any) -> Nomination:
    """The worker of the first branch, by a colleague of the branch unless said otherwise."""
    given: dict[str, Any] = {
        "nominee": scene.worker,
        "kind": EntryKind.MENTORING,
        "happened_on": DAY,
        "words": "带教新任支部书记",
        "evidence": "带教记录",
    }
    data = NominationData(**{**given, **changes})
    if by is None:
        by = make_post(scene.first).user
    assert by is not None
    return nominate(scene.first, data=data, by=by, on=ON)
