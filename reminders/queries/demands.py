"""The register (要求登记): what is regularly asked of branches, here and elsewhere, with its minutes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from branches.models import Organisation
from branches.models.organisation import PATH_END
from branches.rules.basis import TO_VERIFY
from periods.rules import rule_label
from reminders.demand_rules import (
    DemandKind,
    DemandSource,
    Nature,
    action_demand,
    minutes_a_month,
    nature_of,
)
from reminders.frequency import yearly_times
from reminders.models import ActionVersion, OutsideDemand
from reminders.models.demand import OutsideDemandQuerySet
from reminders.queries.catalogue import CatalogueRow, catalogue_rows, line_paths
from reminders.queries.summaries import asker_of, sender_asks
from reminders.rules import ConditionCode
from reminders.wording import basis_line


@dataclass(frozen=True)
class DemandLine:
    """One demand on one branch. `minutes` once, `minutes_a_month` spread over the year.

    ref: the action's code, or the key of the task or of the outside demand.
    place: whom it is asked of; owner: key of the organisation that asks and may end it, None for central
    rules and for askers outside the tree.
    times_a_year: None where events decide, or where it is asked once.
    everybody: asked of every branch of the place, and not of some.
    """

    source: DemandSource
    ref: str
    name: str
    asker: str
    kind: DemandKind
    nature: Nature
    frequency: str
    times_a_year: Decimal | None
    minutes: int
    minutes_a_month: Decimal
    basis: str
    verified: bool
    place: str
    owner: int | None = None
    everybody: bool = True

    @property
    def key(self) -> str:
        return f"{self.source.value}:{self.ref}"

    @property
    def basis_words(self) -> str:
        if not self.basis:
            return "没有写明依据"
        return self.basis if self.verified else self.basis + TO_VERIFY


def register(
    place: Organisation, *, on: date, rows: Iterable[CatalogueRow] | None = None
) -> list[DemandLine]:
    """Everything asked on that day of the branches at and below the place. Four statements.

    `rows`: the catalogue of the place, where the caller has read it already; then two.
    """
    catalogue = catalogue_rows(place, on=on) if rows is None else rows
    return [*_from_catalogue(catalogue, place), *_from_tasks(place, on), *_from_outside(place, on)]


def reaching(place: Organisation) -> OutsideDemandQuerySet:
    """Outside demands on this organisation, on those above it, and on those below it."""
    above = OutsideDemand.objects.filter(organisation__path__in=line_paths(place))
    below = OutsideDemand.objects.filter(
        organisation__path__gt=place.path, organisation__path__lt=place.path + PATH_END
    )
    return above | below


def _from_catalogue(rows: Iterable[CatalogueRow], place: Organisation) -> Iterator[DemandLine]:
    for row in rows:
        if row.is_adopted and ConditionCode.GENERAL_BRANCH not in row.version.applies_when:
            yield action_line(row, place)


def action_line(row: CatalogueRow, place: Organisation) -> DemandLine:
    version, owner = row.version, row.action.organisation_id
    kind, nature = action_demand(row.action.kind, version.category, version.burden_candidate)
    yearly = yearly_times(version.due_rule)
    times = None if yearly is None else Decimal(yearly)
    asker_kind = version.organisation.kind if owner and version.organisation else None
    return DemandLine(
        source=DemandSource.ACTION,
        ref=row.action.code,
        name=version.name,
        asker=asker_of(row.action.kind, asker_kind, version.basis_level),
        kind=kind,
        nature=nature,
        frequency=row.rule_words.partition("，")[0],
        times_a_year=times,
        minutes=version.minutes,
        minutes_a_month=minutes_a_month(version.minutes, times) if times else Decimal(0),
        basis=row.basis_words,
        verified=version.is_verified,
        place=place.name,
        owner=owner,
    )


def _from_tasks(place: Organisation, on: date) -> Iterator[DemandLine]:
    """Standing tasks whose window has not ended, sent to somebody here."""
    sent = ActionVersion.objects.filter(
        action__special_task__withdrawn_at=None,
        action__special_task__targets__path__gte=place.path,
        action__special_task__targets__path__lt=place.path + PATH_END,
        due_rule__end__gte=on.isoformat(),
    )
    related = sent.select_related("action__special_task", "action__organisation")
    for version in related.order_by("pk").distinct():
        yield task_line(version, place)


def task_line(version: ActionVersion, at: Organisation) -> DemandLine:
    task, sender = version.action.special_task, version.action.organisation
    kind = DemandKind(task.demand_kind)
    return DemandLine(
        source=DemandSource.TASK,
        ref=str(task.pk),
        name=version.name,
        asker=sender_asks(sender.kind if sender else None),
        kind=kind,
        nature=nature_of(kind),
        frequency="一次，" + rule_label(version.due_rule).removesuffix("，一次性"),
        times_a_year=None,
        minutes=version.minutes,
        minutes_a_month=Decimal(version.minutes),
        basis=basis_line(version.legal_basis),
        verified=version.is_verified,
        place=sender.name if sender else "",
        owner=sender.pk if sender else None,
        everybody=at.is_branch,
    )


def _from_outside(place: Organisation, on: date) -> list[DemandLine]:
    found = reaching(place).at(on).select_related("organisation").order_by("asker", "name", "pk")
    return outside_lines(found, place)


def outside_lines(demands: Iterable[OutsideDemand], place: Organisation) -> list[DemandLine]:
    return [
        DemandLine(
            source=DemandSource.OUTSIDE,
            ref=str(demand.pk),
            name=demand.name,
            asker=demand.asker,
            kind=DemandKind(demand.kind),
            nature=Nature(demand.nature),
            frequency=demand.frequency,
            times_a_year=demand.times_a_year,
            minutes=demand.minutes,
            minutes_a_month=demand.minutes_a_month,
            basis=demand.basis,
            verified=demand.verified,
            place=demand.organisation.name,
            owner=demand.organisation_id if demand.own else None,
            everybody=place.path.startswith(demand.organisation.path),
        )
        for demand in demands
    ]


def replaceable(lines: Iterable[DemandLine], place: Organisation) -> list[DemandLine]:
    """What this organisation asks itself and may end: never what a central rule or somebody else asks."""
    return [line for line in lines if line.owner == place.pk]


_EFFECTS = {
    DemandSource.ACTION: "从今天起停用，今后的清单不再列入",
    DemandSource.TASK: "随即撤回，还没有办的支部不用再办，已经办完的保留",
    DemandSource.OUTSIDE: "今天是最后一天，从明天起不再要求",
}


def effect_words(line: DemandLine) -> str:
    """What becomes of it when something else replaces it."""
    return _EFFECTS[line.source]
