"""The one door into the audit log, and the sealer that chains what came in."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from accounts.models import User
from audit.models import AuditEvent, AuditSeal, ChainHead
from audit.rules import chained_hash, storable

BATCH = 1000


def record(
    event: str,
    *,
    by: User | None,
    target: models.Model | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write down that `event` happened, inside the caller's transaction.

    `event` is "app.what_happened". `by` is None for the system itself. `detail` holds JSON
    values (dates and Decimals too); give ids and words, never secrets or whole documents.
    """
    return AuditEvent.objects.create(
        event=event,
        by=by,
        by_name=_name(by),
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_name=_name(target),
        detail=storable(detail or {}),
    )


def _name(thing: models.Model | None) -> str:
    return storable(str(thing))[:200] if thing is not None else ""


def seal_events() -> int:
    """Chain every event that is not sealed yet; return how many were sealed.

    Safe to run twice or at the same time: the head row is locked while one batch is written.
    """
    sealed = 0
    while count := _seal_batch():
        sealed += count
    return sealed


@transaction.atomic
def _seal_batch() -> int:
    ChainHead.objects.get_or_create(pk=1)
    head = ChainHead.objects.select_for_update().get(pk=1)
    seals = []
    for event in AuditEvent.objects.unsealed().order_by("pk")[:BATCH]:
        seals.append(_next_seal(head, event))
    AuditSeal.objects.bulk_create(seals)
    head.save()
    return len(seals)


def _next_seal(head: ChainHead, event: AuditEvent) -> AuditSeal:
    previous, head.position = head.hash, head.position + 1
    head.hash = chained_hash(head.position, previous, event.spelled())
    return AuditSeal(position=head.position, event=event, previous=previous, hash=head.hash)
