"""The list of accounts a person manages."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from accounts.models import User
from branches.models import Member, Post


@dataclass
class AccountRow:
    """One account with the posts held today."""

    user: User
    posts: list[Post] = field(default_factory=list)


FILTERS = {
    "open": Q(is_active=True),
    "closed": Q(is_active=False),
    "new": Q(last_login=None),
}


def with_state(accounts: QuerySet[User], state: str, search: str) -> QuerySet[User]:
    """Those in that state (see FILTERS; anything else: all) whose name or sign-in name holds `search`."""
    found = accounts.filter(FILTERS.get(state, Q()))
    if search.strip():
        found = found.filter(Q(name__icontains=search.strip()) | Q(username__icontains=search.strip()))
    return found.order_by("username")


def account_rows(accounts: Iterable[User], *, on: date) -> list[AccountRow]:
    """Two statements beside the accounts themselves."""
    rows = {account.pk: AccountRow(account) for account in accounts}
    members = dict(Member.objects.filter(user__in=rows).values_list("pk", "user"))
    held: dict[int, list[Post]] = defaultdict(list)
    posts = Post.objects.at(on).filter(Q(user__in=rows) | Q(member__in=members))
    for post in posts.select_related("organisation").order_by("organisation__path", "role"):
        holder = post.user_id or members.get(post.member_id or 0)
        held[holder or 0].append(post)
    for pk, row in rows.items():
        row.posts = held[pk]
    return list(rows.values())
