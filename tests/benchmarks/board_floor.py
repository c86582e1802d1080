"""One measurement on DATABASE_URL: `python -m tests.benchmarks.board_floor grow BRANCHES`, then `measure`.

What the board reads of the whole tree, beside the same questions as bare SQL in the same run: for every
branch twelve months of fifteen items, most of them done, and three findings. It prints JSON, milliseconds.
Best of ROUNDS, because the machine is shared.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings
from django.db import connection, transaction  # noqa: E402 - needs the settings
from django.test.utils import CaptureQueriesContext  # noqa: E402 - needs the settings

from branches.models import Organisation  # noqa: E402 - needs the settings
from branches.models.organisation import PATH_END  # noqa: E402 - needs the settings
from errorbank.actions.entries_load import load_entries  # noqa: E402 - needs the settings
from errorbank.models import EntryVersion, Finding  # noqa: E402 - needs the settings
from errorbank.queries.board import categories, repeat_shares, repeats  # noqa: E402 - needs the settings
from errorbank.rules import VersionState  # noqa: E402 - needs the settings
from errorbank.rules.figures import Span  # noqa: E402 - needs the settings
from periods.months import Month  # noqa: E402 - needs the settings
from reminders.actions.summaries import mark_recount, rebuild, recount_stale  # noqa: E402 - needs the settings
from reminders.actions.summaries_check import check_summaries  # noqa: E402 - needs the settings
from reminders.models import LeadDays, MonthSummary, ReminderItem  # noqa: E402 - needs the settings
from reminders.queries.summaries import (  # noqa: E402 - needs the settings
    by_month,
    by_place,
    late_by_action,
    late_counts,
    lead_days,
    load,
    own_records,
    soon_by_action,
)
from tests.factories.reminders import grow_tree, make_action  # noqa: E402 - needs the settings

DAY = date(2026, 11, 18)
MONTH = Month.of(DAY)
MONTHS = [MONTH.plus(n) for n in range(-11, 1)]
ITEMS = 15
ROUNDS = 5

# By turns: of twenty items sixteen done in time, one late, two open, one not applicable; those to come open.
_FILL = """
INSERT INTO reminders_reminderitem (
    organisation_id, action_id, version_id, period, subject, subject_name, opens_on, due_on, remind_on,
    calendar_known, minutes, responsible_name, state, reason, note, settled_by, done_on, revision, changed_at
)
SELECT o.id, p.action_id, p.version_id, p.period, '', '', p.opens_on, p.due_on, p.remind_on, TRUE,
    p.minutes, '',
    CASE WHEN (o.id + p.n) %% 20 < 17 AND p.early_on <= %(on)s THEN 'done'
        WHEN (o.id + p.n) %% 20 = 19 THEN 'not_applicable' ELSE 'open' END,
    CASE WHEN (o.id + p.n) %% 20 = 19 THEN '无' ELSE '' END, '', '',
    CASE WHEN p.early_on > %(on)s OR (o.id + p.n) %% 20 >= 17 THEN NULL
        WHEN (o.id + p.n) %% 20 < 5 THEN p.early_on
        WHEN (o.id + p.n) %% 20 < 16 THEN p.near_on ELSE p.late_on END,
    0, %(at)s
FROM branches_organisation o
CROSS JOIN bench_plan p
WHERE o.kind = 'branch'
"""


def grow(branches: int) -> None:
    call_command("migrate", verbosity=0)
    load_entries()
    root = grow_tree(branches)
    with transaction.atomic():
        _items()
        _records()
        _findings(root)
    rebuild()
    _execute("ANALYZE")


def _items() -> None:
    actions = [make_action(minutes=20 + n) for n in range(ITEMS)]
    columns = (
        "n integer, action_id bigint, version_id bigint, period text, opens_on date, due_on date,"
        " remind_on date, minutes integer, early_on date, near_on date, late_on date"
    )
    _execute(f"CREATE TEMP TABLE bench_plan ({columns})")
    rows = [
        (n + 7 * k, action.pk, action.versions.get().pk, str(month), *_dates(month, n))
        for k, month in enumerate(MONTHS)
        for n, action in enumerate(actions)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO bench_plan VALUES ({', '.join(['%s'] * 11)})", rows)  # noqa: S608 - ours
        cursor.execute(_FILL, {"on": _plain(DAY), "at": "2026-11-18 00:00:00+00"})
    _execute("DROP TABLE bench_plan")


def _records() -> None:
    """One for every item that was done, and one of ten besides that nobody had asked for."""
    _execute(
        "INSERT INTO records_record (organisation_id, kind, held_on, title, place, host, topics, resolutions,"
        " checked, entered_at, self_started) "
        "SELECT organisation_id, 'date_only', done_on, '', '', '', '', '', '[]', changed_at, id % 10 = 0"
        " FROM reminders_reminderitem WHERE done_on IS NOT NULL"
    )


def _dates(month: Month, n: int) -> tuple[Any, ...]:
    due = month.day(10 + n)
    lead = [due - timedelta(days=days) for days in (8 + n % 5, n % 4, -2 - n % 3)]
    return (month.first, due, due - timedelta(days=5), 20 + n, *lead)


def _findings(root: Organisation) -> None:
    versions = list(EntryVersion.objects.filter(state=VersionState.PUBLISHED).order_by("pk")[:40])
    rows: list[Finding] = []
    for k, place in enumerate(Organisation.objects.within(root).branches().order_by("pk")):
        for n in range(3):
            version = versions[(k + n) % len(versions)]
            day = MONTHS[(k + 4 * n) % 12].first
            rows.append(
                Finding(
                    organisation=place,
                    entry_id=version.entry_id,
                    category=version.category,
                    source=version.source,
                    severity=version.severity,
                    problem=version.problem,
                    happened_on=day,
                    found_on=day,
                    deadline_on=day + timedelta(days=30),
                )
            )
    Finding.objects.bulk_create(rows, batch_size=2000)


# --- the board's questions, and the same as bare SQL ---------------------------------------------

_TREE = "SELECT id FROM branches_organisation WHERE path >= %(path)s AND path < %(end)s"
_STORED = f"organisation_id IN ({_TREE}) AND month >= %(since)s AND month <= %(month)s"
_COUNTS = ("asked", "on_time", "done_late", "open", "not_applicable", "early", "minutes")
_SUMS = ", ".join(f"SUM({name})" for name in _COUNTS)
_OPEN = f"organisation_id IN ({_TREE}) AND state IN ('open', 'returned')"
_COMING = (
    "SELECT {0} COUNT(*), COUNT(*) FILTER (WHERE state = 'done') FROM reminders_reminderitem"  # noqa: S608 - ours
    f" WHERE organisation_id IN ({_TREE}) AND state IN ('open', 'returned', 'done')"
    " AND due_on > %(on)s AND due_on <= %(last)s {1}"
)
_BY_ACTION = (
    "SELECT i.action_id, MAX(v.name), COUNT(*), COUNT(DISTINCT i.organisation_id)"  # noqa: S608 - ours
    " FROM reminders_reminderitem i JOIN reminders_actionversion v ON v.id = i.version_id"
    f" WHERE i.{_OPEN} AND {{0}} GROUP BY i.action_id"
)
_FOUND = (
    f"f.organisation_id IN ({_TREE}) AND NOT f.self_reported AND f.happened_on >= %(since)s"
    " AND f.happened_on <= %(on)s AND f.found_on <= %(on)s"
)
BARE: dict[str, tuple[str, ...]] = {
    "by_place": (
        f"SELECT organisation_id, month, {', '.join(_COUNTS)} FROM reminders_monthsummary WHERE {_STORED}",  # noqa: S608 - ours
        _COMING.format("organisation_id,", "GROUP BY organisation_id"),
    ),
    "by_month": (
        f"SELECT month, {_SUMS} FROM reminders_monthsummary WHERE {_STORED} GROUP BY month",  # noqa: S608 - ours
        _COMING.format("", ""),
    ),
    "lead_days": (
        f"SELECT month, days, SUM(items) FROM reminders_leaddays WHERE {_STORED} GROUP BY month, days",  # noqa: S608 - ours
    ),
    "own_records": (
        "SELECT held_on, COUNT(*) FROM records_record r"  # noqa: S608 - ours
        f" WHERE r.cancelled_at IS NULL AND r.organisation_id IN ({_TREE})"
        " AND r.held_on >= %(since)s AND r.held_on <= %(last)s"
        " AND r.self_started GROUP BY held_on",
    ),
    "late_by_action": (_BY_ACTION.format("i.due_on < %(on)s"),),
    "soon_by_action": (_BY_ACTION.format("i.due_on >= %(on)s AND i.due_on <= %(soon)s"),),
    "late_counts": (
        "SELECT organisation_id, COUNT(*) FROM reminders_reminderitem"  # noqa: S608 - ours
        f" WHERE {_OPEN} AND due_on < %(on)s GROUP BY organisation_id",
    ),
    "load": (
        "SELECT i.action_id, a.kind, o.kind, v.basis_level, MAX(v.name), COUNT(*), SUM(i.minutes)"  # noqa: S608 - ours
        " FROM reminders_reminderitem i JOIN reminders_action a ON a.id = i.action_id"
        " LEFT JOIN branches_organisation o ON o.id = a.organisation_id"
        " JOIN reminders_actionversion v ON v.id = i.version_id"
        f" WHERE i.organisation_id IN ({_TREE}) AND i.state IN ('open', 'returned', 'done')"
        " AND i.due_on >= %(month)s AND i.due_on <= %(last)s"
        " GROUP BY i.action_id, a.kind, o.kind, v.basis_level",
    ),
    "categories": (
        "SELECT f.category, COUNT(*), COUNT(f.repeat_of_id), COUNT(DISTINCT f.organisation_id)"  # noqa: S608 - ours
        f" FROM errorbank_finding f WHERE {_FOUND} GROUP BY f.category",
    ),
    "repeats": (
        "SELECT f.entry_id, e.code, MAX(v.problem), COUNT(DISTINCT f.organisation_id), COUNT(*)"  # noqa: S608 - ours
        " FROM errorbank_finding f JOIN errorbank_errorentry e ON e.id = f.entry_id"
        " LEFT JOIN errorbank_entryversion v ON v.id = e.published_id"
        f" WHERE {_FOUND} GROUP BY f.entry_id, e.code HAVING COUNT(*) >= 2",
    ),
    "repeat_shares": (
        "SELECT f.happened_on, f.found_on, COUNT(*), COUNT(f.repeat_of_id) FROM errorbank_finding f"  # noqa: S608 - ours
        f" WHERE f.organisation_id IN ({_TREE}) AND NOT f.self_reported AND f.happened_on >= %(before)s"
        " AND f.happened_on <= %(last)s GROUP BY f.happened_on, f.found_on",
    ),
}


def questions(root: Organisation) -> dict[str, Callable[[], Any]]:
    places, span = Organisation.objects.within(root), Span.of(MONTH, on=DAY)
    return {
        "by_place": lambda: by_place(places, MONTHS, on=DAY),
        "by_month": lambda: by_month(places, MONTHS, on=DAY),
        "lead_days": lambda: lead_days(places, MONTHS),
        "own_records": lambda: own_records(places, MONTHS),
        "late_by_action": lambda: late_by_action(places, on=DAY),
        "soon_by_action": lambda: soon_by_action(places, on=DAY),
        "late_counts": lambda: late_counts(places, on=DAY),
        "load": lambda: load(places, MONTH, on=DAY),
        "categories": lambda: categories(places, span),
        "repeats": lambda: repeats(places, span),
        "repeat_shares": lambda: repeat_shares(places, MONTHS),
    }


def measured() -> dict[str, Any]:
    root = Organisation.objects.get(code="ROOT")
    asked, values = questions(root), _values(root)
    ours = dict.fromkeys(asked, float("inf"))
    bare = dict.fromkeys(asked, float("inf"))
    for _ in range(ROUNDS):
        for name, question in asked.items():
            bare[name] = min(bare[name], _timed(lambda name=name: _bare(name, values)))  # type: ignore[misc] # a default
            ours[name] = min(ours[name], _timed(question))
    return {
        "items": ReminderItem.objects.count(),
        "months": MonthSummary.objects.count(),
        "leads": LeadDays.objects.count(),
        "bare_ms": _told(bare),
        "ours_ms": _told(ours),
        "bare": round(sum(bare.values()), 1),
        "ours": round(sum(ours.values()), 1),
        "ours_to_bare": round(sum(ours.values()) / sum(bare.values()), 2),
        "statements": _statements(asked),
        **_recounts(root),
    }


def _recounts(root: Organisation) -> dict[str, Any]:
    branch = Organisation.objects.within(root).branches().order_by("pk")[0]
    mark_recount([branch])
    return {
        "recount_one": round(_timed(recount_stale), 1),
        "recount_none": round(_timed(recount_stale), 1),
        "rebuild": round(_timed(rebuild), 1),
        "check": round(_timed(check_summaries), 1),
    }


def _values(root: Organisation) -> dict[str, Any]:
    days = {
        "on": DAY,
        "month": MONTH.first,
        "last": MONTH.last,
        "since": MONTHS[0].first,
        "before": MONTHS[0].plus(-11).first,
        "soon": DAY + timedelta(days=14),
    }
    return {
        "path": root.path,
        "end": root.path + PATH_END,
        **{name: _plain(day) for name, day in days.items()},
    }


def _bare(name: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for text in BARE[name]:
            cursor.execute(text, values)
            cursor.fetchall()


def _statements(asked: dict[str, Callable[[], Any]]) -> int:
    with CaptureQueriesContext(connection) as queries:
        for question in asked.values():
            question()
    return len(queries)


def _told(times: dict[str, float]) -> dict[str, float]:
    return {name: round(spent, 1) for name, spent in times.items()}


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _plain(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


def _execute(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


if __name__ == "__main__":
    if sys.argv[1] == "grow":
        grow(int(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(measured()) + "\n")
