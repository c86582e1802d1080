"""How codes are made and compared, and how long things last. Pure: no clock, no database."""

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode

from django_otp.oath import TOTP


class Mode(StrEnum):
    """What SECOND_FACTOR may say."""

    OFF = "off"
    OFFERED = "offered"
    REQUIRED = "required"


ISSUER = "党务工作台"
SECRET_BYTES = 20
STEP_SECONDS = 30
DIGITS = 6
# One step to either side for a code typed slowly. The first code may be further off, because a portal
# without a time server may go wrong by minutes; what it is off by is learnt and kept.
TOLERANCE = 1
FIRST_TOLERANCE = 20
TRIES = 5
PAUSE = timedelta(minutes=15)
# So long a session waits for its code, and so long may setting up take.
WAITING_FOR = timedelta(minutes=10)

RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
# Without 0/O, 1/l/I, 2/Z, 5/S, 8/B, u/v: the codes are typed from paper.
READABLE = "acdefghjkmnpqrtwxy34679"


@dataclass(frozen=True)
class Match:
    """A right code: of which time step, and how many steps the two clocks are apart."""

    step: int
    drift: int


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def plain(typed: str) -> str:
    """As it was meant: full-width digits, spaces and dashes do not matter."""
    text = unicodedata.normalize("NFKC", typed).lower()
    return "".join(sign for sign in text if sign.isalnum())


def is_app_code(typed: str) -> bool:
    return len(typed) == DIGITS and typed.isascii() and typed.isdigit()


def matched(
    secret: bytes, typed: str, *, at: float, drift: int = 0, after: int = -1, tolerance: int = TOLERANCE
) -> Match | None:
    """The time step this code belongs to; None when it is wrong, too old, or not later than step `after`."""
    if not is_app_code(typed):
        return None
    clock = TOTP(secret, step=STEP_SECONDS, digits=DIGITS, drift=drift)
    clock.time = at
    if not clock.verify(int(typed), tolerance=tolerance, min_t=after + 1):
        return None
    return Match(step=clock.t(), drift=clock.drift)


def secret_for_typing(secret: bytes) -> str:
    """Base 32 in groups of four, as authenticator programs take it."""
    text = b32encode(secret).decode("ascii")
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def authenticator_address(secret: bytes, *, account: str) -> str:
    """What the QR code says."""
    label = quote(f"{ISSUER}:{account}")
    key = b32encode(secret).decode("ascii")
    return f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': ISSUER}, quote_via=quote)}"


def new_recovery_codes() -> list[str]:
    """Ten codes of 45 bits each, such as `kx7mp-…`."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def recovery_digest(secret: bytes, typed: str) -> str:
    """What is kept of a recovery code; keyed with the sealed secret, so the database alone opens none."""
    return hmac.new(secret, b"recovery code:" + plain(typed).encode(), hashlib.sha256).hexdigest()


def _recovery_code() -> str:
    text = "".join(secrets.choice(READABLE) for _ in range(RECOVERY_LENGTH))
    return f"{text[:5]}-{text[5:]}"
