"""Requests at the same moment, on PostgreSQL: one code opens one door, and nobody waits for ever."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connections
from django.utils import timezone

from accounts.models import User
from branches.rules import Refusal
from factors import actions
from factors.actions import Proof
from factors.models import Authenticator, RecoveryCode
from factors.rules import new_secret
from tests.factors.phone import Phone, code_of, make_phone

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 6
ROUNDS = 25


def together(*works: Callable[[], object]) -> list[object]:
    """Run each in a thread of its own, all starting as one; results, or the class of what was raised."""
    start, found = threading.Barrier(len(works)), list[object]()

    def run(work: Callable[[], object]) -> None:
        start.wait(10)
        try:
            found.append(work())
        except (Refusal, DatabaseError) as refusal:
            found.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
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
    found = together(*[lambda: actions.prove(phone.user, typed=typed, at=at)] * THREADS)
    # The first is right; four wrong ones follow, and the fifth pauses.
    assert sorted(map(str, found)) == sorted([str(Proof())] + ["WrongCode"] * 4 + ["Paused"])


def test_one_recovery_code_opens_once(phone: Phone) -> None:
    at = timezone.now()
    found = together(*[lambda: actions.prove(phone.user, typed=phone.paper[0], at=at)] * THREADS)
    assert found.count(Proof(codes_left=9)) == 1
    assert RecoveryCode.objects.count() == 9
    assert len(found) == THREADS


def test_replacing_resetting_turning_off_and_proving_never_wait_for_each_other(phone: Phone) -> None:
    at, secret = timezone.now(), new_secret()
    troubles, mixed = set[object](), set[bool]()
    for n in range(ROUNDS):
        moment = at + timedelta(seconds=n)
        actions.set_up(phone.user, secret=secret, typed=code_of(secret, moment), at=moment)
        found = together(*_works(phone.user.pk, secret, moment))
        assert len(found) == 5
        troubles |= {word for word in found if isinstance(word, str)}
        since = User.objects.get(pk=phone.user.pk).second_factor_since
        mixed.add((since is not None) == Authenticator.objects.exists())
    assert troubles <= {"NothingSetUp", "WrongCode", "WrongRecoveryCode", "Paused"}
    assert mixed == {True}


def _works(pk: int, secret: bytes, at: datetime) -> list[Callable[[], object]]:
    """Each with the account as its own request would have read it."""
    user, typed = User.objects.get, code_of(secret, at)
    on = timezone.localdate(at)
    return [
        lambda: actions.set_up(user(pk=pk), secret=secret, typed=typed, at=at),
        lambda: actions.reset(user(pk=pk), by=None, reason="手机丢失", on=on, at=at),
        lambda: actions.turn_off(user(pk=pk), at=at),
        lambda: actions.prove(user(pk=pk), typed="000000", at=at),
        lambda: actions.renew_codes(user(pk=pk)),
    ]
