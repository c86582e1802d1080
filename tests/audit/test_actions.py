"""Recording and sealing: once, twice, at the same time, and with hostile words."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit import actions
from audit.actions import record, seal_events
from audit.models import AuditEvent, AuditSeal, ChainHead
from audit.queries import verify_chain
from audit.tasks import seal_events as seal_task
from tests.factories.branches import make_organisation, make_user


@pytest.mark.django_db
def test_record_keeps_who_what_and_which() -> None:
    user, branch = make_user(name="王五"), make_organisation(name="红土坡烟站党支部")
    record(
        "branches.moved", by=user, target=branch, detail={"on": date(2026, 11, 5), "share": Decimal("0.5")}
    )
    event = AuditEvent.objects.about(branch).get()
    assert (event.event, event.by, event.by_name) == ("branches.moved", user, "王五")
    assert (event.target_type, event.target_id) == ("branches.organisation", str(branch.pk))
    assert event.target_name == str(branch)
    assert event.detail == {"on": "2026-11-05", "share": "0.5"}


@pytest.mark.django_db
def test_record_without_person_and_target() -> None:
    event = record("tests.night_run", by=None)
    event.refresh_from_db()
    assert (event.by, event.by_name, event.target_type, event.target_id, event.detail) == (
        None,
        "",
        "",
        "",
        {},
    )


@pytest.mark.django_db
def test_hostile_words_are_kept_without_a_crash() -> None:
    user = make_user(name="张" * 64)
    user.name = "\ud800\x00" + "长" * 300
    event = record("tests.happened", by=user, detail={"text": "a\x00b\udc00", "tag": "<script>"})
    event.refresh_from_db()
    assert event.by_name == "\ufffd\ufffd" + "长" * 198
    assert event.detail == {"text": "a\ufffdb\ufffd", "tag": "<script>"}


@pytest.mark.django_db
def test_record_is_undone_with_its_cause() -> None:
    with transaction.atomic():
        record("tests.happened", by=None)
        transaction.set_rollback(True)
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_sealing_once_twice_and_after_more() -> None:
    for number in range(3):
        record("tests.happened", by=None, detail={"number": number})
    assert seal_events() == 3
    assert seal_events() == 0
    record("tests.happened", by=None)
    assert seal_task() == 1
    assert list(AuditSeal.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4]
    assert verify_chain().broken == ""


@pytest.mark.django_db
def test_sealing_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)
    for _ in range(5):
        record("tests.happened", by=None)
    assert seal_events() == 5
    assert ChainHead.objects.get().position == 5
    assert verify_chain().broken == ""


def seal_at_once(threads: int) -> list[int]:
    gate = threading.Barrier(threads)
    counts: list[int] = []

    def run() -> None:
        gate.wait()
        counts.append(seal_events())
        connections.close_all()

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return counts


def check_sealers_at_once() -> None:
    for _ in range(40):
        record("tests.happened", by=None)
    assert sum(seal_at_once(4)) == 40
    assert (AuditSeal.objects.count(), verify_chain().broken) == (40, "")


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_on_sqlite() -> None:
    check_sealers_at_once()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_on_postgres() -> None:
    check_sealers_at_once()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_sealed_later() -> None:
    """On PostgreSQL a smaller key may become visible after a larger one was sealed."""
    written, sealed = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            record("tests.slow", by=None)
            written.set()
            sealed.wait(20)
        connections.close_all()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert written.wait(20)
    record("tests.fast", by=None)
    assert seal_events() == 1
    sealed.set()
    writer.join()
    assert seal_events() == 1
    told = AuditSeal.objects.order_by("position").values_list("event__event", flat=True)
    assert list(told) == ["tests.fast", "tests.slow"]
    assert verify_chain().broken == ""


# ---- tampering -----------------------------------------------------------------------------------


def sealed_events(count: int = 4) -> list[AuditEvent]:
    events = [record("tests.happened", by=None, detail={"number": number}) for number in range(count)]
    seal_events()
    return events


def tamper(statement: str, *values: str | int) -> None:
    """Change rows as somebody with the database's password would."""
    with connection.cursor() as cursor:
        for table in ("audit_auditevent", "audit_auditseal"):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_fixed{on_table}")
        cursor.execute(statement, values)


def remove(event: AuditEvent) -> None:
    tamper("DELETE FROM audit_auditseal WHERE event_id = %s", event.pk)
    tamper("DELETE FROM audit_auditevent WHERE id = %s", event.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE audit_auditevent SET event = %s WHERE id = %s", "tests.other"),
        ("UPDATE audit_auditevent SET by_name = %s WHERE id = %s", "某人"),
        ("UPDATE audit_auditevent SET target_id = %s WHERE id = %s", "9"),
        ("UPDATE audit_auditevent SET detail = %s WHERE id = %s", '{"number": 9}'),
        ("UPDATE audit_auditevent SET at = %s WHERE id = %s", "2020-01-01 00:00:00"),
    ],
)
def test_a_changed_fact_is_found(statement: str, value: str) -> None:
    events = sealed_events()
    tamper(statement, value, events[1].pk)
    assert verify_chain().broken == f"第 2 条封存与审计记录 {events[1].pk} 的内容不符。"


@pytest.mark.django_db
@pytest.mark.parametrize(("removed", "expected"), [(0, 1), (2, 3), (3, 4)])
def test_a_removed_event_is_found_at_the_beginning_middle_and_end(removed: int, expected: int) -> None:
    remove(sealed_events()[removed])
    assert verify_chain().broken == f"第 {expected} 条封存或它的审计记录缺失。"


@pytest.mark.django_db
def test_a_seal_written_anew_does_not_fit() -> None:
    events = sealed_events()
    tamper("UPDATE audit_auditseal SET hash = %s WHERE event_id = %s", "0" * 64, events[1].pk)
    assert verify_chain().broken == f"第 2 条封存与审计记录 {events[1].pk} 的内容不符。"
    tamper("UPDATE audit_auditseal SET previous = %s WHERE event_id = %s", "1" * 64, events[1].pk)
    assert verify_chain().broken == "第 2 条封存与前一条接不上。"


@pytest.mark.django_db
def test_a_head_that_was_set_back_is_found() -> None:
    sealed_events()
    tamper("UPDATE audit_chainhead SET position = %s", 3)
    assert verify_chain().broken == "链尾与最后一条封存不符。"


@pytest.mark.django_db
def test_a_chain_cut_off_with_its_head_is_found_by_a_seal_noted_down() -> None:
    events = sealed_events()
    noted, kept = verify_chain().head, AuditSeal.objects.get(position=3).hash
    remove(events[3])
    tamper("UPDATE audit_chainhead SET position = 3, hash = %s", kept)
    assert verify_chain().broken == ""
    assert verify_chain(noted).broken == "链上找不到给出的封存值。"
    assert verify_chain(kept).broken == ""


@pytest.mark.django_db
def test_command_says_that_the_chain_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    sealed_events()
    record("tests.later", by=None)
    call_command("verify_audit")
    head = ChainHead.objects.get().hash
    assert capsys.readouterr().out == f"审计链完整：已封存 4 条，待封存 1 条，最后封存值 {head}\n"


@pytest.mark.django_db
def test_command_refuses_a_broken_chain() -> None:
    events = sealed_events()
    tamper("UPDATE audit_auditevent SET event = %s WHERE id = %s", "tests.other", events[0].pk)
    with pytest.raises(CommandError) as caught:
        call_command("verify_audit")
    assert str(caught.value) == f"审计链不完整：第 1 条封存与审计记录 {events[0].pk} 的内容不符。"
    assert caught.value.returncode == 1


@pytest.mark.django_db
def test_an_empty_log_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    assert capsys.readouterr().out == f"审计链完整：已封存 0 条，待封存 0 条，最后封存值 {'0' * 64}\n"
