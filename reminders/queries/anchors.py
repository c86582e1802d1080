"""Dated events from which deadlines count: who still has something to settle, and since when.

Only standing events count. A pending anchor drops out as soon as its matter is settled; UNPENDING ones
only say that something happened, so only recent ones make a duty.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from branches.models import MemberEvent, Membership, Post, Term
from branches.rules import COMMITTEE_FROM, EventKind, MemberStatus, Role, probation_end
from periods.months import add_months
from reminders.queries.facts import (
    AWAY_MONTHS,
    NO_SHIFT,
    Fact,
    FactRows,
    away,
    fact_rows,
    full_strength,
    member_rows,
    text_of,
    vacant_after,
)

# An unpending anchor makes an item for this long; a quarter, so that no monthly refresh can miss it.
MADE_FOR = timedelta(days=92)
# Its item can be taken back, when the event turns out wrong, for this long.
CHECKED_FOR = timedelta(days=400)
UNPENDING = frozenset({"worker_changed", "conversion_approved", "sign_of_problem"})
# What is said of an open item when the event that settles its matter is registered (note_withdrawn.sql).
SETTLED: Mapping[str, str] = {
    "term_end": "已登记换届结果，事项撤下",
    "probation_end": "已登记转正，事项撤下",
}
# Comes from the projection in headcount.sql.
HEADCOUNT = "headcount_threshold_crossed"
# Two duties follow the same day and end with different events (发展党员工作细则: review before pre-review).
UNTRAINED = "development_target_untrained"
FACT_OF_ACTION: Mapping[str, str] = {"development_target_training": UNTRAINED}


def _people(on: date, status: MemberStatus, kind: EventKind, *settled_by: EventKind) -> FactRows:
    """The last such event of everybody who still has the status and none of the settling events since."""
    mine = _standing(on).filter(member=OuterRef("member"))
    done = mine.filter(kind__in=settled_by, on__gte=OuterRef("on"))
    again = mine.filter(kind=kind, on__gt=OuterRef("on"))
    open_events = _standing(on).filter(~Exists(done), ~Exists(again), kind=kind)
    return _event_rows(open_events, on, Q(member__memberships__status=status))


def _standing(on: date) -> QuerySet[MemberEvent]:
    return MemberEvent.objects.standing().filter(on__lte=on)


def _event_rows(
    events: QuerySet[MemberEvent],
    on: date,
    wanted: Q = Q(),  # noqa: B008 - never changed
    *,
    anchor: Combinable = F("on"),  # noqa: B008 - never changed
    shift: Combinable = NO_SHIFT,
) -> FactRows:
    """Rows of events, in the branch to which the person belongs on that day (not where it happened)."""
    running = Q(member__memberships__until=None) | Q(member__memberships__until__gt=on)
    return fact_rows(
        events.filter(running, wanted, member__memberships__since__lte=on),
        place="member__memberships__organisation_id",
        subject=text_of("event:", "pk"),
        name=F("member__name"),
        anchor=anchor,
        shift=shift,
    )


def _pending(status: MemberStatus, kind: EventKind, *settled_by: EventKind) -> Fact:
    def rows(on: date) -> FactRows:
        return _people(on, status, kind, *settled_by)

    return rows


def _happened(kind: EventKind) -> Fact:
    def rows(on: date) -> FactRows:
        return _event_rows(_standing(on).filter(kind=kind, on__gte=on - CHECKED_FOR), on)

    return rows


def _term_end(on: date) -> FactRows:
    terms = Term.objects.filter(elected_on__lte=on)
    later = terms.filter(organisation=OuterRef("organisation"), elected_on__gt=OuterRef("elected_on"))
    current = terms.filter(~Exists(later))
    return fact_rows(current, subject=text_of("term:", "pk"), anchor=Coalesce("extended_to", "ends_on"))


def _office_vacated(on: date) -> FactRows:
    """The secretary's office anywhere, the others where there has to be a committee."""
    must = Q(role=Role.SECRETARY) | Q(organisation__in=full_strength(on, at_least=COMMITTEE_FROM))
    return fact_rows(vacant_after(on).filter(must), subject=text_of("post:", "pk"), anchor=F("until"))


def _worker_changed(on: date) -> FactRows:
    """Posts of worker or secretary that ended, unless the same person goes on in the same post."""
    ended = Post.objects.filter(
        role__in=[Role.WORKER, Role.SECRETARY], until__lte=on, until__gte=on - CHECKED_FOR
    )
    same_person = Q(member=OuterRef("member")) | Q(user=OuterRef("user"))
    again = Post.objects.filter(
        same_person, organisation=OuterRef("organisation"), role=OuterRef("role"), since__gt=OuterRef("since")
    )
    return fact_rows(
        ended.filter(~Exists(again)),
        subject=text_of("post:", "pk"),
        name=Coalesce("member__name", "user__name"),
        anchor=F("until"),
    )


def _in_flight(on: date) -> FactRows:
    """Relations decided to move that have not moved yet."""
    leaving = MemberEvent.objects.standing().filter(kind=EventKind.MOVED_OUT, announced_on__lte=on, on__gt=on)
    return _event_rows(leaving, on, anchor=F("announced_on"))


def _away_too_long(on: date) -> FactRows:
    return _event_rows(away(on), on, shift=Value(AWAY_MONTHS))


def _probation_end(on: date) -> FactRows:
    """Everybody on probation, from the last admission; shift holds the months of an extension.

    Who was already on probation when the portal began has no admission event: the day of joining counts
    from the same meeting (党章 第七条).
    """
    mine = _standing(on).filter(member=OuterRef("member"))
    admitted = mine.filter(kind=EventKind.ADMITTED).order_by("-on", "-pk").values("on")[:1]
    begun = Coalesce(Subquery(admitted), "member__joined_on", "since")
    people = Membership.objects.at(on).filter(status=MemberStatus.PROBATIONARY).annotate(begun=begun)
    extended = mine.filter(kind=EventKind.PROBATION_EXTENDED, on__gte=OuterRef("begun"))
    months = Subquery(extended.order_by("-on", "-pk").values("months")[:1], output_field=IntegerField())
    return member_rows(people, anchor=F("begun"), shift=Coalesce(months, Value(0)))


_ACTIVIST, _TARGET = MemberStatus.ACTIVIST, MemberStatus.DEVELOPMENT_TARGET
_PROBATIONARY, _FULL = MemberStatus.PROBATIONARY, MemberStatus.FULL

# error_found waits for the error bank.
ANCHORS: Mapping[str, tuple[Fact, ...]] = {
    "term_end": (_term_end,),
    "office_vacated": (_office_vacated,),
    "unit_changed_or_away_6_months": (_in_flight, _away_too_long),
    "worker_changed": (_worker_changed,),
    "application_received": (_pending(MemberStatus.APPLICANT, EventKind.APPLIED, EventKind.TALKED),),
    "talk_done": (_pending(MemberStatus.APPLICANT, EventKind.TALKED),),
    "activist_date": (_pending(_ACTIVIST, EventKind.ACTIVIST),),
    "development_target_date": (_pending(_TARGET, EventKind.DEVELOPMENT_TARGET, EventKind.PRE_REVIEWED),),
    UNTRAINED: (_pending(_TARGET, EventKind.DEVELOPMENT_TARGET, EventKind.TRAINED),),
    "training_done": (_pending(_TARGET, EventKind.TRAINED, EventKind.PRE_REVIEWED),),
    "pre_review_passed": (_pending(_TARGET, EventKind.PRE_REVIEWED, EventKind.ADMITTED),),
    "admission_meeting_date": (_pending(_PROBATIONARY, EventKind.ADMITTED, EventKind.APPROVED),),
    "approval_notice_date": (_pending(_PROBATIONARY, EventKind.APPROVED, EventKind.OATH_TAKEN),),
    "probation_end": (_probation_end,),
    "conversion_approved": (_happened(EventKind.CONVERSION_APPROVED),),
    "sign_of_problem": (_happened(EventKind.REMINDER_NEEDED),),
}


def anchor_day(anchor: str, on: date, shift: int) -> date:
    """The day itself: probation lasts a year and its extension, everything else counts plain months."""
    return probation_end(on, shift) if anchor == "probation_end" else add_months(on, shift)
