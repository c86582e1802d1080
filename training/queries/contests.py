"""Reads of contests: the list, one contest and one work as a person may see them."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from branches.models import Membership, Organisation
from branches.models.organisation import OrganisationQuerySet
from training.models import Contest, Criterion, Judge, Judgement, Work
from training.models.contests import RUN_CONTEST, SUBMIT_WORK, ContestQuerySet
from training.queries.judging import Seat, seats_of
from training.queries.outputs import possible_authors
from training.rules.contests import MOVES, ContestPhase, WorkState, names_in


def contests_of(user: User, *, phase: str = "", on: date) -> ContestQuerySet:
    found = Contest.objects.visible_to(user, on=on).select_related("organisation")
    found = found.filter(phase=phase) if phase else found
    return found.order_by("-call_until", "-pk")


def own_works(user: User) -> list[Work]:
    """What the person wrote or handed in and is not decided yet."""
    open_ones = Q(contest__phase__in=[ContestPhase.PUBLISHED, ContestPhase.CANCELLED])
    rows = Work.objects.written_by(user).exclude(open_ones).exclude(state=WorkState.WITHDRAWN)
    return list(rows.select_related("contest").order_by("-submitted_on", "-pk"))


def to_judge(user: User) -> list[Contest]:
    """With how many works this judge has judged already: `given`."""
    given = Count("judges__judgements", filter=Q(judges__user=user))
    return list(Contest.objects.judged_by(user).annotate(given=given).order_by("judge_until", "pk"))


def handing_places(contest: Contest, user: User, *, on: date) -> OrganisationQuerySet:
    """Branches of the organiser for which the person may hand in."""
    places = Organisation.objects.permitted_to(user, SUBMIT_WORK, on=on).active(on=on).branches()
    return places.within(contest.organisation).in_tree_order()


def authors_of_place(places: "QuerySet[Organisation]", *, on: date) -> "QuerySet[User]":
    return possible_authors(places, on=on)


def runs_contest(contest: Contest, user: User, *, on: date) -> bool:
    mine = Organisation.objects.permitted_to(user, RUN_CONTEST, on=on)
    return mine.filter(pk=contest.organisation_id).exists()


@dataclass
class ContestPage:
    contest: Contest
    criteria: list[Criterion]
    # What this person wrote; all works for who runs the contest; what was awarded.
    own: list[Work]
    works: list[Work] = field(default_factory=list)
    awarded: list[Work] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    runs: bool = False
    judges: bool = False
    may_hand_in: bool = False

    @property
    def waiting(self) -> int:
        return sum(work.waits_for_screening for work in self.works)

    @property
    def accepted(self) -> int:
        return sum(work.is_accepted for work in self.works)

    @property
    def given(self) -> int:
        return sum(seat.given for seat in self.seats)

    @property
    def asked(self) -> int:
        return sum(len(seat.works) for seat in self.seats)

    @property
    def may_cancel(self) -> bool:
        return ContestPhase.CANCELLED in MOVES[self.contest.stage]


def contest_page(contest: Contest, user: User, *, on: date) -> ContestPage:
    runs = runs_contest(contest, user, on=on)
    listed = contest.works.select_related("organisation", "contest").prefetch_related("authors__user")
    hands = contest.is_calling and on <= contest.call_until
    judged = contest.is_judging or contest.has_result
    return ContestPage(
        contest=contest,
        criteria=list(contest.criteria.order_by("position")),
        own=list(contest.works.filter(pk__in=Work.objects.written_by(user).values("pk")).order_by("pk")),
        works=list(listed.order_by("place", "organisation__code", "key")) if runs else [],
        awarded=list(listed.filter(pk__in=Work.objects.awarded().values("pk")).order_by("place", "key")),
        seats=seats_of(contest, on=on) if runs and judged else [],
        runs=runs,
        judges=contest.is_judging and not runs and Judge.objects.filter(contest=contest, user=user).exists(),
        may_hand_in=hands and handing_places(contest, user, on=on).exists(),
    )


@dataclass
class WorkPage:
    work: Work
    authors: list[User]
    # With their authors once the result is published; without the judges' names.
    comments: list[str] = field(default_factory=list)
    is_own: bool = False
    may_screen: bool = False
    may_change: bool = False
    may_withdraw: bool = False

    @property
    def shows_result(self) -> bool:
        return self.work.contest.is_published and self.work.place is not None


def work_page(work: Work, user: User, *, on: date) -> WorkPage:
    """With its contest and branch at hand."""
    authors = [row.user for row in work.authors.select_related("user").order_by("user__name", "pk")]
    own = user in authors or work.submitted_by_id == user.pk
    contest, runs = work.contest, runs_contest(work.contest, user, on=on)
    told = contest.is_published and (own or runs)
    comments = Judgement.objects.filter(work=work).order_by("comment").values_list("comment", flat=True)
    return WorkPage(
        work=work,
        authors=authors,
        comments=list(comments) if told else [],
        is_own=own,
        may_screen=runs and not own and work.waits_for_screening and contest.is_screening,
        may_change=own and may_change(work, on=on),
        may_withdraw=own and may_withdraw(work),
    )


def colleagues_in(work: Work, *, on: date) -> list[str]:
    """Members of the branch whose names stand in the work: a hint for who screens, for names can be words."""
    spans = Membership.objects.at(on).filter(organisation=work.organisation_id)
    names = list(spans.order_by("member__name").values_list("member__name", flat=True))
    return names_in(f"{work.title}\n{work.body}", names)


def may_change(work: Work, *, on: date) -> bool:
    """While works are called for; what was returned also during the screening."""
    contest = work.contest
    if work.is_returned and contest.is_screening:
        return True
    calling = contest.is_calling and on <= contest.call_until
    return calling and (work.is_returned or work.waits_for_screening)


def may_withdraw(work: Work) -> bool:
    """Until the judges begin."""
    return not work.is_withdrawn and (work.contest.is_calling or work.contest.is_screening)
