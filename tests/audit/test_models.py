"""The log is only added to: through the models and round them."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from audit.actions import record, seal_events
from audit.models import AppendOnlyError, AuditEvent, AuditSeal
from tests.factories.branches import make_user


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [AuditEvent.objects, AuditSeal.objects])
def test_query_sets_refuse_every_change(rows: Any) -> None:
    record("tests.happened", by=None)
    seal_events()
    row = rows.get()
    for change in (
        lambda: rows.all().update(pk=7),
        lambda: rows.all().delete(),
        lambda: rows.bulk_update([row], ["pk"]),
        row.save,
        row.delete,
    ):
        with pytest.raises(AppendOnlyError):
            change()
    assert rows.get() == row


@pytest.mark.django_db
def test_an_event_keeps_the_person_from_being_deleted() -> None:
    user = make_user()
    record("tests.happened", by=user)
    with pytest.raises(ProtectedError):
        user.delete()
    assert AuditEvent.objects.get().by == user


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.django_db
def test_sqlite_refuses_updates_of_events_and_seals() -> None:
    record("tests.happened", by=None)
    seal_events()
    assert refused("UPDATE audit_auditevent SET event = 'tests.other'")
    assert refused("UPDATE audit_auditseal SET hash = ''")
    # A flush of the tables is a DELETE on SQLite, so it must stay possible; verify_audit finds it.
    assert not refused("DELETE FROM audit_auditseal")


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgres_refuses_updates_and_deletes() -> None:
    record("tests.happened", by=None)
    seal_events()
    assert refused("UPDATE audit_auditevent SET event = 'tests.other'")
    assert refused("UPDATE audit_auditseal SET hash = ''")
    assert refused("DELETE FROM audit_auditseal")
    assert refused("DELETE FROM audit_auditevent")
