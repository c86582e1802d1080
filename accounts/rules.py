"""How long a session lasts and how a first password looks. Pure: no clock, no database."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

# Without 0/O, 1/l/I, 2/Z, 5/S, 8/B, u/v: the slip is typed from paper, often on a phone.
READABLE = "acdefghjkmnpqrtwxy34679"
FIRST_PASSWORD_GROUPS = 4
FIRST_PASSWORD_GROUP_LENGTH = 4

CONFIRMED_FOR = timedelta(minutes=15)
SIGN_INS_KEPT = timedelta(days=184)
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SessionLimits:
    """`idle` ends a session nobody uses, `absolute` ends it however busy it is."""

    idle: timedelta | None
    absolute: timedelta


SHORT = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
LONG = SessionLimits(idle=None, absolute=timedelta(days=30))


def limits_for(*, short_session: bool) -> SessionLimits:
    return SHORT if short_session else LONG


def session_is_over(limits: SessionLimits, *, began: float, seen: float, now: float) -> bool:
    """All moments are seconds since the epoch."""
    if now - began >= limits.absolute.total_seconds():
        return True
    return limits.idle is not None and now - seen >= limits.idle.total_seconds()


def is_recent(moment: float | None, *, now: float) -> bool:
    """True while a password given at `moment` still counts as given again."""
    return moment is not None and 0 <= now - moment < CONFIRMED_FOR.total_seconds()


def first_password() -> str:
    """Four groups of four readable characters: 72 bits, e.g. `kx7m-…`."""
    groups = (
        "".join(secrets.choice(READABLE) for _ in range(FIRST_PASSWORD_GROUP_LENGTH))
        for _ in range(FIRST_PASSWORD_GROUPS)
    )
    return "-".join(groups)
