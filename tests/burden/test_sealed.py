"""The keys of personal data change: the desk's notes, the year's counts and the ballots come along."""

from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import BinaryField
from pytest_django import Settings

from audit.models import AuditEvent
from branches.sealed_columns import all_sealed_rows
from burden.actions.surveys import close_round
from burden.box.ballots import Ballots, ballot_box
from burden.box.figures import count, freeze_before
from burden.box.marks import Answered, Mark, all_marks, write_mark
from burden.models import BoxFigure
from tests.burden.survey_scene import begin, survey_scene
from tests.reminders.scene import ON

OLD, NEW = "old-key-" + "o" * 40, "new-key-" + "n" * 40
MARK = Mark(("钥匙一",), Answered("other", "adopted", "已改", by="钥匙一"))
# Sealed with the channel's own keys, or not at all.
OTHERWISE = {
    "burden.BoxLetter.sealed",
    "burden.BoxLetter.reply",
    "burden.BoxLetter.pending_reply",
    "burden.BoxRecipient.public_key",
    "burden.BoxRecipient.wrapped_key",
    "ledgers.ExportedRows.content",
    "papers.PaperTemplate.content",
}


@pytest.fixture
def folder(db: None, settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.PERSONAL_DATA_KEYS = [OLD]
    return tmp_path


def rotated(settings: Settings) -> list[str]:
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    out = StringIO()
    call_command("rotate_personal_data", stdout=out)
    settings.PERSONAL_DATA_KEYS = [NEW]
    return out.getvalue().splitlines()


def test_the_desk_and_the_year_go_on_with_the_new_key_alone(folder: Path, settings: Settings) -> None:
    for lookup in ("a" * 64, "0" * 64):
        write_mark(lookup, MARK)
    count(2026, [Answered("other", "adopted")] * 6)
    said = rotated(settings)
    assert all_marks() == {"a" * 64: MARK, "0" * 64: MARK}
    count(2026, [Answered("other", "adopted")] * 6)
    freeze_before(2027)
    assert {row.about for row in BoxFigure.objects.all()} == {10}
    assert [line for line in said if "受理" in line or "直通车" in line] == [
        "受理标记：都已是新密钥。",
        "直通车年度计数：都已是新密钥。",
    ]


def test_nobody_hears_how_many_notes_there_are(folder: Path, settings: Settings) -> None:
    write_mark("a" * 64, MARK)
    rotated(settings)
    event = AuditEvent.objects.get(event="branches.personal_data_rotated")
    assert not [name for name in event.detail if name.startswith("box")]


def test_ballots_come_along_and_the_old_key_stays_while_a_round_runs(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = survey_scene(monkeypatch, settings, folder)
    one = begin(scene)
    with ballot_box() as box:
        box.write(Ballots(one.pk).plus({"time": "less"}, "f" * 64))
    assert [line for line in rotated(settings) if line.startswith("旧密钥请先留着")] == [
        "旧密钥请先留着：有一轮减负问卷正在进行，没用过的问卷码要靠旧密钥核对。请等这一轮结束再取出旧密钥。"
    ]
    with ballot_box() as box:
        assert box.read(one.pk).people == 1
    close_round(one, by=scene.staff, on=ON)
    assert not [line for line in rotated(settings) if line.startswith("旧密钥")]


def test_what_is_left_of_an_old_round_hinders_nobody(folder: Path, settings: Settings) -> None:
    settings.PERSONAL_DATA_KEYS = ["lost-key-" + "l" * 40]
    with ballot_box() as box:
        box.write(Ballots(7, 9))
    rotated(settings)
    with ballot_box() as box:
        assert box.read(7).people == 0


def test_every_column_that_may_be_sealed_is_rotated_or_named() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BinaryField)
    }
    known = {
        f"{rows.model._meta.label}.{column.name}" for rows in all_sealed_rows() for column in rows.columns
    }
    assert (found - known, known - found) == (OTHERWISE, set())
