"""One code, two requests at the same moment, on PostgreSQL: it opens one door."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from branches.rules import Refusal
from factors import actions
from factors.actions import Proof
from factors.models import RecoveryCode
from tests.factors.phone import Phone, code_of, make_phone

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 6


def together(work: Callable[[], Proof]) -> list[object]:
    """Run it in six threads that start as one; results or refusals, by their class."""
    start, found = threading.Barrier(THREADS), list[object]()

    def run() -> None:
        start.wait(10)
        try:
            found.append(work())
        except Refusal as refusal:
            found.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.fixture
def phone() -> Phone:
    return make_phone(at=timezone.now() - timedelta(minutes=5))


def test_one_code_of_the_phone_opens_once(phone: Phone) -> None:
    at = timezone.now()
    typed = code_of(phone.secret, at)
    found = together(lambda: actions.prove(phone.user, typed=typed, at=at))
    # The first is right; four wrong ones follow, and the fifth pauses.
    assert sorted(map(str, found)) == sorted([str(Proof())] + ["WrongCode"] * 4 + ["Paused"])


def test_one_recovery_code_opens_once(phone: Phone) -> None:
    at = timezone.now()
    found = together(lambda: actions.prove(phone.user, typed=phone.paper[0], at=at))
    assert found.count(Proof(codes_left=9)) == 1
    assert RecoveryCode.objects.count() == 9
    assert len(found) == THREADS
