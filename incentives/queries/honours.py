"""Definitions of honours, what data say of a nominee in the year before, and who may be proposed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from branches.access import holdings_on
from branches.models import Organisation, Post
from burden.models.measures import within_sight
from errorbank.models import Finding, Recheck
from errorbank.rules import UNFIXED_STATES, RecheckState, Severity
from incentives.models import ContributionEntry
from incentives.models.honours import NOMINATE_HONOUR, VIEW_HONOUR, HonourCall, HonourCase
from incentives.queries.records import COUNTED, FIXER, PERSON
from incentives.rules.contributions import EntryKind
from incentives.rules.honours import (
    Check,
    Criterion,
    Honour,
    Reading,
    frozen,
    judge,
    percent,
    read_honour,
)
from incentives.rules.honours import Finding as Found
from periods.months import add_years
from reminders.models import ReminderItem
from reminders.rules import ItemState

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "honours.yaml"


@cache
def honours() -> dict[str, Honour]:
    given = yaml.safe_load(SHIPPED.read_text("utf-8"))["honours"]
    return {one["code"]: read_honour(one) for one in given}


@dataclass(frozen=True)
class Subject:
    """Whose data are read: a person, or a branch where `user` is None; both days inclusive."""

    user: User | None
    organisation: Organisation
    since: date
    until: date


def subject_of(case: HonourCase, *, on: date) -> Subject:
    return year_before(case.nominee, case.organisation, on=on)


def year_before(user: User | None, place: Organisation, *, on: date) -> Subject:
    """The year up to that day."""
    return Subject(user, place, add_years(on, -1) + timedelta(days=1), on)


def findings_of(case: HonourCase, *, on: date) -> list[Found]:
    return judged(honours()[case.call.honour], subject_of(case, on=on))


def judged(honour: Honour, subject: Subject) -> list[Found]:
    """Every criterion of the honour against stored data; a statement for each check."""
    return [judge(one, READERS[one.check](subject, one) if one.check else None) for one in honour.criteria]


def evidence_of(case: HonourCase, *, on: date) -> dict[str, object]:
    subject = subject_of(case, on=on)
    return {
        "honour": str(case.call),
        "subject": case.subject_name,
        "organisation": case.organisation.name,
        "reason": case.reason,
        "since": subject.since.isoformat(),
        "until": subject.until.isoformat(),
        "criteria": frozen(findings_of(case, on=on)),
    }


def _counted_findings(subject: Subject) -> QuerySet[Finding]:
    """What a branch reported itself stands against nobody."""
    found = Finding.objects.counted().filter(found_on__range=(subject.since, subject.until))
    if subject.user is None:
        return found.filter(organisation=subject.organisation)
    person = Q(responsible_post__user=subject.user) | Q(responsible_post__member__user=subject.user)
    return found.filter(person)


def _serious(subject: Subject, _: Criterion) -> Reading:
    number = _counted_findings(subject).filter(severity=Severity.SERIOUS).count()
    return Reading(Decimal(number), f"近一年严重错题 {number} 条（自查发现的不计）")


def _repeats(subject: Subject, _: Criterion) -> Reading:
    number = _counted_findings(subject).filter(repeat_of__isnull=False).count()
    return Reading(Decimal(number), f"近一年重犯 {number} 条（自查发现的不计）")


def _fixing(subject: Subject, _: Criterion) -> Reading:
    """Of what fell due: settled by its deadline. What waits for a review counts as settled."""
    due = _counted_findings(subject).filter(deadline_on__lte=subject.until)
    late = Q(closed_on__gt=F("deadline_on")) | Q(state__in=sorted(UNFIXED_STATES))
    counted = due.aggregate(every=Count("pk"), late=Count("pk", filter=late))
    every, good = counted["every"], counted["every"] - counted["late"]
    words = f"到期整改 {every} 条，按期 {good} 条" if every else "没有到期的整改"
    return Reading(percent(good, every), words)


def _on_time(subject: Subject, _: Criterion) -> Reading:
    found = ReminderItem.objects.filter(
        due_on__range=(subject.since, subject.until), state__in=sorted(COUNTED)
    )
    if subject.user is None:
        found = found.filter(organisation=subject.organisation)
    else:
        found = found.annotate(person=PERSON).filter(
            person=subject.user.pk, due_on__gte=F("responsible_post__since")
        )
    good = Count("pk", filter=Q(state=ItemState.DONE, done_on__lte=F("due_on")))
    counted = found.aggregate(every=Count("pk"), good=good)
    words = f"应办 {counted['every']} 项，按时 {counted['good']} 项" if counted["every"] else "没有到期事项"
    return Reading(percent(counted["good"], counted["every"]), words)


def _rechecks(subject: Subject, _: Criterion) -> Reading:
    passed = Q(state=RecheckState.PASSED)
    failed = Q(state=RecheckState.FAILED, finding__self_reported=False)
    found = Recheck.objects.filter(passed | failed, done_on__range=(subject.since, subject.until))
    if subject.user is None:
        found = found.filter(finding__organisation=subject.organisation)
    else:
        found = found.annotate(person=FIXER).filter(person=subject.user.pk)
    counted = found.aggregate(every=Count("pk"), good=Count("pk", filter=passed))
    words = f"复查 {counted['every']} 次，合格 {counted['good']} 次" if counted["every"] else "没有复查"
    return Reading(percent(counted["good"], counted["every"]), words)


def _contributions(subject: Subject, criterion: Criterion) -> Reading:
    kind = EntryKind(criterion.kind)
    found = ContributionEntry.objects.standing().filter(
        kind=kind, happened_on__range=(subject.since, subject.until)
    )
    found = (
        found.filter(user=subject.user) if subject.user else found.filter(organisation=subject.organisation)
    )
    number = found.count()
    return Reading(Decimal(number), f"{kind.label} {number} 条")


READERS: dict[Check, Callable[[Subject, Criterion], Reading]] = {
    Check.SERIOUS: _serious,
    Check.REPEATS: _repeats,
    Check.FIXING: _fixing,
    Check.ON_TIME: _on_time,
    Check.RECHECKS: _rechecks,
    Check.CONTRIBUTIONS: _contributions,
}


def may_propose(user: User, honour: Honour, place: Organisation, *, on: date) -> bool:
    """By the roles the honour names, held at or above that branch."""
    return bool(honour.proposers & {held.value for held in holdings_on(user, place, on=on)})


def places_for(user: User, call: HonourCall, *, on: date) -> QuerySet[Organisation]:
    """Branches of the call's organisation for which the user may propose."""
    mine = Organisation.objects.permitted_to(user, NOMINATE_HONOUR, on=on)
    return mine.within(call.organisation).active(on=on).branches().in_tree_order()


@dataclass(frozen=True)
class Candidate:
    user: User
    organisation: Organisation


def candidates_for(user: User, call: HonourCall, *, on: date) -> list[Candidate]:
    """Whoever holds a post with an account in those branches, but oneself; by organisation and name."""
    posts = Post.objects.at(on).filter(organisation__in=places_for(user, call, on=on))
    found: dict[int, Candidate] = {}
    for post in posts.select_related("organisation", "user", "member__user").order_by("pk"):
        holder = post.user or (post.member.user if post.member else None)
        if holder is not None and holder.pk != user.pk:
            found.setdefault(holder.pk, Candidate(holder, post.organisation))
    return sorted(found.values(), key=lambda one: (one.organisation.code, one.user.name))


def calls_for(user: User, *, on: date) -> QuerySet[HonourCall]:
    """Open ones that the user sees, by the day they close."""
    found = HonourCall.objects.visible_to(user, on=on).open(on=on)
    return found.select_related("organisation").order_by("closes_on", "pk")


def cases_for(user: User, *, on: date) -> QuerySet[HonourCase]:
    related = ("call", "nominee", "organisation", "proposed_by")
    found = HonourCase.objects.visible_to(user, on=on).select_related(*related)
    return found.order_by("-proposed_on", "-pk")


def awarded_for(user: User, *, on: date) -> QuerySet[HonourCase]:
    """What was granted within sight; it had been posted there before. By year and number, not by worth."""
    places = HonourCall.objects.filter(within_sight(user, VIEW_HONOUR, on=on))
    found = HonourCase.objects.awarded().filter(call__in=places)
    return found.select_related("call", "nominee", "organisation").order_by("-ended_on", "-pk")
