"""What usually goes wrong with one action, for who is about to do it: the branch's own first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q

from branches.models import Organisation
from errorbank.models import ErrorEntry, Finding
from errorbank.rules import Severity

SHOWN = 5
# Own findings older than this are no longer held before anybody.
REMEMBERED = timedelta(days=730)


@dataclass(frozen=True)
class Prevention:
    """`entry` is None for a finding written down without one; `seen_on`: last found in this branch."""

    problem: str
    measure: str
    entry: int | None = None
    serious: bool = False
    seen_on: date | None = None

    @property
    def is_own(self) -> bool:
        return self.seen_on is not None


def prevention_for(
    organisation: Organisation, action_code: str, *, on: date, known: Collection[str] = ()
) -> list[Prevention]:
    """Published entries of the action that reach the branch and its own findings; two statements.

    What the branch had itself stands first, the latest on top, then serious ones. `known`: what the page
    says already.
    """
    entries = _entries(organisation, action_code)
    seen = _seen(organisation, action_code, {entry.pk for entry in entries}, on=on)
    rows = [_of_entry(entry, seen.pop((entry.pk, ""), None)) for entry in entries]
    rows += [Prevention(problem, measure, seen_on=day) for (_, problem), (day, measure) in seen.items()]
    told = {_plain(text) for text in known}
    rows = [row for row in rows if row.is_own or _plain(row.problem) not in told]
    return sorted(rows, key=_order)


def _entries(organisation: Organisation, action_code: str) -> list[ErrorEntry]:
    reaching = Q(organisation=None) | Q(organisation__path__in=_paths(organisation))
    rows = ErrorEntry.objects.in_use().filter(reaching, actions__action_code=action_code)
    return list(rows.select_related("published").order_by("code"))


def _paths(organisation: Organisation) -> list[str]:
    """Of the organisation and those above it."""
    parts = [part for part in organisation.path.split("/") if part]
    return ["".join(f"{part}/" for part in parts[: n + 1]) for n in range(len(parts))]


def _seen(
    organisation: Organisation, action_code: str, entries: Collection[int], *, on: date
) -> dict[tuple[int | None, str], tuple[date, str]]:
    """Last day and measure of the branch's own findings: by entry, or by their words without one."""
    about = Q(entry__in=entries) | Q(entry=None, action_code=action_code)
    rows = Finding.objects.filter(about, organisation=organisation, happened_on__gte=on - REMEMBERED)
    found: dict[tuple[int | None, str], tuple[date, str]] = {}
    grouped = rows.values_list("entry", "problem", "measure").annotate(last=Max("happened_on"))
    for entry, problem, measure, day in grouped.order_by("last"):
        found[(entry, "" if entry else problem)] = (day, measure)
    return found


def _of_entry(entry: ErrorEntry, seen: tuple[date, str] | None) -> Prevention:
    wording = entry.published
    assert wording is not None  # noqa: S101 - in_use() leaves out what was never published
    return Prevention(
        wording.problem,
        wording.measure,
        entry=entry.pk,
        serious=wording.severity == Severity.SERIOUS,
        seen_on=seen[0] if seen else None,
    )


def _order(row: Prevention) -> tuple[bool, int, bool]:
    return (not row.is_own, -row.seen_on.toordinal() if row.seen_on else 0, not row.serious)


def _plain(text: str) -> str:
    return text.strip().rstrip("。；")
