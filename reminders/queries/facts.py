"""Dated facts that decide whether an action applies: one query set per fact, never one per branch.

subject names a person ("member:12"), a post, a term or
an event, and is "" where the whole branch is concerned. anchor is the day a deadline counts from, shift the
months to add to it before counting, note what the item says of the fact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import CharField, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from branches.models import MemberEvent, Membership, Organisation, PartyGroup, Post
from branches.models.organisation import PATH_END
from branches.queries.policy import rules_for
from branches.rules import (
    BRANCH_KINDS,
    COMMITTEE_ROLES,
    EventKind,
    MemberStatus,
    OrganisationKind,
    Role,
)
from errorbank.models import Finding
from periods.months import add_months
from reminders.models import SpecialTask
from reminders.rules import ConditionCode

FACT_COLUMNS = ("organisation_id", "fact", "subject", "subject_name", "anchor_on", "shift", "note")
COMMITTEE_SEATS = 3
# 党员组织关系: away for six months or longer.
AWAY_MONTHS = 6
# How long a vacated committee post counts as a vacancy of its own.
RECENT_DAYS = 92

NO_DAY = Cast(Value(None), DateField())
NO_TEXT = Value("")
NO_SHIFT = Value(0)


@dataclass(frozen=True)
class FactRows:
    """Where a fact is true: rows, the way from them to the organisation, and the columns after it.

    `fact` names the fact of each row where one query set gives several.
    """

    rows: QuerySet[Any]
    place: str
    columns: tuple[Combinable, ...]
    fact: Combinable | None = None

    def select(self, fact: str, *, within: Organisation | None) -> QuerySet[Any, Any]:
        """The rows in the columns of FACT_COLUMNS; the whole tree needs no condition."""
        rows = self.rows.order_by()
        if within is not None:
            path = "path" if self.place == "pk" else self.place.removesuffix("_id") + "__path"
            rows = rows.annotate(fact_path=F(path)).filter(
                fact_path__gte=within.path, fact_path__lt=within.path + PATH_END
            )
        return rows.values_list(F(self.place), self.fact or Value(str(fact)), *self.columns)


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of the rules that decide whether a fact is true (branches.queries.policy)."""

    least: int
    committee_from: int
    horizon_months: int


def read_limits(on: date) -> Limits:
    """The general rules of that day, one query: how much of the tree is refreshed changes no list."""
    rules = rules_for(None, on=on)
    codes = ("branch_min_full_members", "committee_required", "outlook_horizon_months")
    return Limits(*(rules[code].number for code in codes))


Fact = Callable[[date], FactRows]


def text_of(prefix: str, field: str) -> Combinable:
    """ "member:12" from a column."""
    return Concat(Value(prefix), Cast(field, CharField()), output_field=CharField())


def fact_rows(
    rows: QuerySet[Any],
    *,
    place: str = "organisation_id",
    subject: Combinable = NO_TEXT,
    name: Combinable = NO_TEXT,
    anchor: Combinable = NO_DAY,
    shift: Combinable = NO_SHIFT,
    note: Combinable = NO_TEXT,
    fact: Combinable | None = None,
) -> FactRows:
    return FactRows(rows, place, (subject, name, anchor, shift, note), fact)


def of_kind(kinds: frozenset[str]) -> Fact:
    """A fact that is simply being such an organisation."""

    def rows(on: date) -> FactRows:
        return fact_rows(Organisation.objects.active(on=on).filter(kind__in=sorted(kinds)), place="pk")

    return rows


def people_of(status: MemberStatus) -> Fact:
    """Everybody of that status, one row a person."""

    def rows(on: date) -> FactRows:
        return member_rows(Membership.objects.at(on).filter(status=status))

    return rows


def member_rows(
    rows: QuerySet[Membership], *, anchor: Combinable = NO_DAY, shift: Combinable = NO_SHIFT
) -> FactRows:
    """Rows of memberships, the person being the subject."""
    subject = text_of("member:", "member_id")
    return fact_rows(rows, subject=subject, name=F("member__name"), anchor=anchor, shift=shift)


def holders_of(*roles: Role) -> Fact:
    def rows(on: date) -> FactRows:
        return fact_rows(Post.objects.at(on).filter(role__in=sorted(roles)))

    return rows


def full_strength(on: date, *, at_least: int) -> QuerySet[Any]:
    """Organisations with that many full members, as ids."""
    full = Membership.objects.at(on).filter(status=MemberStatus.FULL).values("organisation")
    return full.annotate(n=Count("pk")).filter(n__gte=at_least).values("organisation")


def seated(on: date) -> QuerySet[Any]:
    """Organisations with a whole committee, as ids: three different people in committee posts."""
    posts = Post.objects.at(on).filter(role__in=sorted(COMMITTEE_ROLES)).values("organisation")
    return (
        posts.annotate(n=Count("member", distinct=True)).filter(n__gte=COMMITTEE_SEATS).values("organisation")
    )


def vacant_after(on: date) -> QuerySet[Post]:
    """Committee posts that ended, whose office nobody holds now; the last one of each office."""
    same = Post.objects.filter(organisation=OuterRef("organisation"), role=OuterRef("role"))
    later = Q(until__gt=OuterRef("until")) | Q(until=OuterRef("until"), pk__gt=OuterRef("pk"))
    return Post.objects.filter(
        ~Exists(same.at(on)),
        ~Exists(same.filter(later, until__lt=on)),
        role__in=sorted(COMMITTEE_ROLES),
        until__lt=on,
    )


def _has_committee(on: date, *, committee_from: int) -> FactRows:
    large = Organisation.objects.filter(pk__in=full_strength(on, at_least=committee_from))
    return fact_rows(large.filter(pk__in=seated(on)), place="pk")


def _has_groups(on: date) -> FactRows:
    return fact_rows(PartyGroup.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on))


def away(on: date) -> QuerySet[MemberEvent]:
    """Secondments of six months or longer that have not ended."""
    back = MemberEvent.objects.standing().filter(
        member=OuterRef("member"), kind=EventKind.RETURNED, on__gte=OuterRef("on"), on__lte=on
    )
    gone = MemberEvent.objects.standing().filter(
        kind=EventKind.SECONDED, on__lte=add_months(on, -AWAY_MONTHS)
    )
    return gone.filter(~Exists(back))


def _has_mobile_members(on: date) -> FactRows:
    return member_rows(Membership.objects.at(on).filter(member__in=away(on).values("member")))


def _office_vacant(on: date, *, committee_from: int) -> FactRows:
    led = Post.objects.at(on).filter(role=Role.SECRETARY).values("organisation")
    large = Q(pk__in=full_strength(on, at_least=committee_from))
    ended = vacant_after(on).filter(until__gte=date.fromordinal(on.toordinal() - RECENT_DAYS))
    vacant = ~Q(pk__in=led) | large & ~Q(pk__in=seated(on)) | Q(pk__in=ended.values("organisation"))
    return fact_rows(Organisation.objects.filter(vacant, kind__in=sorted(BRANCH_KINDS)), place="pk")


def _open_errors(on: date) -> FactRows:
    """Branches with a problem to be mended."""
    return fact_rows(Finding.objects.unfixed().filter(found_on__lte=on))


# HEADCOUNT_RISK comes from the projection in headcount.sql.
_CONDITIONS: Mapping[str, Fact] = {
    ConditionCode.ALL: of_kind(frozenset(BRANCH_KINDS)),
    ConditionCode.GENERAL_BRANCH: of_kind(frozenset({OrganisationKind.GENERAL_BRANCH})),
    ConditionCode.HAS_GROUPS: _has_groups,
    ConditionCode.HAS_ACTIVIST: people_of(MemberStatus.ACTIVIST),
    ConditionCode.HAS_APPLICANT: people_of(MemberStatus.APPLICANT),
    ConditionCode.HAS_DEVELOPMENT_TARGET: people_of(MemberStatus.DEVELOPMENT_TARGET),
    ConditionCode.HAS_PROBATIONARY: people_of(MemberStatus.PROBATIONARY),
    ConditionCode.HAS_MOBILE_MEMBERS: _has_mobile_members,
    ConditionCode.OF_SECRETARY: holders_of(Role.SECRETARY),
    ConditionCode.OF_DEPUTY_SECRETARY: holders_of(Role.DEPUTY_SECRETARY),
    ConditionCode.OF_COMMITTEE_MEMBER: holders_of(*COMMITTEE_ROLES),
    ConditionCode.OPEN_ERRORS: _open_errors,
}


def conditions(limits: Limits) -> Mapping[str, Fact]:
    by_size: dict[str, Fact] = {
        ConditionCode.HAS_COMMITTEE: partial(_has_committee, committee_from=limits.committee_from),
        ConditionCode.OFFICE_VACANT: partial(_office_vacant, committee_from=limits.committee_from),
    }
    return {**_CONDITIONS, **by_size}


# Facts of organisations that are no branch.
NOT_OF_BRANCHES = frozenset({ConditionCode.GENERAL_BRANCH})
# Facts that have one row for each branch already.
ONE_A_BRANCH = frozenset(
    {
        ConditionCode.ALL,
        ConditionCode.GENERAL_BRANCH,
        ConditionCode.HAS_COMMITTEE,
        ConditionCode.OFFICE_VACANT,
    }
)

CONDITION_ENDED: Mapping[str, str] = {
    ConditionCode.ALL: "不再适用于本支部",
    ConditionCode.GENERAL_BRANCH: "不再适用于本组织",
    ConditionCode.HAS_COMMITTEE: "已不设支委会，不再适用",
    ConditionCode.HAS_GROUPS: "已不划分党小组，不再适用",
    ConditionCode.HAS_ACTIVIST: "已无入党积极分子，不再适用",
    ConditionCode.HAS_APPLICANT: "已无入党申请人，不再适用",
    ConditionCode.HAS_DEVELOPMENT_TARGET: "已无发展对象，不再适用",
    ConditionCode.HAS_PROBATIONARY: "已无预备党员，不再适用",
    ConditionCode.HAS_MOBILE_MEMBERS: "已无外出满六个月的党员，不再适用",
    ConditionCode.OFFICE_VACANT: "职务已补齐，不再适用",
    ConditionCode.HEADCOUNT_RISK: "正式党员人数已符合要求，不再适用",
    ConditionCode.OPEN_ERRORS: "问题已全部整改，不再适用",
    ConditionCode.OF_SECRETARY: "书记职务空缺，暂不适用",
    ConditionCode.OF_DEPUTY_SECRETARY: "副书记职务空缺，暂不适用",
    ConditionCode.OF_COMMITTEE_MEMBER: "支委职务空缺，暂不适用",
}


TASK_PREFIX = "task:"


def task_fact(action: int) -> str:
    return f"{TASK_PREFIX}{action}"


def task_rows(actions: Sequence[int]) -> QuerySet[Any, Any]:
    """The organisations to which these special tasks are still sent, in the columns of FACT_COLUMNS."""
    sent = SpecialTask.objects.filter(action__in=actions, withdrawn_at=None, targets__isnull=False).order_by()
    fact = text_of(TASK_PREFIX, "action_id")
    return sent.values_list(F("targets"), fact, NO_TEXT, NO_TEXT, NO_DAY, NO_SHIFT, NO_TEXT)
