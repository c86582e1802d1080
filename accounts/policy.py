"""What settings may choose about signing in. They read it, so nothing of Django is imported here.

Password profiles. plain: long and uncommon, changed when there is a reason. mlps2: for installations that
are graded under the multi-level protection scheme: GB/T 22239-2019 7.1.4.1 a) and 8.1.4.1 a) ask for
complexity and regular change; the figures are ours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# What SECOND_FACTOR may say: nobody is asked, who wants to, office accounts have to.
FACTOR_MODES = ("off", "offered", "required")
WARN_BEFORE = timedelta(days=7)
_DJANGO = "django.contrib.auth.password_validation."
_COMMON_SENSE: list[dict[str, Any]] = [
    {
        "NAME": f"{_DJANGO}UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name"]},
    },
    {"NAME": "accounts.validators.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_DJANGO}CommonPasswordValidator"},
    {"NAME": f"{_DJANGO}NumericPasswordValidator"},
]


@dataclass(frozen=True)
class PasswordProfile:
    """kinds: how many of capital and small letters, digits, signs. remembered: earlier passwords refused."""

    kinds: int = 0
    longest: timedelta | None = None
    remembered: int = 0

    @property
    def validators(self) -> list[dict[str, Any]]:
        if not self.kinds:
            return _COMMON_SENSE
        kinds = {"NAME": "accounts.validators.KindsValidator", "OPTIONS": {"kinds": self.kinds}}
        return [*_COMMON_SENSE, kinds]

    def days_left(self, set_at: datetime, *, now: datetime) -> int | None:
        """Whole days until the password must be changed; None where it never must, 0 when it is due."""
        if self.longest is None:
            return None
        return max(0, -((now - set_at - self.longest) // timedelta(days=1)))


PASSWORD_PROFILES = {
    "plain": PasswordProfile(),
    "mlps2": PasswordProfile(kinds=3, longest=timedelta(days=90), remembered=5),
}
