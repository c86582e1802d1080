"""Who receives letters, at which level, and whether that still stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from django.db.models import QuerySet

from accounts.models import User
from branches.models import CoveredUnit, Membership, Organisation, Post
from branches.rules import OrganisationKind, Role
from burden.box.limits import LEAST_RECIPIENTS, Level
from burden.models import BoxRecipient

LEVEL_OF_KIND: dict[str, Level] = {
    OrganisationKind.GENERAL_BRANCH: Level.OWN,
    OrganisationKind.COMMITTEE: Level.SUPERIOR,
}
_MARK = b"box fingerprint"


def level_of(user: User, *, on: date) -> Level | None:
    """The level this person receives for on that day; of two the own one."""
    posts = Post.objects.at(on).held_by(user).filter(role=Role.RECIPIENT)
    kinds = set(posts.values_list("organisation__kind", flat=True))
    return next((level for kind, level in LEVEL_OF_KIND.items() if kind in kinds), None)


def recipient_of(user: User, *, on: date) -> BoxRecipient | None:
    """The key this person made for the level they receive for; None where there is none."""
    level = level_of(user, on=on)
    return BoxRecipient.objects.filter(user=user, level=level).first() if level else None


def keys_of(level: Level) -> QuerySet[BoxRecipient]:
    """Everybody with a key of that level, confirmed ones first."""
    return BoxRecipient.objects.of_level(level).select_related("user").order_by("-is_active", "user__name")


@dataclass(frozen=True)
class KeyRow:
    """One recipient's key as the others see it."""

    recipient: BoxRecipient
    fingerprint: str


def key_rows(level: Level | None) -> list[KeyRow]:
    return [KeyRow(one, fingerprint(one.public_key)) for one in keys_of(level)] if level else []


def leavers(*, on: date) -> list[BoxRecipient]:
    """Keys of people who hold the post of their level no more. Two statements."""
    held = Post.objects.at(on).filter(role=Role.RECIPIENT)
    accounts = held.values_list("organisation__kind", "user", "member__user")
    standing = {(LEVEL_OF_KIND.get(kind), user or own) for kind, user, own in accounts}
    found = BoxRecipient.objects.select_related("user")
    return [
        one
        for one in found
        if (one.level, one.user_id) not in standing or one.user.exclusive_duty != Role.RECIPIENT
    ]


def is_staffed(level: str) -> bool:
    """Whether letters of that level are taken."""
    return BoxRecipient.objects.active().of_level(level).count() >= LEAST_RECIPIENTS


def fingerprint(public_key: bytes | memoryview) -> str:
    """What two people compare by voice before one confirms the other: “3f2a 91c4 07de”."""
    digits = blake2b(bytes(public_key), digest_size=6, person=_MARK).hexdigest()
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))


def ring_of(recipients: Iterable[BoxRecipient]) -> str:
    """One word for a set of keys."""
    keys = sorted(bytes(one.public_key) for one in recipients)
    return blake2b(b"".join(keys), digest_size=32).hexdigest()


def own_words(user: User, *, on: date) -> set[str]:
    """Names that make a letter one about the recipient: the person, the organisations, the offices."""
    posts = Post.objects.at(on).held_by(user)
    spans = Membership.objects.at(on).filter(member__user=user)
    places = Organisation.objects.filter(
        pk__in=posts.values("organisation").union(spans.values("organisation"))
    )
    units = CoveredUnit.objects.filter(organisation__in=spans.values("organisation"), until=None)
    names = {user.name, *places.values_list("name", flat=True), *units.values_list("name", flat=True)}
    return {form for name in names for form in _forms(name)}


def _forms(name: str) -> set[str]:
    """A name as it is, and without the words every organisation has in its own."""
    short = name
    for ending in ("党支部", "支部", "党总支", "党委", "联合"):
        short = short.removesuffix(ending)
    return {form for form in (name, short, name.replace("党支部", "支部")) if len(form) > 1}
