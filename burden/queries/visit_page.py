"""One visit as its readers see it: office people whole, a visited branch what concerns the branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from branches.models import Organisation
from burden.models import PlannedVisit, VisitRevision
from burden.models.visits import FILE_VISIT, VIEW_VISIT
from burden.queries.visit_warnings import Material, covering, materials_of
from burden.queries.visits import inspections_for
from errorbank.models import Inspection
from ledgers.registry import find_ledger
from reminders.queries.demand_lint import cost_words


@dataclass(frozen=True)
class Offer:
    """One line of what is asked. `url`: the ledger that has it for these branches; `each`: one by one."""

    material: Material
    url: str = ""
    each: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Version:
    """One version; `before`: what it changed, as (field, old words)."""

    row: VisitRevision
    before: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class VisitPage:
    visit: PlannedVisit
    targets: Sequence[Organisation]
    may_file: bool
    may_register: bool
    may_unlink: bool
    offers: Sequence[Offer]
    versions: Sequence[Version]
    merged: Sequence[PlannedVisit]
    candidates: Sequence[Inspection]

    @property
    def cost(self) -> str:
        return cost_words(self.visit.minutes, len(self.targets))

    @property
    def latest(self) -> VisitRevision | None:
        return self.versions[0].row if self.versions else None

    @property
    def known(self) -> int:
        """How many lines a branch need not report."""
        return sum(bool(offer.url) for offer in self.offers)


def visit_page(visit: PlannedVisit, user: User, *, on: date) -> VisitPage:
    places = Organisation.objects.permitted_to(user, VIEW_VISIT, on=on)
    targets = list(visit.targets.filter(pk__in=places.values("pk")).in_tree_order())
    may_file = _may(visit, user, FILE_VISIT, on)
    begun = visit.is_filed and visit.since <= on
    return VisitPage(
        visit=visit,
        targets=targets,
        may_file=may_file and visit.is_open,
        may_register=begun and may_file and _may(visit, user, "errorbank.inspect", on),
        may_unlink=may_file and visit.inspection is not None,
        offers=_offers(visit, targets, user, on),
        versions=_versions(visit) if may_file else (),
        merged=list(visit.merged_from.in_order()),
        candidates=inspections_for(visit) if may_file and visit.is_filed else (),
    )


def _may(visit: PlannedVisit, user: User, permission: str, on: date) -> bool:
    return (
        Organisation.objects.permitted_to(user, permission, on=on).filter(pk=visit.organisation_id).exists()
    )


def offices_of(user: User, *, on: date) -> QuerySet[Organisation]:
    """Where this person may file: organisations above the branches."""
    places = Organisation.objects.permitted_to(user, FILE_VISIT, on=on).active(on=on)
    return places.exclude(pk__in=places.branches()).in_tree_order()


def _versions(visit: PlannedVisit) -> list[Version]:
    """The latest first, each with the words it replaced."""
    rows = list(visit.revisions.select_related("by").order_by("number"))
    older: list[Mapping[str, str]] = [{}, *(row.said for row in rows)]
    found = []
    for row, old in zip(rows, older, strict=False):
        before = [(name, words) for name, words in old.items() if row.said.get(name) != words]
        found.append(Version(row, before))
    return found[::-1]


def _offers(visit: PlannedVisit, targets: Sequence[Organisation], user: User, on: date) -> list[Offer]:
    """Each line with the ledger that has it, where the reader may open that ledger."""
    found = materials_of(visit.material_lines)
    known = any(material.slug for material in found)
    above = covering(targets) if known else None
    period = str(min(visit.year, on.year))
    return [_offer(material, above, targets, period, user, on) for material in found]


def _offer(
    material: Material,
    above: Organisation | None,
    targets: Sequence[Organisation],
    period: str,
    user: User,
    on: date,
) -> Offer:
    if not material.slug or above is None or not find_ledger(material.slug).may_open(user, on):
        return Offer(material)
    base = reverse("ledgers:ledger_preview", args=[material.slug])
    each = [(place.name, _address(base, place, period)) for place in targets] if len(targets) > 1 else []
    return Offer(material, _address(base, above, period), each)


def _address(base: str, place: Organisation, period: str) -> str:
    return f"{base}?{urlencode({'organisation': place.code, 'period': period})}"
