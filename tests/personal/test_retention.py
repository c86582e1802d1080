"""Each line of the table of retention, carried out by the entry of the timetable it names."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import OwnSession, SignIn
from audit.actions import record
from audit.models import AppendOnlyError, AuditEvent
from branches.models import RosterImport
from branches.sealed import seal_json
from jobs.models import Job, JobState
from ledgers.models import Export, ExportedRows
from notices.models import Message
from partyaffairs.schedule import BEAT_SCHEDULE
from personal.models import Erasure
from personal.retention import AUDIT_LEAST, RETENTION, Kept
from tests.clock import stop_clock
from tests.factories.branches import LONG_AGO, make_organisation, make_user
from tests.factories.notices import make_message
from tests.personal.scene import DUE, make_leaving

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LINES = {line.code: line for line in RETENTION}


def run(line: Kept) -> None:
    import_string(BEAT_SCHEDULE[line.job]["task"])()


def aged(row: models.Model, name: str, moment: datetime) -> Any:
    type(row)._base_manager.filter(pk=row.pk).update(**{name: moment})
    return row.pk


def export_file(moment: datetime) -> Any:
    job = Job.objects.create(kind="tests.work", owner=make_user(), state=JobState.DONE, finished=moment)
    job.result.save("x.xlsx", ContentFile(b"x"))
    return job.pk


def files_left() -> set[Any]:
    return set(Job.objects.exclude(result="").values_list("pk", flat=True))


def upload(moment: datetime) -> Any:
    row = RosterImport.objects.create(
        organisation=make_organisation(),
        file_name="名册.xlsx",
        roster_day=LONG_AGO,
        payload=seal_json({"rows": [1]}),
        made_by=make_user(),
    )
    return aged(row, "made_at", moment)


def uploads_left() -> set[Any]:
    return set(RosterImport.objects.exclude(payload=None).values_list("pk", flat=True))


def export_row(moment: datetime) -> Any:
    made = Export.objects.create(
        number=f"2026-{Export.objects.count():04d}", kind=Export.Kind.XLSX, ledger="x", as_of=moment, rows=1
    )
    aged(made, "made_at", moment)
    return ExportedRows.objects.create(export=made, columns=[], content=b"x").pk


def sign_in(moment: datetime) -> Any:
    return SignIn.objects.create(user=make_user(), outcome=SignIn.Outcome.ACCEPTED, at=moment).pk


def a_try(moment: datetime) -> Any:
    row = AccessAttempt.objects.create(username=str(moment), ip_address="10.0.0.9", failures_since_start=1)
    return aged(row, "attempt_time", moment)


def session(moment: datetime) -> Any:
    return OwnSession.objects.create(session_key=str(moment.timestamp()), expire_date=moment).pk


def message(moment: datetime) -> Any:
    return aged(make_message(make_user(), now=moment), "made_at", moment)


def keys(model: type[models.Model]) -> Callable[[], set[Any]]:
    return lambda: set(model._base_manager.values_list("pk", flat=True))


# code → (makes a row of that moment, which rows are left)
SCENES: dict[str, tuple[Callable[[datetime], Any], Callable[[], set[Any]]]] = {
    "export_files": (export_file, files_left),
    "uploads": (upload, uploads_left),
    "export_rows": (export_row, keys(ExportedRows)),
    "sign_ins": (sign_in, keys(SignIn)),
    "tries": (a_try, keys(AccessAttempt)),
    "sessions": (session, keys(OwnSession)),
    "messages": (message, keys(Message)),
}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_every_line_is_proven_and_named_in_the_timetable() -> None:
    assert set(LINES) == {*SCENES, "leavers", "audit", "devices"}
    assert [line.code for line in RETENTION if line.job and line.job not in BEAT_SCHEDULE] == []
    assert [line.code for line in RETENTION if not line.job] == ["devices", "audit"]
    assert len(LINES) == len(RETENTION)


def test_the_bounds_that_were_promised() -> None:
    hours, days = timedelta(hours=24), timedelta(days=7)
    assert LINES["export_files"].age == hours
    assert (LINES["uploads"].age or days) <= days
    assert timedelta(days=184) <= AUDIT_LEAST
    assert (LINES["sign_ins"].age or timedelta()) >= AUDIT_LEAST


def assert_only_the_old_one_goes(code: str) -> None:
    line, (make, left), now = LINES[code], SCENES[code], timezone.now()
    age = line.age or timedelta()
    old, young = make(now - age - MINUTE), make(now - age + 2 * MINUTE)
    assert {old, young} <= left()
    run(line)
    assert left() & {old, young} == {young}
    run(line)
    assert left() & {old, young} == {young}


@pytest.mark.parametrize("code", SCENES)
def test_the_old_one_goes_and_the_young_one_stays(code: str) -> None:
    assert_only_the_old_one_goes(code)


@pytest.mark.postgres
def test_the_old_ones_go_and_the_young_ones_stay_on_postgresql() -> None:
    for code in SCENES:
        assert_only_the_old_one_goes(code)


@pytest.mark.postgres
def test_postgresql_itself_keeps_the_audit_log() -> None:
    """Longer than the 184 days that are the least: no row leaves at all, whoever asks."""
    record("tests.something", by=None)
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("DELETE FROM audit_auditevent WHERE at < now() - interval '-1 day'")
    assert AuditEvent.objects.filter(event="tests.something").exists()


def test_leavers_go_by_the_nightly_task(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_leaving()
    stop_clock(monkeypatch, DUE - timedelta(days=1))
    run(LINES["leavers"])
    assert Erasure.objects.count() == 0
    stop_clock(monkeypatch, DUE)
    run(LINES["leavers"])
    assert set(Erasure.objects.values_list("member", flat=True)) == {scene.kept.pk, scene.nameless.pk}


def test_no_entry_of_the_timetable_touches_the_audit_log() -> None:
    event = record("tests.something", by=None)
    for line in RETENTION:
        if line.job:
            run(line)
    assert AuditEvent.objects.filter(pk=event.pk).exists()
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.filter(pk=event.pk).delete()
