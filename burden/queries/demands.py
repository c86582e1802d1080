"""The register as a page shows it: its lines with where each leads, who asks, and what waits for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse

from burden.queries.demand_scope import DemandScope
from burden.rules.demands import RegisterAsked
from reminders.demand_rules import DemandSource, Nature
from reminders.models import OutsideDemand
from reminders.queries.demands import DemandLine, reaching, register

EARLIER = 3


@dataclass(frozen=True)
class RegisterPage:
    """`lines`: what answers the filter; minutes are those every branch spends in a month on average."""

    lines: Sequence[DemandLine]
    total: int
    askers: Sequence[str]
    waiting: Sequence[OutsideDemand]

    @property
    def minutes(self) -> Decimal:
        return sum((line.minutes_a_month for line in self._shared), Decimal(0))

    @property
    def formality(self) -> Decimal:
        formal = (line for line in self._shared if line.nature is Nature.FORMALITY)
        return sum((line.minutes_a_month for line in formal), Decimal(0))

    @property
    def _shared(self) -> list[DemandLine]:
        """What is asked of some branches only is no part of what each of them spends."""
        return [line for line in self.lines if line.everybody]

    @property
    def without_basis(self) -> int:
        return sum(not line.basis for line in self.lines)


def register_page(scope: DemandScope, asked: RegisterAsked, *, on: date) -> RegisterPage:
    """Five statements. The most minutes stand first."""
    lines = register(scope.place, on=on)
    found = [line for line in lines if asked.answers(line)]
    waiting = reaching(scope.place).proposed().select_related("organisation", "made_by")
    return RegisterPage(
        lines=sorted(found, key=lambda line: (-line.minutes_a_month, line.name)),
        total=len(lines),
        askers=sorted({line.asker for line in lines}),
        waiting=list(waiting.order_by("pk")),
    )


def address_of(source: DemandSource, ref: str) -> str:
    """Where the demand itself is described."""
    if source is DemandSource.ACTION:
        return reverse("reminders:action_detail", args=[ref])
    if source is DemandSource.TASK:
        return reverse("reminders:task_item", args=[ref])
    return reverse("burden:demand_detail", args=[ref])


def chain_of(demand: OutsideDemand) -> list[OutsideDemand]:
    """What it followed, the latest first; the last few, each read by itself."""
    found: list[OutsideDemand] = []
    earlier = demand.follows
    while earlier is not None and len(found) < EARLIER:
        found.append(earlier)
        earlier = earlier.follows
    return found
