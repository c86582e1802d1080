"""What people did in the portal over the years, written set-wise; nearly the same text on both databases.

Rows are spread by the remainders of their keys, so that the same world comes out every time. A temporary
table of days carries what each database would calculate in its own way; it lives as long as the connection.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection

from errorbank.models import EntryVersion, Finding, FindingStep
from errorbank.rules import FindingState, StepKind, VersionState
from errorbank.rules.practice import Remembered, reviewed
from periods.months import Month
from records.models import Record
from records.rules import ATTENDED_KINDS, RecordKind

# Items due longer ago were done in the end: nobody leaves a meeting out for half a year.
LEFT_OPEN = timedelta(days=60)
MESSAGES_KEPT, SIGN_INS_KEPT = timedelta(days=400), timedelta(days=184)
FINDINGS_A_YEAR = 6
# Days before the deadline (negative: after it) on which something was done, by turns.
LEADS = (9, 7, 5, 4, 3, 2, 1, 0, -2, -5)


def make_days(first: date, today: date) -> None:
    """Every day with its stamp and its neighbours, and who keeps the list of each organisation."""
    names = [f"lead_{n}" for n in range(len(LEADS))]
    stamp = "timestamptz" if connection.vendor == "postgresql" else "datetime"
    dates = ", ".join(f"{name} date" for name in names)
    _do(f"CREATE TEMP TABLE bench_day (n integer, day date PRIMARY KEY, at {stamp}, {dates})")
    span = (today - first).days + 400
    rows = [_day(n, first - timedelta(days=30) + timedelta(days=n)) for n in range(span)]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO bench_day VALUES ({', '.join(['%s'] * (3 + len(LEADS)))})", rows)
    _do(
        "CREATE TEMP TABLE bench_keeper AS"
        " SELECT p.organisation_id, MIN(COALESCE(p.user_id, m.user_id)) AS user_id,"
        " MIN(p.member_id) AS member_id"
        " FROM branches_post p LEFT JOIN branches_member m ON m.id = p.member_id"
        " WHERE p.role IN ('worker', 'general_branch_staff', 'committee_staff') GROUP BY p.organisation_id"
    )


def _day(n: int, day: date) -> tuple[Any, ...]:
    return (
        n,
        _plain(day),
        f"{day.isoformat()} 08:30:00+00",
        *(_plain(day - timedelta(days=k)) for k in LEADS),
    )


def settle_items(month: Month, *, today: date) -> None:
    """Of a hundred items two do not apply, eight were done late, the recent ones of five are still open."""
    given = {"last": _plain(month.last)}
    _do(
        "UPDATE reminders_reminderitem SET state = 'not_applicable', reason = '本期没有这类情况'"
        " WHERE state = 'open' AND id %% 50 = 7 AND due_on <= %(last)s",
        given,
    )
    lead = " ".join(f"WHEN {n} THEN d.lead_{n}" for n in range(len(LEADS)))
    _do(
        "UPDATE reminders_reminderitem"
        " SET state = 'done', done_on = s.held, done_at = s.at, done_by_id = s.by_id"
        " FROM (SELECT i.id, c.held, e.at, k.user_id AS by_id FROM reminders_reminderitem i"
        f" JOIN (SELECT x.id, CASE WHEN CASE (x.id / 3) %% {len(LEADS)} {lead} END < x.opens_on"
        f" THEN x.opens_on ELSE CASE (x.id / 3) %% {len(LEADS)} {lead} END END AS held"
        " FROM reminders_reminderitem x JOIN bench_day d ON d.day = x.due_on) c ON c.id = i.id"
        " JOIN bench_day e ON e.day = c.held"
        " LEFT JOIN bench_keeper k ON k.organisation_id = i.organisation_id"
        " WHERE i.state = 'open' AND i.due_on <= %(last)s AND c.held <= %(today)s"
        " AND (i.due_on < %(recent)s OR i.id %% 20 <> 3)) s"
        " WHERE s.id = reminders_reminderitem.id",
        {**given, "today": _plain(today), "recent": _plain(today - LEFT_OPEN)},
    )


def fill_years(first: date, today: date) -> None:
    _records()
    _findings(first, today)
    _practice(today)
    _messages(today)
    _log(today)
    _contributions()
    _exports()


# --- what was done --------------------------------------------------------------------------------


def _records() -> None:
    """One for each item that was done, under the number of the item; who was there; talks."""
    attended = ", ".join(f"'{kind.value}'" for kind in sorted(ATTENDED_KINDS))
    _do(
        "INSERT INTO records_record (id, organisation_id, kind, held_on, title, place, host, topics,"
        " resolutions, checked, entered_by_id, entered_at, self_started, hours)"
        " SELECT i.id, i.organisation_id,"
        " CASE WHEN v.record_kind = '' THEN 'date_only' ELSE v.record_kind END,"
        " i.done_on, v.name, '支部活动室', '党员', '学习上级文件；讨论本月工作。', '按会议商定的分工落实。',"
        " '[]', i.done_by_id, i.done_at, i.id %% 40 = 0,"
        " CASE WHEN v.record_kind IN ('lecture', 'activity') THEN 1.5 ELSE NULL END"
        " FROM reminders_reminderitem i JOIN reminders_actionversion v ON v.id = i.version_id"
        " WHERE i.state = 'done'"
    )
    _renumber(Record)
    _do("UPDATE reminders_reminderitem SET record_id = id WHERE state = 'done'")
    _do(
        "INSERT INTO records_recordaction (record_id, action_code) SELECT i.id, a.code"
        " FROM reminders_reminderitem i JOIN reminders_action a ON a.id = i.action_id WHERE i.state = 'done'"
    )
    _do(
        "INSERT INTO records_attendance (record_id, member_id, present, reason)"
        " SELECT r.id, m.member_id, (r.id + m.id) %% 11 <> 0,"
        " CASE WHEN (r.id + m.id) %% 11 = 0 THEN '出差' ELSE '' END"
        " FROM records_record r JOIN branches_membership m ON m.organisation_id = r.organisation_id"
        f" WHERE r.kind IN ({attended}) AND m.since <= r.held_on"
    )
    _do(
        "INSERT INTO records_talk (organisation_id, record_id, talker_id, partner_id, held_on, category,"
        " entered_at)"
        " SELECT r.organisation_id, r.id, k.member_id, m.member_id, r.held_on, 'thinking', r.entered_at"
        " FROM records_record r JOIN bench_keeper k ON k.organisation_id = r.organisation_id"
        " JOIN branches_membership m ON m.organisation_id = r.organisation_id"
        f" WHERE r.kind = '{RecordKind.TALK_COVERAGE.value}' AND k.member_id IS NOT NULL"
        " AND m.member_id <> k.member_id AND m.since <= r.held_on ON CONFLICT DO NOTHING"
    )


def _findings(first: date, today: date) -> None:
    """Some a year in each branch; those of the last two months are still under way."""
    versions = list(EntryVersion.objects.filter(state=VersionState.PUBLISHED).order_by("pk")[:80])
    places = [row[0] for row in _do("SELECT id FROM branches_organisation WHERE kind = 'branch' ORDER BY id")]
    every = timedelta(days=365 // FINDINGS_A_YEAR)
    rows: list[Finding] = []
    for k, place in enumerate(places):
        found = first + timedelta(days=k % every.days)
        while found <= today:
            rows.append(_finding(place, versions[(k * 7 + len(rows)) % len(versions)], found, today))
            found += every
    made = Finding.objects.bulk_create(rows, batch_size=2000)
    FindingStep.objects.bulk_create((step for each in made for step in _steps(each)), batch_size=2000)


def _finding(place: int, version: EntryVersion, found: date, today: date) -> Finding:
    closed = found + timedelta(days=24)
    under_way = found > today - LEFT_OPEN
    return Finding(
        organisation_id=place,
        entry_id=version.entry_id,
        category=version.category,
        source=version.source,
        severity=version.severity,
        problem=version.problem,
        measure=version.measure[:400],
        happened_on=found,
        found_on=found,
        deadline_on=found + timedelta(days=30),
        state=FindingState.OPEN if under_way else FindingState.CLOSED,
        closed_on=None if under_way else closed,
    )


def _steps(finding: Finding) -> Iterator[FindingStep]:
    told = [(StepKind.FOUND, 0)]
    if finding.closed_on:
        told += [(StepKind.STARTED, 5), (StepKind.SUBMITTED, 20), (StepKind.CLOSED, 24)]
    for kind, days in told:
        on = finding.found_on + timedelta(days=days)
        yield FindingStep(finding=finding, kind=kind, on=on, deadline_on=finding.deadline_on)


def _practice(today: date) -> None:
    """Whoever holds a post has practised a hundred entries; some are due again."""
    memory, _ = reviewed({}, Remembered.GOOD, number=1, on=today - timedelta(days=40))
    given = {"memory": json.dumps(memory), "today": _plain(today), "seen": _plain(today - timedelta(days=40))}
    _do(
        "INSERT INTO errorbank_practicecard (user_id, entry_id, memory, due_on, seen_on)"
        " SELECT u.user_id, e.id, %(memory)s, CASE WHEN e.id %% 6 = 0 THEN %(today)s ELSE f.day END, %(seen)s"
        f" FROM ({_HOLDERS}) u CROSS JOIN (SELECT id FROM errorbank_errorentry ORDER BY id LIMIT 100) e"
        " JOIN bench_day t ON t.day = %(today)s JOIN bench_day f ON f.n = t.n + 1 + (e.id + u.user_id) %% 90",
        given,
    )


_HOLDERS = (
    "SELECT DISTINCT COALESCE(p.user_id, m.user_id) AS user_id FROM branches_post p"
    " LEFT JOIN branches_member m ON m.id = p.member_id WHERE COALESCE(p.user_id, m.user_id) IS NOT NULL"
)


# --- what was told and logged ----------------------------------------------------------------------


def _messages(today: date) -> None:
    """A digest a week of five lines and some others, as long as they are kept; the last is unread."""
    uid = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    given = {"since": _plain(today - MESSAGES_KEPT), "today": _plain(today)}
    _do(
        "INSERT INTO notices_message (uid, recipient_id, event, level, key, series, title, outside_title,"
        " intro, url, more, made_at, read_at)"
        f" SELECT {uid}, u.user_id, 'reminders.weekly_digest', 'digest', 'bench:' || d.n, '', '本周工作汇总',"
        " '本周工作汇总', '', '/w/reminders/', 0, d.at, CASE WHEN t.n - d.n < 7 THEN NULL ELSE d.at END"
        f" FROM ({_HOLDERS}) u CROSS JOIN bench_day d JOIN bench_day t ON t.day = %(today)s"
        " WHERE d.day BETWEEN %(since)s AND %(today)s AND (d.n %% 7 = 1 OR (d.n + u.user_id) %% 11 = 0)",
        given,
    )
    _do(
        "INSERT INTO notices_line (message_id, position, subject, text, outside_text, url)"
        " SELECT m.id, n.n, '', '主题党日 · 本月底前', '一项工作', '/w/reminders/' FROM notices_message m"
        " CROSS JOIN (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) n"
    )


def _log(today: date) -> None:
    """Who signed in, and an audit row for each thing done, each return and each sign of life."""
    given = {"since": _plain(today - SIGN_INS_KEPT), "today": _plain(today)}
    _do(
        "INSERT INTO accounts_signin (user_id, unknown_name, outcome, source, at)"
        " SELECT u.id, '', 'accepted', '10.1.2.3', d.at FROM accounts_user u CROSS JOIN bench_day d"
        " WHERE d.day BETWEEN %(since)s AND %(today)s AND (d.n + u.id) %% 3 = 0",
        given,
    )
    for event in ("reminders.item_closed", "records.record_entered"):
        _do(
            "INSERT INTO audit_auditevent"
            " (event, at, by_id, by_name, target_type, target_id, target_name, detail)"
            f" SELECT '{event}', i.done_at, i.done_by_id, '党务工作者', 'reminders.reminderitem',"
            " CAST(i.id AS varchar(20)), '本月事项', '{}'"
            " FROM reminders_reminderitem i WHERE i.state = 'done'"
        )


def _contributions() -> None:
    _do(
        "INSERT INTO incentives_contributionentry (source_key, turn, user_id, organisation_id, happened_on,"
        " kind, words, url, weight, reason, made_at)"
        " SELECT 'item:' || i.id, 1, i.done_by_id, i.organisation_id, i.done_on, 'item', '办结事项', '',"
        " 1, '', i.done_at"
        " FROM reminders_reminderitem i WHERE i.state = 'done' AND i.done_on <= i.due_on"
        " AND i.done_by_id IS NOT NULL"
    )


def _exports() -> None:
    """Staff took a paper out every other week."""
    _do(
        "INSERT INTO ledgers_export (number, kind, owner_id, ledger, title, version, query, sort,"
        " organisation, period, file_period, filter_sentence, order_note, as_of, rows, checksum, reach,"
        " codes, made_at)"
        " SELECT 'B' || d.n || '-' || p.user_id, 'xlsx', p.user_id, 'reminders', '提醒事项台账', '1',"
        " '', '', '党总支', '全部', '', '', '', d.at, 120, 'b' || d.n || '-' || p.user_id, '', '', d.at"
        " FROM branches_post p CROSS JOIN bench_day d"
        " WHERE p.user_id IS NOT NULL AND d.n %% 14 = 0"
    )


def _renumber(model: type[Record]) -> None:
    for text in connection.ops.sequence_reset_sql(no_style(), [model]):
        _do(text)


def _plain(day: date) -> str:
    return day.isoformat()


def _do(text: str, given: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text.replace("%%", "%") if given is None else text, given)
        return list(cursor.fetchall()) if cursor.description else []
