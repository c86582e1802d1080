"""Reads of the rotation: what the solver is asked, and the year as a page shows it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from errorbank.queries.board import CategoryCount, categories
from errorbank.rules.figures import Span
from periods.months import Month
from training.models import RotationAway, RotationPlan, RotationSlot, RotationVisit
from training.models.rotation import PLAN_ROTATION
from training.rules.rotation import Person, Question, RotationState, conflicts, needed_by_month

NEW_WITHIN_MONTHS = 12
CHECKLIST = 6
Year = Mapping[int, Mapping[int, frozenset[int]]]


def branches_of(plan: RotationPlan, *, on: date) -> list[Organisation]:
    return list(Organisation.objects.within(plan.organisation).branches().active(on=on).in_tree_order())


def people_of_plan(plan: RotationPlan, *, on: date) -> list[Person]:
    """The workers of the branches: own branches closed, leave, years before. Four statements at most."""
    places = Organisation.objects.within(plan.organisation).branches().active(on=on)
    posts = Post.objects.at(on).filter(organisation__in=places, role=Role.WORKER)
    own: dict[int, set[int]] = defaultdict(set)
    begun: dict[int, date] = {}
    for place, user, other, since in posts.values_list("organisation", "user", "member__user", "since"):
        if key := user or other:
            own[key].add(place)
            begun[key] = min(since, begun.get(key, since))
    # Who stopped working for a branch keeps the months gone, and goes no more.
    active = User.objects.filter(pk__in=own, is_active=True).values_list("pk", flat=True)
    away: dict[int, set[int]] = defaultdict(set)
    for user, month in RotationAway.objects.filter(plan=plan).values_list("user", "month"):
        away[user].add(month)
    turns = _turns_before(plan)
    return [
        Person(
            key=key,
            closed=frozenset(own[key]),
            away=frozenset(away[key]),
            unwelcome=frozenset(plan.busy),
            experienced=begun[key] < date(plan.year - 1, NEW_WITHIN_MONTHS, 1),
            turns=turns.get(key, 0),
        )
        for key in sorted(active)
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
    for pk, month, user in RotationSlot.objects.filter(plan=plan).values_list("pk", "month", "user"):
        found[month][user] = frozenset(seen[pk])
    return found


def question_of(plan: RotationPlan, year: Year, *, on: date) -> Question:
    """What is asked of the solver; months begun stay as they are."""
    standing = {month: frozenset(chosen) for month, chosen in year.items()}
    has_any = any(standing.values())
    gone = {m: keys for m, keys in standing.items() if has_any and (plan.year, m) <= (on.year, on.month)}
    return Question(
        people=people_of_plan(plan, on=on),
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


@dataclass(frozen=True)
class PlanPage:
    plan: RotationPlan
    months: list[MonthRow]
    may_plan: bool


def plan_page(plan: RotationPlan, *, may_plan: bool, on: date) -> PlanPage:
    """The year; what does not fit is worked out for who plans alone."""
    rows = list(plan.slots.select_related("user", "plan").prefetch_related("visits__organisation"))
    warnings = _warnings(plan, rows, on) if may_plan else {}
    by_month: dict[int, list[RotationSlot]] = defaultdict(list)
    for slot in sorted(rows, key=lambda slot: slot.pk):
        by_month[slot.month].append(slot)
    now = (on.year, on.month)
    months = [
        MonthRow(month, by_month[month], warnings.get(month, []), (plan.year, month) == now)
        for month in range(1, 13)
    ]
    return PlanPage(plan, months, may_plan)


def _warnings(plan: RotationPlan, rows: list[RotationSlot], on: date) -> dict[int, list[str]]:
    year: dict[int, dict[int, frozenset[int]]] = {month: {} for month in range(1, 13)}
    for slot in rows:
        year[slot.month][slot.user_id] = frozenset(visit.organisation_id for visit in slot.visits.all())
    asked = question_of(plan, year, on=on)
    open_months = {m: chosen for m, chosen in year.items() if m not in asked.fixed}
    return conflicts(open_months, asked, {slot.user_id: slot.user.name for slot in rows})


@dataclass(frozen=True)
class TurnPage:
    """`checklist`: what was found most in the branches around in the last twelve months, the usual first."""

    slot: RotationSlot
    branches: list[Organisation]
    checklist: list[CategoryCount]
    may_hand_in: bool
    may_sign: bool


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
    )
