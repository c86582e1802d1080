"""What judges may see: works by their key alone. And who is bound to whom.

Nothing that leaves here for a judge carries an author, a branch or a day of a work.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from branches.access import may
from branches.models import Membership, Organisation, Post
from branches.roles import roles_with
from training.models import Contest, Judge, Judgement, OutputAuthor, Pair, Point, Work
from training.models.contests import JUDGE_WORK, RUN_CONTEST
from training.rules.contests import JudgeTies, conflict_of, shown, weighted


def places_of(users: Collection[int], *, on: date) -> dict[int, set[int]]:
    """Organisations in which these people hold a post."""
    found: dict[int, set[int]] = defaultdict(set)
    for user, place in _held_places(users, on):
        found[user].add(place)
    return found


def _held_places(users: Collection[int], on: date) -> "QuerySet[Post, tuple[int, int]]":
    mine = Q(user__in=users) | Q(member__user__in=users)
    held = Post.objects.at(on).filter(mine).annotate(person=Coalesce("user", "member__user"))
    return held.values_list("person", "organisation")


def ties_of(users: Collection[int], *, on: date) -> dict[int, JudgeTies]:
    """What binds these people; three statements."""
    branches: dict[int, set[int]] = defaultdict(set)
    spans = Membership.objects.at(on).filter(member__user__in=users)
    for user, place in _held_places(users, on).union(spans.values_list("member__user", "organisation")):
        branches[user].add(place)
    paired: dict[int, set[int]] = defaultdict(set)
    pairs = Pair.objects.filter(Q(mentor__in=users) | Q(pupil__in=users))
    for mentor, pupil in pairs.values_list("mentor", "pupil"):
        paired[mentor].add(pupil)
        paired[pupil].add(mentor)
    wrote = _wrote_with(users)
    return {
        user: JudgeTies(user, frozenset(branches[user]), frozenset(paired[user]), frozenset(wrote[user]))
        for user in users
    }


def _wrote_with(users: Collection[int]) -> dict[int, set[int]]:
    versions = OutputAuthor.objects.filter(user__in=users).values("version__output")
    authors: dict[int, set[int]] = defaultdict(set)
    rows = OutputAuthor.objects.filter(version__output__in=versions)
    for output, user in rows.values_list("version__output", "user"):
        authors[output].add(user)
    found: dict[int, set[int]] = defaultdict(set)
    for together in authors.values():
        for user in together:
            found[user] |= together - {user}
    return found


@dataclass(frozen=True)
class Seat:
    """One judge, the accepted works without a tie to the judge, and how many of them are judged."""

    judge: Judge
    rows: tuple[Work, ...]
    judged: frozenset[int]

    @property
    def works(self) -> tuple[int, ...]:
        return tuple(work.pk for work in self.rows)

    @property
    def given(self) -> int:
        return len(self.judged & set(self.works))

    @property
    def is_done(self) -> bool:
        return self.judged >= set(self.works)


def seats_of(contest: Contest, *, on: date, only: User | None = None) -> list[Seat]:
    """Every judge of a contest; seven statements however many there are."""
    judges = contest.judges.select_related("user").order_by("user__name", "pk")
    rows = list(judges.filter(user=only) if only else judges)
    ties = ties_of([row.user_id for row in rows], on=on)
    works = list(contest.works.accepted().prefetch_related("authors").order_by("key"))
    judged: dict[int, set[int]] = defaultdict(set)
    for judge, work in Judgement.objects.filter(judge__in=rows).values_list("judge", "work"):
        judged[judge].add(work)
    return [
        Seat(
            row,
            tuple(work for work in works if not _bound(ties[row.user_id], work)),
            frozenset(judged[row.pk]),
        )
        for row in rows
    ]


def _bound(ties: JudgeTies, work: Work) -> bool:
    authors = {author.user_id for author in work.authors.all()} | {work.submitted_by_id}
    return conflict_of(ties, authors=authors, branches=[work.organisation_id]) is not None


def runners_among(users: Iterable[User], contest: Contest, *, on: date) -> list[User]:
    """Those who know the authors: who runs contests there, made this one or screened its works."""
    screened = contest.works.filter(screened_by__isnull=False)
    knows = {contest.made_by_id, *screened.values_list("screened_by", flat=True)}
    return [user for user in users if user.pk in knows or _runs(user, contest, on)]


def _runs(user: User, contest: Contest, on: date) -> bool:
    if not may(user, RUN_CONTEST, on=on):
        return False
    mine = Organisation.objects.permitted_to(user, RUN_CONTEST, on=on)
    return mine.filter(pk=contest.organisation_id).exists()


def possible_judges(contest: Contest, *, on: date) -> QuerySet[User]:
    """Who may judge in the organiser's tree and next to it, by name, without those who run contests there."""
    root = contest.organisation.parent or contest.organisation
    posts = Post.objects.at(on).filter(organisation__in=Organisation.objects.within(root))
    above = contest.organisation.path
    judging = posts.filter(role__in=sorted(roles_with(JUDGE_WORK)))
    runs = Post.objects.at(on).filter(role__in=sorted(roles_with(RUN_CONTEST)))
    keys = [pk for pk, path in runs.values_list("pk", "organisation__path") if above.startswith(path)]
    return (
        User.objects.filter(_held(judging), is_active=True)
        .exclude(_held(runs.filter(pk__in=keys)))
        .exclude(pk=contest.made_by_id)
        .order_by("name", "pk")
    )


def _held(posts: "QuerySet[Post]") -> Q:
    return Q(pk__in=posts.filter(user__isnull=False).values("user")) | Q(
        pk__in=posts.filter(member__user__isnull=False).values("member__user")
    )


@dataclass(frozen=True)
class SealedWork:
    """A work as its judge sees it."""

    key: str
    title: str
    body: str
    is_judged: bool


def judging_of(contest: Contest, user: User, *, on: date) -> list[SealedWork] | None:
    """What this judge has to judge, by key; None for who judges nothing here, or knows the authors."""
    seat = next(iter(seats_of(contest, on=on, only=user)), None)
    if seat is None or not contest.is_judging or _knows(user, contest, seat, on):
        return None
    return [SealedWork(work.key, work.title, work.body, work.pk in seat.judged) for work in seat.rows]


def _knows(user: User, contest: Contest, seat: Seat, on: date) -> bool:
    screened = {work.screened_by_id for work in seat.rows}
    return user.pk == contest.made_by_id or user.pk in screened or _runs(user, contest, on)


@dataclass(frozen=True)
class Given:
    """What the judge gave, and the scores of the others without their names."""

    comment: str
    points: list[Point]
    score: Decimal
    others: list[Decimal]


def given_by(user: User, work: Work) -> Given | None:
    """None until this judge has judged it: nobody looks at the others' scores before."""
    rows = Point.objects.filter(judgement__work=work).select_related("judgement__judge", "criterion")
    by_judge: dict[int, list[Point]] = defaultdict(list)
    for point in rows.order_by("judgement", "criterion__position"):
        by_judge[point.judgement.judge.user_id].append(point)
    own = by_judge.pop(user.pk, None)
    if own is None:
        return None
    others = sorted((score_of(points) for points in by_judge.values()), reverse=True)
    return Given(own[0].judgement.comment, own, score_of(own), others)


def score_of(points: Collection[Point]) -> Decimal:
    """Of one judgement, its criteria at hand."""
    weights = {point.criterion_id: point.criterion.weight for point in points}
    return shown(weighted({point.criterion_id: point.points for point in points}, weights))
