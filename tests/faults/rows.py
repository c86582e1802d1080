"""The oracle: what the business tables hold, as plain rows that two runs of the same life can be compared by.

A key of a row says nothing (a run that was killed may have taken and given back numbers), so a row that is
pointed at stands by its own content. A moment counts by its day: what was made up came some minutes later.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import DateTimeField, Field, FileField, Model
from django.urls import reverse
from django.utils import timezone

# Not business: they say how the work went, not what came of it, or belong to a browser.
LEFT_OUT = {
    "accounts.SignIn",
    "audit.AuditSeal",
    "audit.ChainHead",
    "auth.Permission",
    "contenttypes.ContentType",
    "ledgers.ExportCounter",
    "sessions.Session",
}
# How often a worker tried, and when; and what is made of random numbers.
UNTOLD = {
    "accounts.User": {"last_login", "password"},
    "jobs.Job": {"id", "started", "finished", "heartbeat", "created", "attempt", "result", "parameters"},
    "jobs.JobRun": {"started", "finished", "detail"},
    "branches.RosterImport": {"payload", "digest"},
    "branches.Member": {"id_number_sealed"},
    "burden.BoxLetter": {"sealed"},
    "burden.BoxTally": {"sealed"},
    "ledgers.Export": {"number"},
    "notices.Message": {"uid"},
    "notices.Delivery": {"next_try_at", "settled_at", "lease_until", "tries"},
}
# What tells truly on which day work was made up.
OF_THE_DAY = {"opened_on", "facts", "generated", "run", "responsible_name", "responsible_post"}
# Of a life with continuous work: one row each that only says when it last came.
LAST = "last"
CHANGES = ("created", "moved", "withdrawn", "restored", "carried_over", "done")
ROUNDS = 3  # how far content travels along keys

Rows = dict[str, list[str]]


def business_rows(*, days: bool = True) -> Rows:
    """By table, one line per row, in an order of their own. days: whether the day of a moment counts."""
    models = [model for model in apps.get_models(include_auto_created=True) if _counts(model)]
    rows = {model: list(model._base_manager.all()) for model in models}
    marks = {
        (model, row.pk): _hash(model._meta.label, _plain(row, days))
        for model in models
        for row in rows[model]
    }
    for _ in range(ROUNDS):
        marks = {
            (model, row.pk): _hash(marks[model, row.pk], _pointed(row, marks, days))
            for model in models
            for row in rows[model]
        }
    return {
        model._meta.label: sorted(
            f"{_plain(row, days)} #{marks[model, row.pk]}" for row in rows[model] if _told(row)
        )
        for model in models
    }


def _counts(model: type[Model]) -> bool:
    label = model._meta.label
    return label not in LEFT_OUT and not label.startswith(("axes.", "admin.")) and not model._meta.proxy


def _told(row: Model) -> bool:
    """Not how the work went: the one row of continuous work, the trace of a refresh that found nothing to
    change, and what administrators are told of a gap."""
    if row._meta.label in ("notices.Message", "notices.Line") and getattr(row, "url", "") == reverse(
        "operations_page"
    ):
        return False
    if row._meta.label == "jobs.JobRun":
        return bool(getattr(row, "period", "") != LAST)
    return row._meta.label != "reminders.RefreshRun" or any(getattr(row, name) for name in CHANGES)


def _fields(row: Model) -> Iterable[Field[Any, Any]]:
    untold = UNTOLD.get(row._meta.label, set())
    return (f for f in row._meta.concrete_fields if not f.primary_key and f.name not in untold)


def _plain(row: Model, days: bool) -> str:
    return ", ".join(
        f"{f.name}={_said(f, f.value_from_object(row))}"
        for f in _fields(row)
        if not f.is_relation and (days or not _is_when(f))
    )


def _said(field: Field[Any, Any], value: Any) -> str:
    if isinstance(value, datetime):
        return str(timezone.localdate(value))
    if isinstance(field, FileField):
        return str(bool(value))
    # Addresses, subjects and details name rows by their keys.
    return re.sub(r"\d+", "#", repr(value)) if field.name in KEYED else repr(value)


KEYED = {"url", "subject", "detail", "target_id", "key", "object_id"}


def _is_when(field: Field[Any, Any]) -> bool:
    return isinstance(field, DateTimeField) or field.name in OF_THE_DAY


def _pointed(row: Model, marks: dict[tuple[type[Model], Any], str], days: bool) -> str:
    found = []
    for field in _fields(row):
        if field.is_relation and field.related_model is not None and (days or not _is_when(field)):
            found.append(marks.get((field.related_model, field.value_from_object(row)), ""))
    return " ".join(found)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def differences(undisturbed: Rows, disturbed: Rows) -> dict[str, dict[str, list[str]]]:
    """By table: rows that are lost, and rows that are there once too often."""
    found = {}
    for table, rows in undisturbed.items():
        wanted, there = Counter(rows), Counter(disturbed[table])
        lost, doubled = sorted((wanted - there).elements()), sorted((there - wanted).elements())
        if lost or doubled:
            found[table] = {"lost": lost, "doubled": doubled}
    return found
