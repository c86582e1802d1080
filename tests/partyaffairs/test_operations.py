"""Health for machines, and the page that tells administrators how the portal runs."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from backups.queries import JOB, latest
from backups.rules import NIGHTLY_AT, BackupRefused, BackupState, file_name
from branches.rules import Role
from jobs.models import JobRun, RunState
from notices.models import Delivery
from notices.rules import DeliveryState
from partyaffairs.actions import reconcile, run_entry
from partyaffairs.operations import period_words, work_of
from partyaffairs.panels import NOT_USED, UNKNOWN, backup_panel, queue_length, storage_panel
from partyaffairs.periodic import CONTINUOUS, LAST, PERIODIC
from partyaffairs.runs import late_names
from tests.factories.branches import make_holder, make_organisation
from tests.factories.notices import make_channel, make_message
from tests.partyaffairs.moved import at, set_clock

pytestmark = pytest.mark.django_db

PAGE = "/w/operations/"
NOW = at(2026, 3, 10, 9, 50)


@pytest.fixture(autouse=True)
def installed(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    MigrationRecorder.Migration.objects.filter(app="jobs").update(applied=at(2026, 3, 1))
    set_clock(monkeypatch, NOW)


@pytest.fixture
def chief() -> User:
    return make_holder(make_organisation(code="GB"), Role.ADMINISTRATOR)


def all_ran(now: datetime) -> None:
    reconcile(now=now)
    for name in CONTINUOUS.keys() - {"reconcile"}:
        JobRun.objects.create(job=name, period=LAST, state=RunState.DONE, finished=now)
    night = (now - NIGHTLY_AT).date().isoformat()
    JobRun.objects.create(job=JOB, period=night, state=RunState.DONE, finished=now)


def health(client: Client) -> tuple[int, object]:
    answer = client.get("/healthz/jobs")
    assert (answer["Content-Type"], "Set-Cookie" in answer) == ("application/json", False)
    return answer.status_code, answer.json()


def test_health_tells_late_work_and_nothing_else(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health(client) == (503, {"status": "late"})
    all_ran(NOW)
    assert health(client) == (200, {"status": "ok"})
    # 10:02 was due next; six hours later it is late.
    set_clock(monkeypatch, at(2026, 3, 10, 15, 50))
    assert health(client) == (200, {"status": "ok"})
    set_clock(monkeypatch, at(2026, 3, 10, 16, 2))
    assert health(client) == (503, {"status": "late"})


def test_health_is_only_read(client: Client) -> None:
    assert [client.post(path).status_code for path in ("/healthz", "/healthz/jobs")] == [405, 405]


def test_a_new_installation_has_six_hours_to_begin() -> None:
    MigrationRecorder.Migration.objects.filter(app="jobs").update(applied=NOW - timedelta(hours=6))
    assert late_names(now=NOW - timedelta(minutes=1)) == []
    assert sorted(late_names(now=NOW)) == sorted([*PERIODIC, *CONTINUOUS])


def test_work_that_falls_silent_is_late() -> None:
    all_ran(NOW)
    JobRun.objects.filter(job="deliver-notices").update(finished=NOW - timedelta(hours=6, seconds=1))
    assert late_names(now=NOW) == ["deliver-notices"]


def test_work_that_fails_each_time_is_late(
    client: Client, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_ran(NOW)
    monkeypatch.setattr("notices.tasks.deliver_due", None)
    for hours in range(1, 7):
        with pytest.raises(TypeError):
            run_entry("deliver-notices", now=NOW + timedelta(hours=hours))
    run = JobRun.objects.get(job="deliver-notices")
    assert (run.state, run.started, run.finished) == (RunState.FAILED, NOW + timedelta(hours=6), NOW)
    assert "deliver-notices" not in late_names(now=NOW + timedelta(hours=6))
    late = NOW + timedelta(hours=6, minutes=1)
    assert "deliver-notices" in late_names(now=late)
    client.force_login(chief)
    set_clock(monkeypatch, late)
    assert tones(client)["发送通知"] == "未成功"
    assert "最近一次办成 3 月 10 日 09:50" in client.get(PAGE).content.decode()


def test_work_that_never_succeeds_is_late_six_hours_after_the_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    MigrationRecorder.Migration.objects.filter(app="jobs").update(applied=NOW - timedelta(hours=6))
    all_ran(NOW)
    JobRun.objects.filter(job="deliver-notices").delete()
    monkeypatch.setattr("notices.tasks.deliver_due", None)
    with pytest.raises(TypeError):
        run_entry("deliver-notices", now=NOW)
    assert late_names(now=NOW - timedelta(minutes=1)) == []
    assert late_names(now=NOW) == ["deliver-notices"]


def test_a_night_without_a_backup_is_late_six_hours_after(
    client: Client, chief: User, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_ran(NOW)
    settings.BACKUP_DIR = tmp_path / "a file"
    settings.BACKUP_DIR.write_text("")
    morning = at(2026, 3, 11, 10, 14)
    for hour in range(5, 11):
        with pytest.raises(BackupRefused):
            run_entry("make-backup", now=set_clock(monkeypatch, at(2026, 3, 11, hour, 14)))
    # It succeeded by itself, but the night stayed without a file: as when its mark was lost.
    JobRun.objects.filter(job="make-backup").update(state=RunState.DONE, finished=morning)
    reconcile(now=morning)
    JobRun.objects.filter(job__in=CONTINUOUS).update(finished=morning)
    assert late_names(now=morning) == []
    late = set_clock(monkeypatch, at(2026, 3, 11, 10, 15))
    assert late_names(now=late) == ["make-backup"]
    client.force_login(chief)
    assert tones(client)["每夜备份"] == "超时未完成"
    JobRun.objects.filter(job=JOB, period="2026-03-11").update(state=RunState.DONE, finished=late)
    assert late_names(now=late) == []


def test_a_backup_that_fails_every_hour_is_late(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_ran(NOW)
    settings.BACKUP_DIR = tmp_path / "a file"
    settings.BACKUP_DIR.write_text("")
    now = NOW
    while now < NOW + timedelta(days=1):
        now = set_clock(monkeypatch, now + timedelta(hours=1))
        if now > at(2026, 3, 11, 4, 15):
            with pytest.raises(BackupRefused):
                run_entry("make-backup", now=now)
    reconcile(now=now)
    JobRun.objects.filter(job__in=CONTINUOUS.keys() - {"make-backup"}).update(finished=now)
    assert late_names(now=now) == ["make-backup"]


def test_a_hole_between_done_periods_is_late() -> None:
    all_ran(NOW)
    for day in (7, 9):
        JobRun.objects.create(
            job="forget-exports", period=f"2026-03-{day:02}", state=RunState.DONE, finished=NOW
        )
    assert late_names(now=NOW) == ["forget-exports"]
    assert reconcile(now=NOW).made_up == 1
    assert late_names(now=NOW) == []


def test_the_page_is_for_administrators_alone(client: Client, chief: User) -> None:
    assert client.get(PAGE).status_code == 302
    for role in set(Role) - {Role.ADMINISTRATOR}:
        client.force_login(make_holder(make_organisation(code=f"X{role.value}"), role))
        assert client.get(PAGE).status_code == 403, role
    client.force_login(chief)
    assert (client.get(PAGE).status_code, client.post(PAGE).status_code) == (200, 405)
    assert client.get(f"{PAGE}x/").status_code == 404


def tones(client: Client) -> dict[str, str]:
    work = client.get(PAGE).context["work"]
    return {line.label: line.word for line in [*work.periodic, *work.continuous] if line.word != "正常"}


def test_the_page_says_how_each_job_stands(
    client: Client, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(chief)
    assert set(tones(client).values()) == {"等待第一次"}
    all_ran(NOW)
    assert tones(client) == {}
    set_clock(monkeypatch, at(2026, 3, 10, 10, 13))
    assert tones(client) == {"发起工作交接": "等待补办"}
    with monkeypatch.context() as broken:
        broken.setattr("ledgers.tasks.forget_rows", None)
        set_clock(monkeypatch, at(2026, 3, 11, 3, 41))
        with pytest.raises(TypeError):
            run_entry("forget-exports", now=timezone.now())
    assert tones(client)["清理到期的导出内容"] == "未成功"
    assert tones(client)["离任人员退出登录"] == "超时未完成"
    assert [span.label for span in work_of(now=timezone.now()).failed] == ["清理到期的导出内容"]
    page = client.get(PAGE).content.decode()
    assert page.count("项后台任务没有按时完成") == 1
    reconcile(now=set_clock(monkeypatch, at(2026, 3, 11, 3, 51)))
    spans = [(span.label, span.first, span.last, span.count) for span in work_of(now=timezone.now()).made_up]
    assert spans[1:3] == [
        ("发起工作交接", "3 月 10 日 10 时", "3 月 11 日 3 时", 18),
        ("结束到期的代办", "3 月 10 日 10 时", "3 月 11 日 3 时", 18),
    ]


@pytest.mark.parametrize("periods", [1, 300])
def test_the_page_asks_a_fixed_number_of_questions(
    client: Client, chief: User, periods: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    all_ran(NOW)
    JobRun.objects.bulk_create(
        JobRun(job="end-sessions", period=f"2026-02-{n:03}", state=RunState.DONE, finished=NOW)
        for n in range(periods)
    )
    client.force_login(chief)
    client.get(PAGE)
    with django_assert_num_queries(8):
        client.get(PAGE)


def lines(client: Client, code: str) -> list[str]:
    panel = next(panel for panel in client.get(PAGE).context["panels"] if panel.code == code)
    return [value for _, value in panel.lines]


def test_dead_letters_are_counted_with_their_age(client: Client, chief: User) -> None:
    client.force_login(chief)
    assert lines(client, "outbox") == ["0 条", "无", "0 条"]
    make_channel(chief)
    for age in (3, 0):
        message = make_message(chief, now=NOW)
        Delivery.objects.filter(message=message).update(
            state=DeliveryState.DEAD, settled_at=NOW - timedelta(days=age)
        )
    assert lines(client, "outbox") == ["2 条", "3 天前", "0 条"]


def test_the_queue_is_that_of_the_broker(settings: Settings) -> None:
    assert queue_length() == NOT_USED
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert queue_length() == UNKNOWN


def test_the_latest_backup_is_shown_and_what_is_missing_said(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_DIR, settings.BACKUP_BOX_DIR = tmp_path, ""
    assert backup_panel(NOW).trouble.startswith("还没有备份")
    (tmp_path / file_name(NOW - timedelta(days=2))).write_bytes(b"x" * 2048)
    panel = backup_panel(NOW)
    assert (panel.lines[0][0], "2 天前" in panel.lines[0][1]) == ("最近一份", True)
    assert panel.trouble == "最近两天没有备份，请检查后台任务。"
    (tmp_path / file_name(NOW)).write_bytes(b"x")
    assert "BACKUP_BOX_DIR" in backup_panel(NOW).trouble
    settings.BACKUP_BOX_DIR = str(tmp_path / "keys")
    assert backup_panel(NOW).trouble == ""
    JobRun.objects.create(job=JOB, period="2026-03-10", state=RunState.FAILED)
    JobRun.objects.filter(job=JOB).update(started=NOW + timedelta(minutes=1))
    assert backup_panel(NOW).trouble.startswith("最近一次备份没有成功")


def test_backups_of_a_time_to_come_prove_nothing(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_DIR, settings.BACKUP_BOX_DIR = tmp_path, str(tmp_path / "keys")
    (tmp_path / file_name(NOW + timedelta(days=365))).write_bytes(b"x")
    assert backup_panel(NOW).trouble.startswith("还没有备份")
    made = NOW - timedelta(hours=5)
    (tmp_path / file_name(made)).write_bytes(b"x" * 2048)
    panel = backup_panel(NOW)
    assert dict(panel.lines)["最近一份"] == "3 月 10 日 周二（不到 1 天），2 KB"
    assert dict(panel.lines)["日期在将来"] == "1 份，不算在最近一份里"
    assert panel.trouble.startswith("有备份文件的日期在将来")
    assert latest(now=NOW).state == BackupState.GOOD
    assert latest(now=NOW + timedelta(days=3)).state == BackupState.OLD
    assert backup_panel(NOW + timedelta(days=3)).trouble == "最近两天没有备份，请检查后台任务。"
    JobRun.objects.create(job=JOB, period="2026-03-10", state=RunState.FAILED)
    JobRun.objects.filter(job=JOB).update(started=NOW - timedelta(minutes=1))
    assert latest(now=NOW).state == BackupState.FAILED
    assert backup_panel(NOW).trouble.startswith("最近一次备份没有成功")


def test_the_page_says_how_often_as_the_timetable_does() -> None:
    assert {line.label: line.often for line in work_of(now=NOW).continuous} == {
        "补办错过的任务": "每 5 分钟",
        "随事实更新清单": "每分钟",
        "更新统计": "每分钟",
        "写每周汇总和到期提醒": "每 5 分钟",
        "封存审计记录": "每 10 分钟",
        "照看较长的任务": "每分钟",
        "发送通知": "每分钟",
        "问卷收件箱重写": "每分钟",
        "每夜备份": "每小时 第 15 分",
        "直通车收件箱重写": "每分钟",
    }


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage_panel(NOW).trouble == ""
    monkeypatch.setattr("partyaffairs.panels.FULL_FROM", 0.0)
    assert storage_panel(NOW).trouble == "磁盘快满了，请清理或扩容；写满后不能保存。"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2026-03", "3 月"),
        ("2026-03-09", "3 月 9 日"),
        ("2025-12-31T07", "2025 年 12 月 31 日 7 时"),
        ("2026-W02", "2026 年第 2 周"),
    ],
)
def test_periods_are_written_as_people_say_them(key: str, words: str) -> None:
    assert period_words(key, NOW) == words
