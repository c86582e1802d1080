"""Writes on the organisation tree and on the facts of one organisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.actions.once import refused_when_taken
from branches.actions.posts import is_last_administrator
from branches.models import BusySeason, CoveredUnit, Membership, Organisation, Post
from branches.models.organisation import new_key
from branches.queries.tree import next_codes
from branches.rules import CHILD_KINDS, DEEPEST_LEVEL, ROOT_KINDS, OrganisationKind, Refusal

EDITABLE = frozenset(
    {"code", "name", "industry_line", "latitude", "longitude", "party_day", "established_on"}
)


class CodeTaken(Refusal):
    """Another organisation has this code."""


class NameTaken(Refusal):
    """An active organisation of this name stands there already."""


class WrongPlace(Refusal):
    """This kind of organisation cannot stand there in the tree."""


class StillInUse(Refusal):
    """The organisation has members or lower organisations."""


class AlreadyDissolved(Refusal):
    """The organisation was dissolved before."""


@dataclass(frozen=True)
class SeasonData:
    """One busy season; `starts` and `ends` are “MM-DD”."""

    name: str
    starts: str
    ends: str


@transaction.atomic
def add_organisation(
    *, code: str, name: str, kind: str, parent: Organisation | None, by: User | None, **fields: Any
) -> Organisation:
    """Add one node below `parent` (None: a root). Raises CodeTaken, NameTaken, WrongPlace."""
    _lock_roots()
    above = _locked(parent) if parent else None
    _refuse_place(kind, above)
    _refuse_code(code)
    _refuse_name(name, above)
    made = Organisation(code=code, name=name, kind=kind, parent=above, key=new_key(), **_known(fields))
    made.path = (above.path if above else "") + made.key + "/"
    made.level = above.level + 1 if above else 0
    with refused_when_taken(_code_taken(code)):
        made.save(force_insert=True)
    audit.record("branches.organisation_added", by=by, target=made, detail={"code": code, "kind": kind})
    return made


@transaction.atomic
def add_organisations(
    *, names: Iterable[str], kind: str, parent: Organisation | None, by: User | None
) -> list[Organisation]:
    """Add several nodes below `parent`, with the next free codes; all or none.

    Raises NameTaken, WrongPlace.
    """
    wanted = list(names)
    codes = next_codes(kind, len(wanted))
    return [
        add_organisation(code=code, name=name, kind=kind, parent=parent, by=by)
        for code, name in zip(codes, wanted, strict=True)
    ]


@transaction.atomic
def edit_organisation(
    organisation: Organisation,
    *,
    fields: dict[str, Any],
    units: Iterable[str],
    seasons: Iterable["SeasonData"],
    on: date,
    by: User | None,
) -> Organisation:
    """Everything the edit page holds, all or none. Raises CodeTaken, Refusal."""
    set_units(organisation, names=units, on=on, by=by)
    set_busy_seasons(organisation, seasons=seasons, by=by)
    return update_organisation(organisation, by=by, **fields)


@transaction.atomic
def update_organisation(organisation: Organisation, *, by: User | None, **fields: Any) -> Organisation:
    """Change plain facts (see EDITABLE); nothing is written when nothing differs. Raises CodeTaken."""
    row = _locked(organisation)
    changed = {name: value for name, value in _known(fields).items() if getattr(row, name) != value}
    if changed:
        _refuse_code(changed.get("code"))
        before = {name: getattr(row, name) for name in changed}
        with refused_when_taken(_code_taken(changed.get("code", row.code))):
            Organisation.objects.filter(pk=row.pk).update(**changed, facts_changed=True)
        audit.record(
            "branches.organisation_changed", by=by, target=row, detail={"before": before, "after": changed}
        )
    organisation.refresh_from_db()
    return organisation


@transaction.atomic
def move_organisation(
    organisation: Organisation, *, parent: Organisation | None, by: User | None
) -> Organisation:
    """Hang the organisation and everything below it under another one. Raises WrongPlace."""
    _lock_roots()
    row = _locked(organisation)
    above = _locked(parent) if parent else None
    if above and above.path.startswith(row.path):
        raise WrongPlace(f"“{row.name}”不能移到它自己或它的下级组织之下，请另选上级组织。")
    _refuse_place(row.kind, above, height=_height(row))
    if row.parent_id != (above.pk if above else None):
        _move(row, above)
        detail = {"from": row.parent_id, "to": above.pk if above else None}
        audit.record("branches.organisation_moved", by=by, target=row, detail=detail)
    organisation.refresh_from_db()
    return organisation


def _move(row: Organisation, above: Organisation | None) -> None:
    prefix = (above.path if above else "") + row.key + "/"
    level = above.level + 1 if above else 0
    # One statement: the tree is never seen with half of a subtree moved.
    Organisation.objects.within(row).update(
        path=Concat(Value(prefix), Substr("path", len(row.path) + 1)),
        level=F("level") + (level - row.level),
        facts_changed=True,
    )
    Organisation.objects.filter(pk=row.pk).update(parent=above)
    mark_changed([row.parent_id, above])


@transaction.atomic
def dissolve_organisation(
    organisation: Organisation, *, on: date, by: User | None, reason: str
) -> Organisation:
    """Close the organisation from that day on; its posts and groups end.

    Raises StillInUse (members, lower organisations), AlreadyDissolved, Refusal.
    """
    row = _locked(organisation)
    _refuse_dissolving(row, on, reason)
    ending = Q(until=None) | Q(until__gt=on)
    row.posts.filter(ending).update(until=on)
    row.party_groups.filter(ending).update(until=on)
    Organisation.objects.filter(pk=row.pk).update(dissolved_on=on, facts_changed=True)
    mark_changed([row.parent_id])
    audit.record("branches.organisation_dissolved", by=by, target=row, detail={"on": on, "reason": reason})
    organisation.refresh_from_db()
    return organisation


def _refuse_dissolving(row: Organisation, on: date, reason: str) -> None:
    if row.dissolved_on:
        raise AlreadyDissolved(f"“{row.name}”已于 {row.dissolved_on:%Y-%m-%d} 撤销。")
    if not reason.strip():
        raise Refusal("请填写撤销的依据或原因。")
    if row.established_on and on <= row.established_on:
        raise Refusal(f"撤销日期须晚于成立日期 {row.established_on:%Y-%m-%d}。")
    left = Membership.objects.filter(Q(until=None) | Q(until__gt=on), organisation=row)
    if people := left.values("member").distinct().count():
        raise StillInUse(f"“{row.name}”还有 {people} 人，请先办理组织关系转出，再撤销。")
    if below := row.children.filter(dissolved_on=None).count():
        raise StillInUse(f"“{row.name}”还有 {below} 个下级组织，请先移走或撤销下级组织。")
    if is_last_administrator(row.posts.not_ended(on).select_related("organisation"), after=on):
        raise StillInUse(f"“{row.name}”有最后一位系统管理员，请先为另一人登记系统管理员任职。")
    if Post.objects.filter(organisation=row, since__gt=on).exists():
        raise StillInUse(f"“{row.name}”有在撤销日期之后开始的任职，请先核对任职日期。")


@transaction.atomic
def set_units(organisation: Organisation, *, names: Iterable[str], on: date, by: User | None) -> None:
    """Make these the units the organisation covers from that day on; others end on it."""
    row = _locked(organisation)
    wanted = list(dict.fromkeys(filter(None, (name.strip() for name in names))))
    current = row.units.filter(until=None)
    known = set(current.values_list("name", flat=True))
    if set(wanted) == known:
        return
    current.exclude(name__in=wanted).update(until=on)
    CoveredUnit.objects.bulk_create(
        CoveredUnit(organisation=row, name=name, since=on) for name in wanted if name not in known
    )
    mark_changed([row])
    audit.record("branches.units_set", by=by, target=row, detail={"before": sorted(known), "after": wanted})


@transaction.atomic
def set_busy_seasons(organisation: Organisation, *, seasons: Iterable[SeasonData], by: User | None) -> None:
    """Make these the organisation's busy seasons. Raises Refusal when a name comes twice."""
    row = _locked(organisation)
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


def _locked(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


def _lock_roots() -> None:
    """Let one change of the tree happen at a time.

    Two crossing moves would make a circle; a node added below a moving one would keep the old path.
    """
    list(Organisation.objects.select_for_update().filter(level=0).order_by("pk"))


def _height(row: Organisation) -> int:
    deepest = Organisation.objects.within(row).order_by("-level").values_list("level", flat=True)[0]
    return deepest - row.level


def _refuse_place(kind: str, above: Organisation | None, *, height: int = 0) -> None:
    label = OrganisationKind(kind).label
    if above is None:
        if kind not in ROOT_KINDS:
            raise WrongPlace(f"{label}须有上级组织，请选择上级组织。")
        return
    if above.dissolved_on:
        raise WrongPlace(f"上级组织“{above.name}”已撤销，请另选上级组织。")
    if kind not in CHILD_KINDS[above.kind]:
        raise WrongPlace(f"{label}不能设在{above.get_kind_display()}“{above.name}”之下，请另选上级组织。")
    if above.level + 1 + height > DEEPEST_LEVEL:
        raise WrongPlace("组织层级过深，请另选上级组织。")


def _refuse_code(code: str | None) -> None:
    if code is not None and Organisation.objects.filter(code=code).exists():
        raise _code_taken(code)


def _code_taken(code: str) -> CodeTaken:
    return CodeTaken(f"编号“{code}”已被其他组织使用，请换一个编号。")


def _refuse_name(name: str, above: Organisation | None) -> None:
    """A second submit of the same form finds its own work here."""
    if Organisation.objects.filter(parent=above, name=name, dissolved_on=None).exists():
        where = f"“{above.name}”之下" if above else "最上级"
        raise NameTaken(f"{where}已有“{name}”，如确需同名，请先为其中一个改名。")


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - EDITABLE:
        raise TypeError(f"Not editable here: {', '.join(sorted(unknown))}.")
    return fields
