"""Who takes part in a handover: the holders of its posts, and staff of the general branch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from reminders.handover_rules import Standing, newcomers
from reminders.models import Handover
from reminders.queries.catalogue import line_paths

TO_BE_FOUND = "待确定接收人"


def account_of(post: Post) -> User | None:
    """The account of whoever holds the post; select member__user and user along with the post."""
    return post.member.user if post.member else post.user


def person_of(post: Post) -> str:
    """The same for every post of one person, held through the member or through the account."""
    account = post.user_id or (post.member.user_id if post.member else None)
    return f"user:{account}" if account else f"member:{post.member_id}"


def has_begun(post: Post, on: date) -> bool:
    return post.since <= on and (post.until is None or post.until >= on)


def standing_of(post: Post) -> Standing:
    return Standing(post.pk, person_of(post), post.since, post.until)


def with_holders() -> tuple[str, ...]:
    return "member__user", "user", "organisation"


def handover_url(pk: int) -> str:
    return reverse("reminders:handover_detail", args=[pk])


@dataclass(frozen=True)
class Choice:
    """A post somebody may be chosen by."""

    post: int
    label: str


def others_in(handovers: Iterable[Handover]) -> dict[int, list[Post]]:
    """Posts of the same role in the organisation of each handover; one statement for any number."""
    wanted = {(h.organisation_id, h.role) for h in handovers}
    found: dict[tuple[int, str], list[Post]] = {key: [] for key in wanted}
    posts = Post.objects.filter(
        organisation__in={place for place, _ in wanted}, role__in={role for _, role in wanted}
    )
    for post in posts.select_related(*with_holders()).order_by("since", "pk"):
        found.get((post.organisation_id, post.role), []).append(post)
    return {h.pk: found[h.organisation_id, h.role] for h in handovers}


def newcomer_posts(handover: Handover, *, on: date) -> list[Post]:
    """Who may be chosen to take over, the latest begun first; one statement."""
    posts = {post.pk: post for post in others_in([handover])[handover.pk]}
    leaver = person_of(handover.leaver_post)
    found = newcomers(map(standing_of, posts.values()), leaver=leaver, last_day=handover.last_day)
    return [posts[one.post] for one in found if one.until is None or one.until >= on]


def choice_of(post: Post) -> Choice:
    return Choice(post.pk, f"{post.holder_name}（{post.since:%Y-%m-%d} 起任{post.get_role_display()}）")


def staff_of(organisation: Organisation, *, roles: Iterable[str], on: date) -> list[User]:
    """Open accounts of who holds one of these roles at the organisation or above; one statement."""
    posts = Post.objects.at(on).filter(
        role__in=sorted(roles), organisation__path__in=line_paths(organisation)
    )
    return _accounts(posts.select_related("member__user", "user").order_by("pk"))


def secretaries_of(organisation: Organisation, *, on: date) -> list[User]:
    posts = Post.objects.at(on).filter(role=Role.SECRETARY, organisation=organisation)
    return _accounts(posts.select_related("member__user", "user").order_by("pk"))


def _accounts(posts: Iterable[Post]) -> list[User]:
    found = (account_of(post) for post in posts)
    return list({user.pk: user for user in found if user is not None and user.is_active}.values())
