"""Which posts are left, when and why: read for all of them with a constant number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import JointPlanGroup, MemberEvent, Organisation, Post
from branches.rules import HANDED_OVER_ROLES, EventKind
from reminders.handover_rules import (
    ABSENCES,
    CAUSES,
    DAY,
    Dated,
    KnownEnd,
    due_bounds,
    known_end,
)
from reminders.models import Handover
from reminders.queries.handover.people import person_of, with_holders


@dataclass(frozen=True)
class PostEnd:
    """A post with its known end, and the organisation in which its work goes on.

    end: None while nothing takes the holder away. place: None where the branch ended without a successor.
    goes_on: the same person holds the same post the day after.
    """

    post: Post
    end: KnownEnd | None
    place: Organisation | None
    goes_on: bool


def post_ends(*, on: date) -> list[PostEnd]:
    """Posts near their end, and those of running handovers; five statements."""
    posts = list(_near(on).select_related(*with_holders()).order_by("pk"))
    events, made = _events(posts), _made_of({post.organisation_id for post in posts})
    others = _posts_of_same_people(posts)
    return [_end(post, events, made, others[person_of(post)], on) for post in posts]


def post_end(post: Post, *, on: date) -> PostEnd:
    """The same for one post."""
    return _end(
        post,
        _events([post]),
        _made_of({post.organisation_id}),
        _posts_of_same_people([post])[person_of(post)],
        on,
    )


def _near(on: date) -> QuerySet[Post]:
    earliest, latest = due_bounds(on)
    away = MemberEvent.objects.standing().filter(
        kind__in=sorted(ABSENCES), on__range=(earliest + DAY, latest + DAY), member=OuterRef("member")
    )
    running = Handover.objects.running().values("leaver_post")
    left = Q(until__range=(earliest, latest)) | (Q(until=None) | Q(until__gt=latest)) & Exists(away)
    mine = Q(role__in=sorted(HANDED_OVER_ROLES), since__lte=on)
    return Post.objects.filter(mine & left | Q(pk__in=running))


def _events(posts: Iterable[Post]) -> Mapping[int, list[Dated]]:
    people = [post.member_id for post in posts if post.member_id]
    rows = MemberEvent.objects.standing().filter(member__in=people, kind__in=sorted(CAUSES))
    found: dict[int, list[Dated]] = defaultdict(list)
    for member, day, kind in rows.values_list("member", "on", "kind"):
        found[member].append((day, EventKind(kind)))
    return found


def _made_of(old: Collection[int]) -> Mapping[int, Organisation]:
    """The joint branch that was made of a branch in the end, by the old one."""
    groups = JointPlanGroup.objects.filter(branches__in=old).exclude(made=None).select_related("made")
    found = {}
    for group in groups.prefetch_related("branches"):
        if group.made is not None:
            found.update({branch.pk: group.made for branch in group.branches.all()})
    gone = {place.pk for place in found.values() if place.dissolved_on}
    # A joint branch may itself have become part of another one.
    later = _made_of(gone) if gone else {}
    return {pk: later.get(place.pk, place) for pk, place in found.items()}


def _posts_of_same_people(posts: Sequence[Post]) -> Mapping[str, list[Post]]:
    members = {post.member_id for post in posts if post.member_id}
    users = {post.user_id for post in posts if post.user_id}
    users |= {post.member.user_id for post in posts if post.member and post.member.user_id}
    rows = Post.objects.filter(
        Q(member__in=members) | Q(user__in=users) | Q(member__user__in=users),
        role__in={post.role for post in posts},
    )
    found: dict[str, list[Post]] = defaultdict(list)
    for row in rows.select_related("member").order_by("pk"):
        found[person_of(row)].append(row)
    return found


def _end(
    post: Post,
    events: Mapping[int, list[Dated]],
    made: Mapping[int, Organisation],
    same_person: Iterable[Post],
    on: date,
) -> PostEnd:
    end = known_end(
        since=post.since,
        until=post.until,
        events=events.get(post.member_id or 0, ()),
        assigned=bool(post.member and post.member.assigned),
        on=on,
    )
    place = _place(post, made)
    places = {post.organisation_id, place.pk if place else post.organisation_id}
    later = [
        p for p in same_person if p.pk != post.pk and p.role == post.role and p.organisation_id in places
    ]
    return PostEnd(post, end, place, end is not None and any(_covers(p, end.last_day + DAY) for p in later))


def _covers(post: Post, day: date) -> bool:
    return post.since <= day and (post.until is None or post.until >= day)


def _place(post: Post, made: Mapping[int, Organisation]) -> Organisation | None:
    """A dissolved branch has nobody to hand over to; what it was joined into has."""
    if post.organisation.dissolved_on is None:
        return post.organisation
    heir = made.get(post.organisation_id)
    return heir if heir is not None and heir.dissolved_on is None else None
