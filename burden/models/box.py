"""The anonymous channel in the database: sealed letters of one size, and who can open them.

Nothing here tells when or in which order letters came: no time, no counter, no order of its own. Letters
are written by burden.box.actions alone, always a whole batch in shuffled order (docs/adr/0020).
"""

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from burden.box.limits import Level, Outcome


class LetterState(models.TextChoices):
    OPEN = "open", "本周"
    RELEASED = "released", "已送达"


class BoxLetterQuerySet(models.QuerySet["BoxLetter"]):
    def open(self) -> Self:
        """The batch of the running week: always SLOTS_A_WEEK rows under names of one day."""
        return self.filter(state=LetterState.OPEN)

    def released(self) -> Self:
        return self.filter(state=LetterState.RELEASED)


class BoxLetter(models.Model):
    """One letter, or a dummy that only the key file tells from one.

    While the week is open `lookup` is a random name, new at each tick, and `sealed` is new bytes in the
    wrapping of the week: two dumps show no row in common. Released, `lookup` is what the receipt leads to
    and `sealed` is in the wrapping of the letter's own key (burden.box.shred).
    """

    lookup = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()
    state = models.CharField(max_length=8, choices=LetterState)
    # The first day of the month of its release.
    month = models.DateField(null=True, blank=True)
    reply = models.BinaryField(default=bytes, blank=True)
    outcome = models.CharField(max_length=12, blank=True, default="", choices=Outcome)
    # What the desk decided; it takes effect at the next weekly release.
    pending_reply = models.BinaryField(default=bytes, blank=True)
    pending_outcome = models.CharField(max_length=12, blank=True, default="", choices=Outcome)

    objects = BoxLetterQuerySet.as_manager()

    class Meta:
        verbose_name = "来信"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=LetterState.OPEN, month__isnull=True)
                | Q(state=LetterState.RELEASED, month__isnull=False),
                name="box_letter_month_when_released",
            ),
            models.CheckConstraint(
                condition=Q(state=LetterState.RELEASED) | Q(outcome="", pending_outcome=""),
                name="box_letter_open_is_bare",
            ),
        ]


def new_name() -> str:
    """64 random hexadecimal digits: a primary key without an order."""
    return secrets.token_hex(32)


class BoxRecipientQuerySet(models.QuerySet["BoxRecipient"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def of_level(self, level: str) -> Self:
        return self.filter(level=level)


class BoxRecipient(models.Model):
    """Somebody who opens letters: the public key, and the private one under their own passphrase."""

    name = models.CharField(max_length=64, primary_key=True, default=new_name, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="box_recipient")
    level = models.CharField("级别", max_length=8, choices=Level)
    public_key = models.BinaryField(max_length=32)
    wrapped_key = models.BinaryField()
    is_active = models.BooleanField("受理中", default=True)
    # For whom this person last sealed anew what they can open; empty when letters were released since.
    sealed_for = models.CharField(max_length=64, blank=True, default="", editable=False)

    objects = BoxRecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "受理人"
