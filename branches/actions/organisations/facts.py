"""Plain facts of one organisation: name, place, covered units, busy seasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.events import mark_wrong, record_fact, refuse_out_of_order
from branches.actions.facts import mark_changed
from branches.actions.once import refused_when_taken
from branches.actions.organisations.refusals import (
    code_taken,
    known_fields,
    locked,
    refuse_approval,
    refuse_code,
)
from branches.models import BusySeason, CoveredUnit, Organisation
from branches.rules import OrganisationEventKind, Refusal


@dataclass(frozen=True)
class SeasonData:
    """One busy season; `starts` and `ends` are “MM-DD”."""

    name: str
    starts: str
    ends: str


@transaction.atomic
def edit_organisation(
    organisation: Organisation,
    *,
    fields: dict[str, Any],
    units: Iterable[str],
    seasons: Iterable["SeasonData"],
    on: date,
    by: User | None,
    renamed_on: date | None = None,
    document: str = "",
) -> Organisation:
    """Everything the edit page holds, all or none. Raises CodeTaken, Refusal."""
    set_units(organisation, names=units, on=on, by=by)
    set_busy_seasons(organisation, seasons=seasons, by=by)
    return update_organisation(organisation, by=by, renamed_on=renamed_on, document=document, **fields)


@transaction.atomic
def update_organisation(
    organisation: Organisation,
    *,
    by: User | None,
    renamed_on: date | None = None,
    document: str = "",
    **fields: Any,
) -> Organisation:
    """Change plain facts (see EDITABLE); nothing is written when nothing differs.

    A new name with `renamed_on` is a dated fact: before that day the old name holds. Without it the
    wording was wrong all along. Raises CodeTaken, Refusal.
    """
    row = locked(organisation)
    changed = {name: value for name, value in known_fields(fields).items() if getattr(row, name) != value}
    if changed:
        refuse_code(changed.get("code"))
        refuse_approval(row.kind, changed)
        before = {name: getattr(row, name) for name in changed}
        with refused_when_taken(code_taken(changed.get("code", row.code))):
            Organisation.objects.filter(pk=row.pk).update(**changed, facts_changed=True)
        _record_changes(row, changed, by=by, renamed_on=renamed_on, document=document)
        audit.record(
            "branches.organisation_changed", by=by, target=row, detail={"before": before, "after": changed}
        )
    organisation.refresh_from_db()
    return organisation


def _record_changes(
    row: Organisation, changed: dict[str, Any], *, by: User | None, renamed_on: date | None, document: str
) -> None:
    """The dated facts among the changed fields; `row` still holds the old values."""
    if "established_on" in changed:
        _set_established(row, changed["established_on"], by=by)
    if "name" not in changed:
        return
    renamed = row.events.standing().filter(kind=OrganisationEventKind.RENAMED)
    if renamed_on:
        refuse_out_of_order(row, OrganisationEventKind.RENAMED, on=renamed_on)
        names = {"before": row.name, "after": changed["name"]}
        record_fact(row, OrganisationEventKind.RENAMED, on=renamed_on, by=by, document=document, **names)
    elif last := renamed.order_by("-on").first():
        mark_wrong(last, reason="改正名称中的错字", by=by)
        names = {"before": last.before, "after": changed["name"]}
        record_fact(row, OrganisationEventKind.RENAMED, on=last.on, by=by, document=last.document, **names)


def _set_established(row: Organisation, on: date | None, *, by: User | None) -> None:
    known = row.events.standing().filter(kind=OrganisationEventKind.SET_UP).first()
    if known:
        mark_wrong(known, reason="修改资料时改正成立日期", by=by)
    if on:
        document = known.document if known else ""
        record_fact(row, OrganisationEventKind.SET_UP, on=on, by=by, document=document)


@transaction.atomic
def set_units(organisation: Organisation, *, names: Iterable[str], on: date, by: User | None) -> None:
    """Make these the units the organisation covers from that day on; others end on it.

    Units that join are a dated fact each, units that leave too. The units the organisation had from the
    beginning, entered when nothing was known yet, join with the day of entering.
    """
    row = locked(organisation)
    wanted = list(dict.fromkeys(filter(None, (name.strip() for name in names))))
    current = row.units.filter(until=None)
    known = set(current.values_list("name", flat=True))
    if set(wanted) == known:
        return
    current.exclude(name__in=wanted).update(until=on)
    CoveredUnit.objects.bulk_create(
        CoveredUnit(organisation=row, name=name, since=on) for name in wanted if name not in known
    )
    for name in sorted(known - set(wanted)):
        record_fact(row, OrganisationEventKind.UNIT_LEFT, on=on, by=by, before=name)
    for name in wanted:
        if name not in known:
            record_fact(row, OrganisationEventKind.UNIT_JOINED, on=on, by=by, after=name)
    mark_changed([row])
    audit.record("branches.units_set", by=by, target=row, detail={"before": sorted(known), "after": wanted})


@transaction.atomic
def set_busy_seasons(organisation: Organisation, *, seasons: Iterable[SeasonData], by: User | None) -> None:
    """Make these the organisation's busy seasons. Raises Refusal when a name comes twice."""
    row = locked(organisation)
    wanted = list(seasons)
    if len({season.name for season in wanted}) < len(wanted):
        raise Refusal("农忙时段的名称重复了，请分别起名。")
    known = {SeasonData(s.name, s.starts, s.ends) for s in row.busy_seasons.all()}
    if set(wanted) == known:
        return
    row.busy_seasons.all().delete()
    BusySeason.objects.bulk_create(
        BusySeason(organisation=row, name=s.name, starts=s.starts, ends=s.ends) for s in wanted
    )
    # The seasons of an organisation hold for everything below it.
    mark_changed(Organisation.objects.within(row))
    audit.record("branches.busy_seasons_set", by=by, target=row, detail={"seasons": [s.name for s in wanted]})
