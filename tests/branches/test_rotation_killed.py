"""Rotating the keys while people work: killed with -9 in the middle, run again, and nothing is lost."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from branches import sealed
from branches.models import Member
from tests.services import ROOT

OLD, NEW = "old-key-" + "o" * 40, "new-key-" + "n" * 40
PEOPLE = 800
SLOW = """
import time
import django
django.setup()
from django.core.management import call_command
from branches.actions import personal_data
from branches.management.commands import rotate_personal_data as command
personal_data.BATCH = 25
real = command.rotate_batch
def slowly(rows, *, after=None):
    done = real(rows, after=after)
    time.sleep(0.02)
    return done
command.rotate_batch = slowly
call_command("rotate_personal_data")
"""


def number(n: int) -> str:
    return f"5325011990{n:08d}"


def waiting() -> int:
    """How many are still sealed with another key than today's."""
    tokens = Member.objects.exclude(id_number_sealed=None).values_list("id_number_sealed", flat=True)
    return sum(not sealed.is_current(token or b"") for token in tokens)


def start(folder: Path, keys: str, code: str = SLOW, *, database: str = "") -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": database or f"sqlite:///{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "partyaffairs.settings",
        "PERSONAL_DATA_KEYS": keys,
        "VAR_DIR": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_run_again_under_load(tmp_path: Path, settings: Settings) -> None:
    settings.PERSONAL_DATA_KEYS = [OLD]
    Member.objects.bulk_create(
        Member(
            code=f"M{n}",
            name=f"党员{n}",
            id_number_sealed=sealed.seal(number(n)),
            id_number_digest=sealed.digest(number(n)),
        )
        for n in range(PEOPLE)
    )
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    child = start(tmp_path, f"{NEW},{OLD}")
    edits = 0
    deadline = time.monotonic() + 60
    while (left := waiting()) == PEOPLE and time.monotonic() < deadline:
        time.sleep(0.01)
    while left > PEOPLE // 2 and time.monotonic() < deadline:
        # People go on working: another column of rows that are just being sealed anew.
        Member.objects.filter(code=f"M{PEOPLE - 1 - edits}").update(home_department=f"部门{edits}")
        edits, left = edits + 1, waiting()
    child.kill()
    child.communicate()
    assert child.returncode == -9
    half = waiting()
    assert 0 < half < PEOPLE

    again = start(tmp_path, f"{NEW},{OLD}")
    said, wrong = again.communicate(timeout=120)
    assert (again.returncode, wrong) == (0, "")
    assert said.splitlines()[0] == f"身份证号：重新加密 {half} 个，已是新密钥 {PEOPLE - half} 个。"

    settings.PERSONAL_DATA_KEYS = [NEW]
    found = {member.code: member for member in Member.objects.all()}
    opened = {code: sealed.open_sealed(one.id_number_sealed or b"") for code, one in found.items()}
    assert opened == {f"M{n}": number(n) for n in range(PEOPLE)}
    assert all(one.id_number_digest == sealed.digest(opened[code]) for code, one in found.items())
    edited = {code: one.home_department for code, one in found.items() if one.home_department}
    assert edited == {f"M{PEOPLE - 1 - n}": f"部门{n}" for n in range(edits)}
    assert edits > 0
