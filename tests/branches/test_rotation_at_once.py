"""The keys of id numbers change on PostgreSQL while people enter, change and take away numbers."""

import threading
from pathlib import Path
from random import Random

import pytest
from django.db import connections
from pytest_django import Settings

from branches import sealed
from branches.actions.personal_data import Personal, keep_personal
from branches.models import Member
from branches.rules import Refusal
from tests.branches.test_rotation_killed import NEW, OLD, start
from tests.effort import tries
from tests.factories.branches import make_member, make_organisation
from tests.factories.rosters import id_number
from tests.reminders.scene import ON
from tests.services import current_database_url

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PEOPLE, WRITERS = tries(150, 3000), 3


def number(n: int) -> str:
    return id_number(f"19{60 + n // 1000 % 40}{1 + n % 12:02}{1 + n % 28:02}", f"{n % 1000:03}")


class Writer(threading.Thread):
    """One person at a time, read anew as a page does; keeps what each was left with."""

    def __init__(self, mine: list[int], first: int, over: threading.Event) -> None:
        super().__init__()
        self.mine, self.next, self.over = mine, first, over
        self.left: dict[int, str] = {}
        self.errors: list[Exception] = []

    def run(self) -> None:
        chance = Random(self.next)
        try:
            while not self.over.is_set():
                self._write(chance)
        except (Refusal, ValueError, RuntimeError) as error:
            self.errors.append(error)
        finally:
            connections.close_all()

    def _write(self, chance: Random) -> None:
        member = Member.objects.get(pk=chance.choice(self.mine))
        wanted = "" if chance.random() < 0.2 else number(self.next)
        self.next += 1
        keep_personal(member, Personal(id_number=wanted), on=ON)
        self.left[member.pk] = wanted


def test_nothing_is_lost_while_keys_change_under_writers(tmp_path: Path, settings: Settings) -> None:
    settings.PERSONAL_DATA_KEYS = [OLD]
    branch = make_organisation()
    people = [make_member(branch).pk for _ in range(PEOPLE)]
    for n, pk in enumerate(people):
        token, found = sealed.seal(number(n)), sealed.digest(number(n))
        Member.objects.filter(pk=pk).update(id_number_sealed=token, id_number_digest=found)
    wanted = {pk: number(n) for n, pk in enumerate(people)}

    settings.PERSONAL_DATA_KEYS = [NEW, OLD]  # as web and worker after their restart
    over = threading.Event()
    writers = [Writer(people[n::WRITERS], 5000 + 10_000 * n, over) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    said = [_rotated(tmp_path) for _ in range(2)]
    over.set()
    for writer in writers:
        writer.join()
        assert writer.errors == []
        assert len(writer.left) > 5
        wanted |= writer.left
    assert said[1].startswith("身份证号：重新加密 0 个")

    settings.PERSONAL_DATA_KEYS = [NEW]
    rows = {member.pk: member for member in Member.objects.filter(pk__in=people)}
    opened = {
        pk: sealed.open_sealed(row.id_number_sealed) if row.id_number_sealed else ""
        for pk, row in rows.items()
    }
    assert opened == wanted
    digests = {pk: row.id_number_digest for pk, row in rows.items()}
    assert digests == {pk: sealed.digest(text) if text else None for pk, text in wanted.items()}


def _rotated(folder: Path) -> str:
    child = start(folder, f"{NEW},{OLD}", database=current_database_url())
    said, wrong = child.communicate(timeout=180)
    assert (child.returncode, wrong) == (0, "")
    return said
