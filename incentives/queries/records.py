"""The graded year of workers: what was measured of each, the coefficients, their product.

Nobody is put in an order by a number: people stand by organisation and name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from branches.models import Organisation, Post
from branches.models.post import PostQuerySet
from branches.rules import Role
from errorbank.models import Recheck
from errorbank.rules import RecheckState
from incentives.models import Appeal, BranchCondition, ContributionEntry
from incentives.queries.policies import Policies, Policy
from incentives.rules.coefficients import (
    NO_DATA,
    NOTHING,
    Factor,
    Measured,
    Result,
    hardship,
    level_factor,
    mean,
    performance,
    rate,
    result_of,
    scaled,
)
from incentives.rules.contributions import CONTRIBUTION_KINDS, WORK_KINDS
from incentives.rules.policies import CENT, PROCESS
from incentives.sources import measured
from reminders.models import ReminderItem
from reminders.rules import OPEN_STATES, ItemState

PERSON = Coalesce("responsible_post__user", "responsible_post__member__user")
FIXER = Coalesce("finding__responsible_post__user", "finding__responsible_post__member__user")
ITEMS, RECHECKS = 1, 2
COUNTED = frozenset({*OPEN_STATES, ItemState.DONE})
PER_HOUR = 60


class Remoteness(NamedTuple):
    """What is known of the branch on the last day of the record."""

    drive: int | None
    altitude: int | None
    evidence: str


@dataclass(frozen=True)
class Worker:
    """Whoever kept the Party affairs of a branch in a year; `since`: from when in that year.

    `contested`: an appeal against that year waits for its answer.
    """

    user: User
    organisation: Organisation
    since: date
    remoteness: Remoteness
    contested: bool = False


@dataclass
class Facts:
    """What was counted of one person in one year."""

    due: int = 0
    on_time: int = 0
    minutes: int = 0
    rechecked: int = 0
    passed: int = 0
    work: Decimal = Decimal(0)
    worked: int = 0
    contributed: Decimal = Decimal(0)
    contributions: int = 0
    known: dict[str, Measured] = field(default_factory=dict)


@dataclass(frozen=True)
class YearRecord:
    worker: Worker
    year: int
    until: date
    policy: Policy
    factors: Sequence[Factor]
    result: Result

    @property
    def provisional(self) -> bool:
        return self.until < date(self.year, 12, 31)


Places = Iterable[Organisation] | QuerySet[Organisation]


def workers_of(places: Places, year: int, *, on: date) -> list[Worker]:
    """Workers of these branches in that year, each once with the latest post; one statement."""
    last = last_day(year, on)
    posts = Post.objects.filter(
        Q(until=None) | Q(until__gte=date(year, 1, 1)),
        role=Role.WORKER,
        organisation__in=places,
        since__lte=last,
    )
    waiting = Appeal.objects.waiting().filter(
        year=year, user=Coalesce(OuterRef("user"), OuterRef("member__user"))
    )
    known = _with_remoteness(posts, last).annotate(contested=Exists(waiting))
    rows = known.select_related("organisation", "user", "member__user")
    found: dict[int, Worker] = {}
    for post in rows.order_by("since", "pk"):
        user = post.user or (post.member.user if post.member else None)
        if user is not None:
            found[user.pk] = _worker(post, user, year)
    return sorted(found.values(), key=lambda w: (w.organisation.level, w.organisation.code, w.user.name))


def _with_remoteness(posts: PostQuerySet, last: date) -> PostQuerySet:
    known = BranchCondition.objects.filter(organisation=OuterRef("organisation"), since__lte=last)
    latest = known.order_by("-since", "-pk")
    names = ("drive_minutes", "altitude", "evidence")
    return posts.annotate(**{name: Subquery(latest.values(name)[:1]) for name in names})


def _worker(post: Any, user: User, year: int) -> Worker:
    since = max(post.since, date(year, 1, 1))
    return Worker(user, post.organisation, since, _remoteness(post), post.contested)


def _remoteness(post: Any) -> Remoteness:
    return Remoteness(post.drive_minutes, post.altitude, post.evidence or "")


def worker_of(user: User, year: int, *, on: date) -> Worker | None:
    held = Post.objects.filter(Q(user=user) | Q(member__user=user), role=Role.WORKER)
    places = Organisation.objects.filter(pk__in=held.values("organisation"))
    return next((each for each in workers_of(places, year, on=on) if each.user.pk == user.pk), None)


def last_day(year: int, on: date) -> date:
    return min(date(year, 12, 31), on)


def year_records(
    workers: Sequence[Worker], year: int, *, on: date, policy: Policy | None = None
) -> list[YearRecord]:
    """Live from the data until that day, by the policy of the year; or as it would be under the given one."""
    until, policies = last_day(year, on), Policies.read()
    facts = _facts(workers, year, until)
    return [
        _record(
            worker,
            year,
            until,
            policy or policies.of_year(worker.organisation.path, year, until=until),
            facts,
        )
        for worker in workers
    ]


def _record(worker: Worker, year: int, until: date, policy: Policy, facts: Mapping[int, Facts]) -> YearRecord:
    factors = factors_of(worker, facts[worker.user.pk], policy, until)
    result = result_of((factor.value for factor in factors), policy.numbers)
    return YearRecord(worker, year, until, policy, factors, result)


def factors_of(worker: Worker, facts: Facts, policy: Policy, until: date) -> list[Factor]:
    numbers, level = policy.numbers, facts.known.get("level")
    parts = {
        PROCESS: _on_time(facts),
        "recheck_rate": _recheck_rate(facts),
        "satisfaction": facts.known.get("satisfaction", NOTHING),
    }
    drive, altitude = _conditions(worker.remoteness)
    return [
        level_factor(level.value if level else None, level.words if level else ""),
        performance(parts, numbers),
        scaled("complexity", _complexity(facts), numbers),
        scaled("contribution", _contribution(facts), numbers),
        hardship(drive, altitude, numbers),
        scaled("workload", _workload(facts, worker.since, until), numbers),
    ]


def _on_time(facts: Facts) -> Measured:
    words = f"应办 {facts.due} 项，按时 {facts.on_time} 项" if facts.due else NO_DATA
    return Measured(rate(facts.on_time, facts.due), words)


def _recheck_rate(facts: Facts) -> Measured:
    words = f"复查 {facts.rechecked} 次，通过 {facts.passed} 次" if facts.rechecked else NO_DATA
    return Measured(rate(facts.passed, facts.rechecked), words)


def _complexity(facts: Facts) -> Measured:
    value = mean(facts.work, facts.worked)
    if value is None:
        return NOTHING
    said = value.quantize(CENT, ROUND_HALF_UP)
    return Measured(value, f"办结 {facts.worked} 项，难度权重平均 {said}")


def _contribution(facts: Facts) -> Measured:
    if not facts.contributions:
        return NOTHING
    said = facts.contributed.quantize(CENT)
    return Measured(said, f"{facts.contributions} 条贡献，权重合计 {said}")


def _workload(facts: Facts, since: date, until: date) -> Measured:
    if not facts.minutes:
        return NOTHING
    months = until.month - since.month + 1
    hours = (Decimal(facts.minutes) / PER_HOUR / months).quantize(CENT, ROUND_HALF_UP)
    return Measured(hours, f"承担事项平均每月 {hours} 小时")


def _conditions(known: Remoteness) -> tuple[Measured, Measured]:
    drive, altitude, evidence = known
    return (
        NOTHING if drive is None else Measured(Decimal(drive), f"距县城车程 {drive} 分钟（{evidence}）"),
        NOTHING if altitude is None else Measured(Decimal(altitude), f"海拔 {altitude} 米（{evidence}）"),
    )


def _facts(workers: Sequence[Worker], year: int, until: date) -> dict[int, Facts]:
    """Two statements and those of the readers, whatever the number of people."""
    found: dict[int, Facts] = defaultdict(Facts)
    people = {worker.user.pk: worker.organisation for worker in workers}
    _count_work(found, people, year, until)
    _count_entries(found, people, year, until)
    for name in ("level", "satisfaction"):
        for user, value in measured(name, people, year, until).items():
            found[user].known[name] = value
    return found


def _count_work(found: dict[int, Facts], people: Iterable[int], year: int, until: date) -> None:
    """Items and rechecks in one statement; `what` tells them apart."""
    users = list(people)
    items, rechecks = _items_of(users, year, until), _rechecks_of(users, year, until)
    for what, person, every, good, minutes in items.union(rechecks, all=True):
        facts = found[person]
        if what == ITEMS:
            facts.due, facts.on_time, facts.minutes = every, good, minutes
        else:
            facts.rechecked, facts.passed = every, good


def _items_of(users: list[int], year: int, until: date) -> Any:
    """Items that fell due while the post was held; what was withdrawn or does not apply is nobody's."""
    return (
        ReminderItem.objects.filter(due_on__year=year, due_on__lte=until, state__in=sorted(COUNTED))
        .annotate(what=Value(ITEMS), person=PERSON)
        .filter(person__in=users, due_on__gte=F("responsible_post__since"))
        .values("what", "person")
        .annotate(
            every=Count("pk"),
            good=Count("pk", filter=Q(state=ItemState.DONE, done_on__lte=F("due_on"))),
            spent=Sum("minutes"),
        )
        .values_list("what", "person", "every", "good", "spent")
    )


def _rechecks_of(users: list[int], year: int, until: date) -> Any:
    """A failure counts unless the branch had reported it itself; a pass always does."""
    passed = Q(state=RecheckState.PASSED)
    failed = Q(state=RecheckState.FAILED, finding__self_reported=False)
    return (
        Recheck.objects.filter(passed | failed, done_on__year=year, done_on__lte=until)
        .annotate(what=Value(RECHECKS), person=FIXER)
        .filter(person__in=users)
        .values("what", "person")
        .annotate(every=Count("pk"), good=Count("pk", filter=passed), spent=Count("pk"))
        .values_list("what", "person", "every", "good", "spent")
    )


def _count_entries(found: dict[int, Facts], people: Iterable[int], year: int, until: date) -> None:
    """Every row is added up, counter-entries too: those take away what they answer."""
    rows = (
        ContributionEntry.objects.filter(
            user__in=list(people), happened_on__year=year, happened_on__lte=until
        )
        .values("user", "kind")
        .annotate(
            weighed=Sum("weight"),
            number=Count("pk", filter=Q(corrects=None)) - Count("pk", filter=Q(corrects__isnull=False)),
        )
    )
    for row in rows:
        facts = found[row["user"]]
        if row["kind"] in WORK_KINDS:
            facts.work, facts.worked = facts.work + row["weighed"], facts.worked + row["number"]
        elif row["kind"] in CONTRIBUTION_KINDS:
            facts.contributed += row["weighed"]
            facts.contributions += row["number"]
