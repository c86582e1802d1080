"""Reads of the rotation: what the solver is asked, and the year as a page shows it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import Prefetch
from django.db.models.functions import Coalesce

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from errorbank.queries.board import CategoryCount, categories
from errorbank.queries.findings import inspections_of
from errorbank.rules.figures import Span
from periods.months import Month
from training.models import BranchPair, RotationAway, RotationPlan, RotationSlot, RotationVisit
from training.models.rotation import PLAN_ROTATION
from training.rules.rotation import MONTHS, Person, Question, RotationState, conflicts, needed_by_month

NEW_WITHIN_MONTHS = 12
CHECKLIST = 6
# Person to branches.
Chosen = Mapping[int, frozenset[int]]
Year = Mapping[int, Chosen]


def branches_of(plan: RotationPlan, *, on: date) -> list[Organisation]:
    return list(Organisation.objects.within(plan.organisation).branches().active(on=on).in_tree_order())


@dataclass(frozen=True)
class Limits:
    """What was entered for a plan besides the posts: pairs of branches, and months of people away."""

    pairs: list[BranchPair]
    away: list[RotationAway]

    @property
    def partners(self) -> Mapping[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for pair in self.pairs:
            found[pair.first_id].add(pair.second_id)
            found[pair.second_id].add(pair.first_id)
        return found

    @property
    def months(self) -> Mapping[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for row in self.away:
            found[row.user_id].add(row.month)
        return found


def limits_of(plan: RotationPlan) -> Limits:
    """Two statements."""
    pairs = pairs_of(plan.organisation).select_related("first", "second")
    away = plan.away.select_related("user")
    return Limits(
        list(pairs.order_by("first__code", "second__code")), list(away.order_by("month", "user__name", "pk"))
    )


def pairs_of(place: Organisation) -> "models.QuerySet[BranchPair]":
    """Pairs with both branches at or below `place`."""
    return BranchPair.objects.among(Organisation.objects.within(place))


def people_of_plan(plan: RotationPlan, limits: Limits | None = None, *, on: date) -> list[Person]:
    """The workers of the branches: own and paired branches closed, leave, years before. Four statements.

    Who stopped working for a branch keeps the months gone, and goes no more.
    """
    places = Organisation.objects.within(plan.organisation).branches().active(on=on)
    posts = Post.objects.at(on).filter(organisation__in=places, role=Role.WORKER)
    active = User.objects.filter(is_active=True)
    held = posts.annotate(holder=Coalesce("user", "member__user")).filter(holder__in=active)
    own: dict[int, set[int]] = defaultdict(set)
    begun: dict[int, date] = {}
    for place, key, since in held.values_list("organisation", "holder", "since"):
        own[key].add(place)
        begun[key] = min(since, begun.get(key, since))
    limits = limits or limits_of(plan)
    turns, partners, away = _turns_before(plan), limits.partners, limits.months
    return [
        Person(
            key=key,
            closed=frozenset(own[key]).union(*(partners[place] for place in own[key])),
            away=frozenset(away[key]),
            unwelcome=frozenset(plan.busy),
            experienced=begun[key] < date(plan.year - 1, NEW_WITHIN_MONTHS, 1),
            turns=turns.get(key, 0),
        )
        for key in sorted(own)
    ]


def _turns_before(plan: RotationPlan) -> dict[int, int]:
    """How often each went the year before."""
    rows = RotationSlot.objects.filter(
        plan__organisation=plan.organisation_id,
        plan__year=plan.year - 1,
        plan__state=RotationState.PUBLISHED,
    ).values_list("user", flat=True)
    found: dict[int, int] = defaultdict(int)
    for user in rows:
        found[user] += 1
    return found


def year_of(plan: RotationPlan) -> dict[int, dict[int, frozenset[int]]]:
    """Month to person to branches, as it stands. Two statements."""
    seen: dict[int, set[int]] = defaultdict(set)
    visits = RotationVisit.objects.filter(slot__plan=plan).values_list("slot", "organisation")
    for slot, place in visits:
        seen[slot].add(place)
    found: dict[int, dict[int, frozenset[int]]] = {month: {} for month in range(1, 13)}
    slots = RotationSlot.objects.filter(plan=plan).order_by("pk")
    for pk, month, user in slots.values_list("pk", "month", "user"):
        found[month][user] = frozenset(seen[pk])
    return found


def question_of(
    plan: RotationPlan, year: Year, people: Sequence[Person] | None = None, *, on: date
) -> Question:
    """What is asked of the solver; months begun stay as they are. `people`: where they were read already."""
    standing = {month: frozenset(chosen) for month, chosen in year.items()}
    has_any = any(standing.values())
    gone = {m: keys for m, keys in standing.items() if has_any and (plan.year, m) <= (on.year, on.month)}
    return Question(
        people=people_of_plan(plan, on=on) if people is None else people,
        branches=[branch.pk for branch in branches_of(plan, on=on)],
        needed=needed_by_month(plan.per_month, frozenset(plan.busy)),
        fixed=gone,
        before=standing if has_any else {},
        visits={(m, key): seen for m, chosen in year.items() for key, seen in chosen.items()},
    )


@dataclass(frozen=True)
class MonthRow:
    month: int
    slots: list[RotationSlot]
    warnings: list[str]
    is_now: bool
    is_gone: bool
    may_edit: bool


@dataclass(frozen=True)
class PlanPage:
    """`limits`: for who plans alone."""

    plan: RotationPlan
    months: list[MonthRow]
    may_plan: bool
    limits: Limits

    @property
    def coming(self) -> list[MonthRow]:
        """This month and those after it."""
        return [row for row in self.months if not row.is_gone]

    @property
    def gone(self) -> list[MonthRow]:
        return [row for row in self.months if row.is_gone]


def plan_page(plan: RotationPlan, *, may_plan: bool, on: date) -> PlanPage:
    """The year; what does not fit is worked out for who plans alone."""
    visits = Prefetch("visits", RotationVisit.objects.select_related("organisation").order_by("pk"))
    rows = list(plan.slots.select_related("user", "plan").prefetch_related(visits))
    limits = limits_of(plan) if may_plan else Limits([], [])
    warnings = _warnings(plan, rows, limits, on) if may_plan else {}
    by_month: dict[int, list[RotationSlot]] = defaultdict(list)
    for slot in sorted(rows, key=lambda slot: slot.pk):
        by_month[slot.month].append(slot)
    now = (on.year, on.month)
    months = [
        MonthRow(
            month,
            by_month[month],
            warnings.get(month, []),
            (plan.year, month) == now,
            (plan.year, month) < now,
            may_plan and (plan.year, month) > now,
        )
        for month in MONTHS
    ]
    return PlanPage(plan, months, may_plan, limits)


def conflicts_of(
    plan: RotationPlan, month: int, chosen: Chosen, people: Sequence[Person], *, on: date
) -> list[str]:
    """What would not fit if these went in that month, in words; nothing is written. Four statements."""
    year: dict[int, Mapping[int, frozenset[int]]] = {**year_of(plan), month: chosen}
    asked = question_of(plan, year, people, on=on)
    names = dict(
        User.objects.filter(pk__in={key for m in year.values() for key in m}).values_list("pk", "name")
    )
    found = conflicts(year, asked, names)
    beside = [line for line in found.get(month - 1, []) if "连续" in line]
    return [*found.get(month, []), *beside]


def _warnings(plan: RotationPlan, rows: list[RotationSlot], limits: Limits, on: date) -> dict[int, list[str]]:
    year: dict[int, dict[int, frozenset[int]]] = {month: {} for month in MONTHS}
    for slot in rows:
        year[slot.month][slot.user_id] = frozenset(visit.organisation_id for visit in slot.visits.all())
    asked = question_of(plan, year, people_of_plan(plan, limits, on=on), on=on)
    names = {slot.user_id: slot.user.name for slot in rows}
    found = conflicts(year, asked, names)
    if plan.year == on.year:
        there = {person.key for person in asked.people}
        gone = [names[key] for key in year[on.month] if key not in there]
        found[on.month] = [f"{name}已不在下属支部任职，查看权限已收回。" for name in gone] + found.get(
            on.month, []
        )
    return found


@dataclass(frozen=True)
class TurnPage:
    """`checklist`: what was found most in the branches around in the last twelve months, the usual first."""

    slot: RotationSlot
    branches: list[Organisation]
    checklist: list[CategoryCount]
    may_hand_in: bool
    may_sign: bool
    may_open: bool


def turn_page(slot: RotationSlot, user: User, *, on: date) -> TurnPage:
    around = Organisation.objects.within(slot.plan.organisation)
    counted = categories(around, Span.of(Month.of(on), on=on))
    runs = RotationPlan.objects.permitted_to(user, PLAN_ROTATION, on=on).filter(pk=slot.plan_id)
    mine = slot.user_id == user.pk
    return TurnPage(
        slot=slot,
        branches=[visit.organisation for visit in slot.visits.select_related("organisation").order_by("pk")],
        checklist=sorted(counted, key=lambda row: -row.found)[:CHECKLIST],
        may_hand_in=mine
        and slot.plan.is_published
        and not slot.inspection_id
        and slot.since <= on <= slot.until,
        may_sign=bool(slot.inspection_id and not slot.signed_on and not mine and runs.exists()),
        may_open=bool(slot.inspection_id)
        and inspections_of(user, on=on).filter(pk=slot.inspection_id or 0).exists(),
    )
