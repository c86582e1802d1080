"""The leaver checks and explains, the newcomer confirms line by line."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from reminders.actions.handover.packing import ask_again, pack, unconfirmed
from reminders.actions.handover.refusals import HandoverRefused, refuse_signed, running
from reminders.actions.handover.telling import tell_question, tell_waiting
from reminders.handover_rules import HandoverState, LineState
from reminders.models import Handover, HandoverLine
from reminders.queries.handover.rights import Rights, holdings, rights_of

NOTE_LENGTH = 300


def rights_today(row: Handover, by: User, on: date) -> Rights:
    return rights_of(row, by, holdings(by, on=on))


@transaction.atomic
def note_line(line: HandoverLine, *, note: str, by: User) -> HandoverLine:
    """The leaver explains one line. Raises HandoverRefused.

    A line that was confirmed without the explanation is confirmed again.
    """
    row = running(line.handover)
    refuse_signed(row)
    if row.leaver_id != by.pk:
        raise HandoverRefused("说明由移交人填写。")
    kept = HandoverLine.objects.select_for_update(of=("self",)).filter(pk=line.pk).first()
    if kept is None:  # advice that no longer applies is taken off the list while the leaver checks
        raise HandoverRefused("这一条已不在清单里，不用再写说明。")
    text = note.strip()[:NOTE_LENGTH]
    if kept.note != text:
        now = timezone.now()
        kept.note, kept.confirmed_at = text, None
        kept.save(update_fields=["note", "confirmed_at"])
        ask_again(row, on=timezone.make_naive(now).date(), now=now)
    line.refresh_from_db()
    return kept


@transaction.atomic
def check_handover(handover: Handover, *, by: User, on: date, absence_reason: str = "") -> Handover:
    """The leaver has checked the pack; staff may for an absent leaver, with the reason.

    Raises HandoverRefused.
    """
    row = running(handover)
    if row.state != HandoverState.OPEN:
        raise HandoverRefused("清单已经核对过，没有重复登记。")
    rights = rights_today(row, by, on)
    _refuse_checking(rights, absence_reason)
    now = timezone.now()
    pack(row, on=on, now=now)
    row.state, row.checked_at = HandoverState.CHECKED, now
    row.save(update_fields=["state", "checked_at"])
    detail = {"absence_reason": absence_reason.strip()} if not rights.check else {}
    audit.record("reminders.handover_checked", by=by, target=row, detail=detail)
    tell_waiting(row, on=on, now=now)
    handover.refresh_from_db()
    return row


def _refuse_checking(rights: Rights, absence_reason: str) -> None:
    if rights.check:
        return
    if not rights.check_in_absence:
        raise HandoverRefused("清单由移交人核对；移交人不能到场的，由党总支代为核对。")
    if not absence_reason.strip():
        raise HandoverRefused("代移交人核对，请填写原因。")


@transaction.atomic
def confirm_lines(
    handover: Handover,
    *,
    confirmed: Collection[int],
    questions: Mapping[int, str],
    by: User,
    on: date,
    seen: Mapping[int, str] | None = None,
) -> Handover:
    """The newcomer confirms these lines and asks about those; lines not named stay as they are.

    `seen` holds the digests of the lines as they were read: one that says something else by now waits for
    another look. A line asked about and not confirmed waits too. Once every line that still stands is
    confirmed, it is time to sign. Raises HandoverRefused.
    """
    row = running(handover)
    _refuse_confirming(row, by, on)
    now = timezone.now()
    confirmed = _as_read(row, confirmed, seen or {})
    asked = _ask(row, questions, confirmed)
    row.lines.filter(pk__in=confirmed, confirmed_at=None).update(confirmed_at=now)
    if asked:
        tell_question(row, asked=asked, on=on, now=now)
    if not unconfirmed(row).exists():
        row.state, row.confirmed_at = HandoverState.CONFIRMED, now
        row.save(update_fields=["state", "confirmed_at"])
        audit.record("reminders.handover_confirmed", by=by, target=row)
        tell_waiting(row, on=on, now=now)
    handover.refresh_from_db()
    return row


def _refuse_confirming(row: Handover, by: User, on: date) -> None:
    if row.state == HandoverState.OPEN:
        raise HandoverRefused("移交人还没有核对完清单，请稍后再确认。")
    if row.state == HandoverState.CONFIRMED:
        raise HandoverRefused("清单已经全部确认，可以签字了。")
    if not rights_today(row, by, on).confirm:
        raise HandoverRefused("清单由接收人逐条确认。")


def _as_read(row: Handover, confirmed: Collection[int], seen: Mapping[int, str]) -> list[int]:
    """Without those whose words changed after the page was opened."""
    lines = row.lines.filter(pk__in=list(confirmed))
    return [line.pk for line in lines if seen.get(line.pk, line.digest) == line.digest]


def _ask(row: Handover, questions: Mapping[int, str], confirmed: Collection[int]) -> int:
    """Keep the questions; returns how many are new."""
    lines = {line.pk: line for line in row.lines.filter(pk__in=list(questions), state=LineState.CURRENT)}
    new = 0
    for pk, line in lines.items():
        text = questions[pk].strip()[:NOTE_LENGTH]
        new += bool(text) and text != line.question
        line.question = text
        if text and pk not in confirmed:
            line.confirmed_at = None
    HandoverLine.objects.bulk_update(lines.values(), ["question", "confirmed_at"], batch_size=100)
    return new
