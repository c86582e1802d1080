"""What the public pages of the channel read: words that may give somebody away, and what was answered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db.models import Q

from accounts.models import User
from branches.models import CoveredUnit, Member, Organisation, Post
from branches.rules import Role
from burden.box.limits import LEAST_RECIPIENTS, Level
from burden.models import BoxRecipient
from burden.queries.box_recipients import fingerprint
from burden.queries.box_wall import WallAnswer, YearFigures, answers, figures

# A branch is called by a part of its name: “第一党支部” is “第一支部” in what people write.
SHORTER = (("党支部", "支部"), ("中共", ""), ("委员会", ""))


def names_of_people() -> set[str]:
    """Of members and of accounts together, so that a hit does not tell which of the two somebody is."""
    members = Member.objects.values_list("name", flat=True)
    return set(members.union(User.objects.values_list("name", flat=True)))


def names_of_places() -> set[str]:
    """Organisations and the units they cover, also in the short form people use."""
    organisations = Organisation.objects.values_list("name", flat=True)
    names = set(organisations.union(CoveredUnit.objects.values_list("name", flat=True)))
    return names | {name.replace(long, short) for name in names for long, short in SHORTER}


def open_levels() -> list[Level]:
    """The levels that take letters: those with two recipients or more; one's own first."""
    levels = list(BoxRecipient.objects.active().values_list("level", flat=True))
    return [level for level in Level if levels.count(level) >= LEAST_RECIPIENTS]


@dataclass(frozen=True)
class Reader:
    """Somebody who opens letters, as everybody may know them: a stranger among them is noticed."""

    name: str
    offices: tuple[str, ...]
    key_number: str


def readers(levels: Iterable[Level], *, on: date) -> list[tuple[Level, list[Reader]]]:
    """Who opens the letters of each of these levels; two statements."""
    found = list(BoxRecipient.objects.active().select_related("user").order_by("user__name", "name"))
    offices = _offices({one.user_id for one in found}, on=on)
    return [
        (level, [_reader(one, offices[one.user_id]) for one in found if one.level == level])
        for level in levels
    ]


def _reader(recipient: BoxRecipient, offices: list[str]) -> Reader:
    return Reader(recipient.user.name, tuple(offices), fingerprint(recipient.public_key))


def _offices(users: set[int], *, on: date) -> defaultdict[int, list[str]]:
    """What else they do; of who does nothing else, the organisation they receive for."""
    posts = Post.objects.at(on).filter(Q(user__in=users) | Q(member__user__in=users))
    rows = posts.select_related("organisation", "member").order_by("organisation__path", "role")
    others, own = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    for post in rows:
        holder = post.user_id or (post.member.user_id if post.member else None)
        if holder and post.role == Role.RECIPIENT:
            own[holder].append(post.organisation.name)
        elif holder:
            others[holder].append(f"{post.organisation.name}{post.get_role_display()}")
    own.update(others)
    return own


def public_answers() -> list[tuple[date, list[WallAnswer]]]:
    """By month, the latest first."""
    months = groupby(answers(), key=attrgetter("month"))
    return [(month, list(found)) for month, found in months]


def public_figures() -> list[tuple[int, list[YearFigures]]]:
    """By year, the latest first."""
    years = groupby(figures(), key=attrgetter("year"))
    return [(year, list(tables)) for year, tables in years]
