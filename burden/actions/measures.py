"""The measure list of a year: drafting, adopting, issuing, closing."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from burden.models import Measure, MeasureEntry, MeasureList
from burden.rules.measures import MeasureRefused, moved_deadline
from burden.rules.measures_template import template_measures
from burden.rules.measures_vocabulary import STANDING_STATES, Cadence, Direction, ListState, Origin

OWN_PREFIX = "own_"
# Columns that one version takes over from another.
_COPIED = (
    "adopted",
    "origin",
    "name",
    "doing",
    "owner",
    "basis",
    "indicator",
    "formula",
    "unit",
    "direction",
    "baseline",
    "baseline_counted",
    "target",
    "deadline",
    "cadence",
)
CLOSING_MONTH = 12


@dataclass(frozen=True)
class EntryData:
    """What staff say of one measure; the names are those of MeasureEntry."""

    name: str
    doing: str
    owner: str
    basis: tuple[dict[str, Any], ...]
    indicator: str
    formula: str
    unit: str
    direction: Direction
    baseline: Decimal
    baseline_counted: bool
    target: Decimal
    deadline: date
    cadence: Cadence

    def columns(self) -> dict[str, Any]:
        return {**asdict(self), "basis": list(self.basis)}


@transaction.atomic
def draft_list(place: Organisation, *, year: int, by: User, note: str = "") -> MeasureList:
    """The next version of a year: from that year's list, else the year before, else the template.

    Raises MeasureRefused.
    """
    Organisation.objects.select_for_update().get(pk=place.pk)
    own = MeasureList.objects.filter(organisation=place)
    if own.filter(year=year, state=ListState.DRAFT).exists():
        raise MeasureRefused(f"{year} 年的清单已经有一份草稿，请在草稿上接着改。")
    if own.filter(year=year, state=ListState.CLOSED).exists():
        raise MeasureRefused(f"{year} 年的清单已经收尾，不再出新版。")
    standing = own.filter(state__in=sorted(STANDING_STATES), year__lte=year).order_by("-year").first()
    same_year = standing is not None and standing.year == year
    if same_year and not note.strip():
        raise MeasureRefused("这一年已经印发过清单，请写明这一版要改什么、为什么改。")
    version = (own.filter(year=year).aggregate(last=Max("version"))["last"] or 0) + 1
    made = MeasureList.objects.create(
        organisation=place,
        year=year,
        version=version,
        change_note=note.strip() if same_year else "",
        made_by=by,
    )
    _fill(made, standing)
    audit.record("burden.measure_list_drafted", by=by, target=made)
    return made


def _fill(made: MeasureList, source: MeasureList | None) -> None:
    """Entries of the earlier list, then those of the template it has not."""
    entries = _taken_over(made, source) if source else []
    known = {entry.measure.code for entry in entries}
    shipped = [each for each in template_measures() if each.code not in known]
    Measure.objects.bulk_create(
        [Measure(organisation=made.organisation, code=each.code) for each in shipped], ignore_conflicts=True
    )
    measures = Measure.objects.filter(organisation=made.organisation)
    by_code = {measure.code: measure for measure in measures}
    for position, each in enumerate(shipped, start=len(entries) + 1):
        # What an earlier list left out stays out until somebody takes it up.
        columns = {**each.columns(made.year), "adopted": each.adopted and source is None}
        entries.append(MeasureEntry(of_list=made, measure=by_code[each.code], position=position, **columns))
    MeasureEntry.objects.bulk_create(entries)


def _taken_over(made: MeasureList, source: MeasureList) -> list[MeasureEntry]:
    """The entries of an earlier list, their deadlines moved by the years between."""
    found: list[MeasureEntry] = []
    for entry in source.entries.select_related("measure").order_by("position", "pk"):
        columns = {name: getattr(entry, name) for name in _COPIED}
        columns["deadline"] = moved_deadline(entry.deadline, entry.deadline.year + made.year - source.year)
        found.append(MeasureEntry(of_list=made, measure=entry.measure, position=len(found) + 1, **columns))
    return found


@transaction.atomic
def adopt_entries(draft: MeasureList, *, adopted: Collection[int], by: User) -> MeasureList:
    """Take exactly these entries into the list. Raises MeasureRefused."""
    row = _draft(draft)
    row.entries.filter(pk__in=adopted).update(adopted=True)
    row.entries.exclude(pk__in=adopted).update(adopted=False)
    audit.record("burden.measures_adopted", by=by, target=row, detail={"adopted": len(adopted)})
    return row


@transaction.atomic
def word_entry(entry: MeasureEntry, *, data: EntryData, by: User) -> MeasureEntry:
    """Other words, numbers or dates for one measure of a draft. Raises MeasureRefused."""
    _draft(entry.of_list)
    for name, value in data.columns().items():
        setattr(entry, name, value)
    entry.save()
    audit.record("burden.measure_worded", by=by, target=entry)
    return entry


@transaction.atomic
def add_entry(draft: MeasureList, *, data: EntryData, by: User) -> MeasureEntry:
    """A measure of the organisation's own. Raises MeasureRefused."""
    row = _draft(draft)
    number = Measure.objects.filter(organisation=row.organisation, code__startswith=OWN_PREFIX).count() + 1
    measure = Measure.objects.create(organisation=row.organisation, code=f"{OWN_PREFIX}{number:02d}")
    position = (row.entries.aggregate(last=Max("position"))["last"] or 0) + 1
    made = MeasureEntry.objects.create(
        of_list=row, measure=measure, position=position, origin=Origin.OWN, **data.columns()
    )
    audit.record("burden.measure_added", by=by, target=made)
    return made


@transaction.atomic
def issue_list(draft: MeasureList, *, document_number: str, by: User, on: date) -> MeasureList:
    """Everybody sees it from now on; the version before stays readable. Raises MeasureRefused."""
    row = _draft(draft)
    if not row.entries.filter(adopted=True).exists():
        raise MeasureRefused("清单里还没有采用的措施，请先勾选要采用的措施。")
    MeasureList.objects.filter(
        organisation=row.organisation_id, year=row.year, state=ListState.ISSUED
    ).update(state=ListState.REPLACED)
    row.state, row.document_number = ListState.ISSUED, document_number.strip()
    row.issued_on, row.issued_by = on, by
    row.save()
    audit.record("burden.measure_list_issued", by=by, target=row, detail={"on": on})
    return row


@transaction.atomic
def drop_draft(draft: MeasureList, *, by: User) -> None:
    """Raises MeasureRefused."""
    row = _draft(draft)
    audit.record("burden.measure_list_dropped", by=by, target=row)
    row.delete()


@transaction.atomic
def close_list(shown: MeasureList, *, note: str, by: User, on: date) -> MeasureList:
    """The year is over: no more values. Raises MeasureRefused."""
    row = _locked(shown)
    if row.state != ListState.ISSUED:
        raise MeasureRefused(f"这份清单现在是“{row.get_state_display()}”，不用收尾。")
    if on < date(row.year, CLOSING_MONTH, 1):
        raise MeasureRefused(f"{row.year} 年还没有到 12 月，年底再收尾。")
    if MeasureList.objects.filter(
        organisation=row.organisation_id, year=row.year, state=ListState.DRAFT
    ).exists():
        raise MeasureRefused("这一年还有一份没有印发的草稿，请先印发或撤回草稿。")
    row.state, row.closed_on, row.closing_note = ListState.CLOSED, on, note.strip()
    row.save()
    audit.record("burden.measure_list_closed", by=by, target=row, detail={"on": on})
    return row


def _locked(shown: MeasureList) -> MeasureList:
    return MeasureList.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=shown.pk)


def _draft(draft: MeasureList) -> MeasureList:
    """The row under its lock while it is still a draft. Raises MeasureRefused."""
    row = (
        MeasureList.objects.select_for_update(of=("self",)).select_related("organisation").filter(pk=draft.pk)
    )
    found = row.first()
    if found is None:
        raise MeasureRefused("这份草稿已经撤回。")
    if not found.is_draft:
        raise MeasureRefused("这份清单已经印发，不能再改。要改的，请另起草一版。")
    return found
