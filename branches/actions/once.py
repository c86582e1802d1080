"""What only the database can tell: that somebody else was first."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from branches.rules import Refusal


@contextmanager
def refused_when_taken(refusal: Refusal) -> Iterator[None]:
    """Raise `refusal` when a unique constraint says that the same was written at the same moment.

    The check before the write gives the sentence in every other case.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise refusal from None
