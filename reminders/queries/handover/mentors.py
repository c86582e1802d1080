"""Who could walk beside a new worker: colleagues of other branches, with the reasons in words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from branches.models import Organisation, Post
from branches.planning.geography import Place, great_circle_km
from branches.rules import BRANCH_KINDS, Role
from periods.months import add_years
from reminders.handover_rules import MENTOR_YEARS, MENTORS_SHOWN, HandoverState, years_between
from reminders.models import Handover
from reminders.queries.handover.people import person_of, with_holders


@dataclass(frozen=True)
class MentorSuggestion:
    """A colleague and why, in words; nobody is measured against anybody."""

    post: int
    name: str
    organisation: str
    reasons: tuple[str, ...]


def mentor_suggestions(handover: Handover, *, on: date) -> list[MentorSuggestion]:
    """At most MENTORS_SHOWN colleagues, of the same line and near ones first; two statements.

    Colleagues in a handover of their own and who walks beside somebody already are left in peace.
    """
    if handover.role != Role.WORKER or handover.organisation.parent_id is None:
        return []
    busy = _busy(handover)
    taking_part = {person_of(post) for post in (handover.leaver_post, handover.newcomer_post) if post}
    found: dict[str, Post] = {}
    for post in mentor_posts(handover, on=on):
        person = person_of(post)
        if post.pk not in busy and person not in taking_part:
            found.setdefault(person, post)
    nearest = sorted(found.values(), key=lambda post: _order(handover.organisation, post))
    return [_suggestion(handover.organisation, post, on) for post in nearest[:MENTORS_SHOWN]]


def mentor_posts(handover: Handover, *, on: date) -> list[Post]:
    """Workers of the sister branches who have been there long enough."""
    posts = Post.objects.at(on).filter(
        role=Role.WORKER,
        since__lte=add_years(on, -MENTOR_YEARS),
        organisation__parent=handover.organisation.parent_id,
        organisation__kind__in=sorted(BRANCH_KINDS),
    )
    found = posts.exclude(organisation=handover.organisation_id).select_related(*with_holders())
    return list(found.order_by("since", "pk"))


def _busy(handover: Handover) -> set[int]:
    """Posts in another running handover, and of who mentors in one that runs or was signed."""
    others = Handover.objects.exclude(pk=handover.pk)
    busy: set[int] = set()
    rows = others.exclude(state=HandoverState.CANCELLED).filter(
        organisation__parent=handover.organisation.parent_id
    )
    for state, *posts in rows.values_list("state", "mentor", "leaver_post", "newcomer_post"):
        taking_part = posts if state != HandoverState.SIGNED else posts[:1]
        busy.update(post for post in taking_part if post is not None)
    return busy


def _order(place: Organisation, post: Post) -> tuple[bool, float, str, int]:
    same = bool(place.industry_line) and post.organisation.industry_line == place.industry_line
    km = distance_km(place, post.organisation)
    return not same, km if km is not None else float("inf"), post.organisation.code, post.pk


def distance_km(one: Organisation, other: Organisation) -> float | None:
    here, there = _place(one), _place(other)
    return great_circle_km(here, there) if here and there else None


def _place(organisation: Organisation) -> Place | None:
    latitude: Decimal | None = organisation.latitude
    longitude: Decimal | None = organisation.longitude
    return (float(latitude), float(longitude)) if latitude is not None and longitude is not None else None


def _suggestion(place: Organisation, post: Post, on: date) -> MentorSuggestion:
    there = post.organisation
    reasons = [f"在任 {years_between(post.since, on)} 年"]
    km = distance_km(place, there)
    if km is not None:
        reasons.insert(0, f"相距 {km:.1f} 公里")
    if place.industry_line and there.industry_line == place.industry_line:
        reasons.insert(0, f"同属{place.industry_line}")
    return MentorSuggestion(post.pk, post.holder_name, there.name, tuple(reasons))
