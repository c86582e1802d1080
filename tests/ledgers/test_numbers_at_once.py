"""Numbers of exports on PostgreSQL: two who export at the same moment."""

import threading

import pytest
from django.db import connections, transaction

from ledgers.exports.actions import numbered
from ledgers.ledger import Ledger
from tests.ledgers.sample import document_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE, EACH = 8, 5


def test_many_at_once_get_numbers_of_their_own(ledger: Ledger) -> None:
    document, found = document_of(ledger), list[str]()
    together = threading.Barrier(PEOPLE)

    def work() -> None:
        together.wait()
        try:
            found.extend(numbered(document).number for _ in range(EACH))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"2026-{number:04d}" for number in range(1, PEOPLE * EACH + 1)]


def test_a_number_given_back_is_given_again(ledger: Ledger) -> None:
    document = document_of(ledger)
    with transaction.atomic():
        assert numbered(document).number == "2026-0001"
        transaction.set_rollback(True)
    assert numbered(document).number == "2026-0001"
