"""Erasing the personal data of those who left long ago; what a ledger must keep stays with its name."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import OwnSession, User
from audit import actions as audit
from branches.models import Member, MemberEvent
from personal.models import Erasure
from personal.queries import due_leavers, leaver_of
from personal.relations import ABOUT
from personal.retention import TRIES_KEPT
from personal.rules import ERASED, NOBODY, Fate, fate_of

A_NIGHT = 200


@dataclass(frozen=True)
class Planned:
    """What would become of one person: for a dry run and for the log of the command. No name."""

    code: str
    left_on: date
    fate: Fate
    ledgers: tuple[str, ...]


def plan_leavers(*, on: date) -> list[Planned]:
    """Everybody who is due, without changing anything."""
    found = []
    for member in due_leavers(on=on):
        facts = leaver_of(member, on=on)
        if facts.left_on:
            found.append(Planned(member.code, facts.left_on, fate_of(facts, on=on), tuple(facts.ledgers)))
    return found


def erase_leavers(*, on: date, most: int = A_NIGHT) -> list[Erasure]:
    """Erase who is due, one transaction each: it may be stopped and run again at any time."""
    done = (erase_leaver(member, on=on) for member in list(due_leavers(on=on)[:most]))
    return [erasure for erasure in done if erasure]


@transaction.atomic
def erase_leaver(member: Member, *, on: date) -> Erasure | None:
    """Erase one person; None when somebody came back, or was erased since leaving, meanwhile."""
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    facts = leaver_of(member, on=on)
    fate = fate_of(facts, on=on)
    if fate not in ERASED or Erasure.objects.filter(member=member, done_on__gte=facts.left_on).exists():
        return None
    removed = {about.code: _remove(about.of_member(member.pk)) for about in ABOUT if about.goes}
    anonymous = fate == Fate.ANONYMOUS
    _empty_member(member, anonymous=anonymous)
    if member.user_id:
        _close_account(member.user_id, anonymous=anonymous)
    made = Erasure.objects.create(
        member=member,
        done_on=on,
        name_kept=not anonymous,
        ledgers=list(facts.ledgers),
        removed={code: rows for code, rows in removed.items() if rows},
    )
    member.refresh_from_db()
    audit.record("personal.leaver_erased", by=None, target=member, detail={"ledgers": list(facts.ledgers)})
    return made


def _remove(rows: QuerySet[Any]) -> int:
    """Delete the rows of one kind; how many of that kind."""
    deleted: dict[str, int] = rows.delete()[1]
    return deleted.get(rows.model._meta.label, 0)


def _empty_member(member: Member, *, anonymous: bool) -> None:
    """Facts no ledger of past days needs; a nameless row keeps its place in the sums."""
    columns = {"id_number_sealed": None, "id_number_digest": None, "birth_on": None, "home_department": ""}
    name = {"name": NOBODY, "code": f"离开-{member.pk}", "joined_on": None} if anonymous else {}
    Member.objects.filter(pk=member.pk).update(**columns, **name)
    if anonymous:
        MemberEvent.objects.filter(member=member).update(note="", correction_reason="")


def _close_account(pk: int, *, anonymous: bool) -> None:
    """Nobody signs in with it; opened again it starts anew, owing no code and no exclusive duty."""
    columns = {
        "username": f"left-{pk}",
        "password": make_password(None),
        "is_active": False,
        "exclusive_duty": "",
        "second_factor_since": None,
    }
    name = {"name": NOBODY} if anonymous else {}
    User.objects.filter(pk=pk).update(**columns, **name, session_epoch=F("session_epoch") + 1)


def forget_tries(*, now: datetime) -> int:
    """Counts of failed sign-ins with their sources, and sessions that are over; returns how many rows."""
    tries: int = AccessAttempt.objects.filter(attempt_time__lt=now - TRIES_KEPT).delete()[0]
    return tries + OwnSession.objects.filter(expire_date__lt=now).delete()[0]
