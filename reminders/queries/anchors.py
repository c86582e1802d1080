"""Dated events from which deadlines count: who still has something to settle, and since when.

Only standing events count. A pending anchor drops out as soon as its matter is settled; UNPENDING ones
only say that something happened, so only recent ones make a duty.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from branches.models import (
    DevelopmentCase,
    DevelopmentStep,
    ElectionStep,
    MemberEvent,
    Membership,
    Post,
    Term,
)
from branches.rules import (
    ElectionStepKind,
    EventKind,
    MemberStatus,
    Role,
    StepOutcome,
    probation_end,
)
from periods.events import STEP
from periods.months import add_months
from reminders.handover_rules import HandoverState
from reminders.models import Handover
from reminders.queries.errors import ERRORS
from reminders.queries.facts import (
    AWAY_MONTHS,
    NO_SHIFT,
    NO_TEXT,
    Fact,
    FactRows,
    Limits,
    away,
    fact_rows,
    full_strength,
    member_rows,
    text_of,
    vacant_after,
)
from reminders.queries.trainings import DUTIES

# An unpending anchor makes an item for this long; a quarter, so that no monthly refresh can miss it.
MADE_FOR = timedelta(days=92)
# Its item can be taken back, when the event turns out wrong, for this long.
CHECKED_FOR = timedelta(days=400)
# Comes from the projection in headcount.sql.
HEADCOUNT = "headcount_threshold_crossed"
# Several duties follow the same day and end with different facts (发展党员工作细则: the review before the
# pre-review, the branch's own decision before the consent).
UNDETERMINED = "activist_undetermined"
UNTRAINED = "development_target_untrained"
UNREVIEWED = "development_target_unreviewed"
UNARCHIVED = "conversion_unarchived"
FACT_OF_ACTION: Mapping[str, str] = {
    "development_target_determination": UNDETERMINED,
    "development_target_training": UNTRAINED,
    "political_review": UNREVIEWED,
    "recruitment_archive": UNARCHIVED,
}
# The result of an election goes to the superior (中国共产党基层组织选举工作条例 第十四条).
UNREPORTED = "election_held"
UNPENDING = frozenset({"worker_changed", "conversion_approved", UNARCHIVED, UNREPORTED, "sign_of_problem"})
# A problem to be mended, or a recheck of it to be made; its day is the deadline.
ERROR_FOUND = "error_found"
# Something training asks for by a day: a session to attend, a check to make.
TRAINING_DUTY = "training_duty"
# Their day is itself the deadline somebody set, and any organisation may have them.
OWN_DEADLINES = frozenset({ERROR_FOUND, TRAINING_DUTY})
# Steps of recruiting that no other action of the catalogue asks for: they follow the case itself.
OWN_STEPS = (4, 5, 8, 9, 16, 18, 19, 22, 24)
BLOCKED = "development_blocked"
# The day of a step that has no last day of its own is a proposal.
STEP_MONTHS = 1
PROPOSED_DAY = "细则没有规定这一步的期限，这里的日期是建议。"


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


def _unreported(on: date) -> FactRows:
    """Terms ended by an election whose result was not reported yet; the day is that of the election."""
    elected = Term.objects.filter(
        organisation=OuterRef("organisation"), elected_on__gt=OuterRef("elected_on"), elected_on__lte=on
    )
    reported = ElectionStep.objects.filter(term=OuterRef("pk"), kind=ElectionStepKind.REPORT)
    ended = Term.objects.annotate(held_on=Subquery(elected.order_by("elected_on").values("elected_on")[:1]))
    recent = ended.filter(~Exists(reported), held_on__gte=on - CHECKED_FOR)
    return fact_rows(recent, subject=text_of("term:", "pk"), anchor=F("held_on"))


def _office_vacated(on: date, *, committee_from: int) -> FactRows:
    """The secretary's office anywhere, the others where there has to be a committee."""
    must = Q(role=Role.SECRETARY) | Q(organisation__in=full_strength(on, at_least=committee_from))
    return fact_rows(vacant_after(on).filter(must), subject=text_of("post:", "pk"), anchor=F("until"))


def _worker_changed(on: date) -> FactRows:
    """Posts of worker or secretary that ended, unless the same person goes on in the same post.

    What was handed over and signed asks for nothing more.
    """
    ended = Post.objects.filter(
        role__in=[Role.WORKER, Role.SECRETARY], until__lte=on, until__gte=on - CHECKED_FOR
    )
    same_person = Q(member=OuterRef("member")) | Q(user=OuterRef("user"))
    again = Post.objects.filter(
        same_person, organisation=OuterRef("organisation"), role=OuterRef("role"), since__gt=OuterRef("since")
    )
    signed = Handover.objects.filter(leaver_post=OuterRef("pk"), state=HandoverState.SIGNED)
    return fact_rows(
        ended.filter(~Exists(again), ~Exists(signed)),
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
    from the same meeting (党章 第七条). Where a meeting decided to revoke, the committee has to answer.
    """
    mine = _standing(on).filter(member=OuterRef("member"))
    admitted = mine.filter(kind=EventKind.ADMITTED).order_by("-on", "-pk").values("on")[:1]
    begun = Coalesce(Subquery(admitted), "member__joined_on", "since")
    people = Membership.objects.at(on).filter(status=MemberStatus.PROBATIONARY).annotate(begun=begun)
    people = people.filter(
        ~Exists(DevelopmentStep.objects.revoking(on).filter(case__member=OuterRef("member")))
    )
    extended = mine.filter(kind=EventKind.PROBATION_EXTENDED, on__gte=OuterRef("begun"))
    months = Subquery(extended.order_by("-on", "-pk").values("months")[:1], output_field=IntegerField())
    return member_rows(people, anchor=F("begun"), shift=Coalesce(months, Value(0)))


# --- the person's own case ---------------------------------------------------------------------------


def step_anchor(number: int) -> str:
    return f"{STEP}{number}"


def _without_step(rows: FactRows, number: int) -> FactRows:
    """Only people whose case has no such step since the event."""
    steps = DevelopmentStep.objects.standing().filter(
        case__member=OuterRef("member"),
        number=number,
        done_on__gte=OuterRef("on"),
        outcome=StepOutcome.PASSED,
    )
    return FactRows(rows.rows.filter(~Exists(steps)), rows.place, rows.columns)


def _pending_without(number: int, status: MemberStatus, kind: EventKind, *settled_by: EventKind) -> Fact:
    def rows(on: date) -> FactRows:
        return _without_step(_people(on, status, kind, *settled_by), number)

    return rows


def _unarchived(on: date) -> FactRows:
    return _without_step(_happened(EventKind.CONVERSION_APPROVED)(on), 25)


def _cases(on: date) -> QuerySet[DevelopmentCase]:
    """Cases under way of people who are in a branch on that day."""
    spans = "member__memberships__"
    running = Q(**{f"{spans}until": None}) | Q(**{f"{spans}until__gt": on})
    return DevelopmentCase.objects.ongoing().filter(running, **{f"{spans}since__lte": on})


def _case_rows(
    cases: QuerySet[DevelopmentCase], subject: Combinable, *, anchor: Combinable, **more: Combinable
) -> FactRows:
    return fact_rows(
        cases,
        place="member__memberships__organisation_id",
        subject=subject,
        name=F("member__name"),
        anchor=anchor,
        **more,
    )


def step_rows(on: date) -> FactRows:
    """The step each case waits for, as a fact named after it: its last day, or a month from when it may be.

    A step that comes again after an extension is another matter.
    """
    same = (
        DevelopmentStep.objects.standing()
        .filter(case=OuterRef("pk"), number=OuterRef("next_step"))
        .order_by()
    )
    before = Subquery(same.values("case").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    last = DevelopmentStep.objects.standing().filter(case=OuterRef("pk")).order_by("-done_on")
    begun = Coalesce("next_from", Subquery(last.values("done_on")[:1]), "opened_on")
    cases = _cases(on).filter(next_step__in=OWN_STEPS, blocked="").annotate(before=before)
    again = Case(
        When(before__gt=0, then=Concat(Value("#"), Cast("before", CharField()), output_field=CharField())),
        default=NO_TEXT,
    )
    return _case_rows(
        cases,
        Concat(text_of("case:", "pk"), again, output_field=CharField()),
        anchor=Coalesce("next_due_on", begun),
        shift=Case(When(next_due_on=None, then=Value(STEP_MONTHS)), default=Value(0)),
        note=Case(
            When(Q(next_due_on=None) | Q(due_is_advice=True), then=Value(PROPOSED_DAY)), default=NO_TEXT
        ),
        fact=Concat(Value(STEP), Cast("next_step", CharField()), output_field=CharField()),
    )


def _blocked(on: date) -> FactRows:
    """Cases that cannot go on, with the reason; held up anew it is another matter."""
    day = Concat(Value("#"), Cast("blocked_since", CharField()), output_field=CharField())
    cases = _cases(on).exclude(blocked="").filter(blocked_since__isnull=False)
    subject = Concat(text_of("blocked:", "pk"), day, output_field=CharField())
    return _case_rows(cases, subject, anchor=F("blocked_since"), note=F("blocked"))


_ACTIVIST, _TARGET = MemberStatus.ACTIVIST, MemberStatus.DEVELOPMENT_TARGET
_PROBATIONARY, _FULL = MemberStatus.PROBATIONARY, MemberStatus.FULL

_ANCHORS: Mapping[str, tuple[Fact, ...]] = {
    "term_end": (_term_end,),
    UNREPORTED: (_unreported,),
    "unit_changed_or_away_6_months": (_in_flight, _away_too_long),
    "worker_changed": (_worker_changed,),
    "application_received": (_pending(MemberStatus.APPLICANT, EventKind.APPLIED, EventKind.TALKED),),
    "talk_done": (_pending(MemberStatus.APPLICANT, EventKind.TALKED),),
    "activist_date": (_pending(_ACTIVIST, EventKind.ACTIVIST),),
    "development_target_date": (_pending(_TARGET, EventKind.DEVELOPMENT_TARGET, EventKind.PRE_REVIEWED),),
    UNDETERMINED: (_pending_without(7, _ACTIVIST, EventKind.ACTIVIST),),
    UNREVIEWED: (_pending_without(10, _TARGET, EventKind.DEVELOPMENT_TARGET, EventKind.PRE_REVIEWED),),
    UNTRAINED: (_pending(_TARGET, EventKind.DEVELOPMENT_TARGET, EventKind.TRAINED),),
    "training_done": (_pending(_TARGET, EventKind.TRAINED, EventKind.PRE_REVIEWED),),
    "pre_review_passed": (_pending(_TARGET, EventKind.PRE_REVIEWED, EventKind.ADMITTED),),
    "admission_meeting_date": (_pending(_PROBATIONARY, EventKind.ADMITTED, EventKind.APPROVED),),
    "approval_notice_date": (_pending(_PROBATIONARY, EventKind.APPROVED, EventKind.OATH_TAKEN),),
    "probation_end": (_probation_end,),
    "conversion_approved": (_happened(EventKind.CONVERSION_APPROVED),),
    UNARCHIVED: (_unarchived,),
    "sign_of_problem": (_happened(EventKind.REMINDER_NEEDED),),
    BLOCKED: (_blocked,),
    ERROR_FOUND: ERRORS,
    TRAINING_DUTY: DUTIES,
}
STEP_ANCHORS = frozenset(step_anchor(number) for number in OWN_STEPS)


def anchors(limits: Limits) -> Mapping[str, tuple[Fact, ...]]:
    """Every anchor but HEADCOUNT and STEP_ANCHORS (step_rows)."""
    return {
        **_ANCHORS,
        "office_vacated": (partial(_office_vacated, committee_from=limits.committee_from),),
    }


def anchor_day(anchor: str, on: date, shift: int) -> date:
    """The day itself: probation lasts a year and its extension, everything else counts plain months.

    Of a falling headcount `shift` says whether it was known ahead (headcount.sql).
    """
    if anchor == HEADCOUNT:
        return on
    return probation_end(on, shift) if anchor == "probation_end" else add_months(on, shift)
