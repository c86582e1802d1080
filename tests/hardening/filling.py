"""Fills in any form of the portal as its page shows it, and writes down what a request writes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import connection

# What is another each time: moments, keys drawn at random, what is sealed.
DRAWN = re.compile(r"[0-9a-f]{16,}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*|[\w-]{40,}")
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")
TEXT = "按要求办理"


def filled(form: forms.BaseForm, *, on: date) -> dict[str, Any]:
    """A plausible value for every field shown, that of the page where it has one."""
    found = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if value in (None, "", []) and (value := _made_up(field, on)) is None:
            continue
        found[form.add_prefix(name)] = f"{value:%Y-%m-%d}" if isinstance(value, date) else value
    return found


def _made_up(field: forms.Field, on: date) -> Any:
    if not field.required:
        return None
    if isinstance(field, forms.ChoiceField):
        keys = [str(key) for key, _ in _flat(field.choices) if str(key)]
        first = (
            keys[:1]
            if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            else None
        )
        return first or (keys[0] if keys else None)
    if isinstance(field, forms.DateField):
        return on
    if isinstance(field, forms.BooleanField):
        return "on"
    if isinstance(field, forms.IntegerField | forms.DecimalField):
        return str(field.min_value or 1)
    return TEXT


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def _same_each_time(value: Any) -> Any:
    if isinstance(value, bytes | memoryview | datetime):
        return "…"
    return DRAWN.sub("…", value) if isinstance(value, str) else value


@contextmanager
def writes() -> Iterator[list[tuple[Any, ...]]]:
    """Every statement that writes, with what it writes, but for what is another each time.

    The sessions and the savepoints around are not the page's.
    """
    seen: list[tuple[Any, ...]] = []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITING) and "accounts_ownsession" not in sql:
            seen.append((DRAWN.sub("…", sql), *(_same_each_time(value) for value in params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield seen
