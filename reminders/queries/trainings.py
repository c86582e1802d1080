"""What training asks of an organisation: on its list while it waits, done by what is registered there."""

from datetime import date

from django.db.models import F

from reminders.queries.facts import Fact, FactRows, fact_rows, text_of
from training.models import Duty

DUTY = "duty"


def _duties(on: date) -> FactRows:
    return fact_rows(
        Duty.objects.waiting(on=on),
        subject=text_of(f"{DUTY}:", "pk"),
        name=F("name"),
        anchor=F("due_on"),
        note=F("note"),
    )


DUTIES: tuple[Fact, ...] = (_duties,)
