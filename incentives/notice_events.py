"""What this app tells people about. Leaf."""

from collections.abc import Collection
from datetime import date

from incentives.models import Appeal, Objection
from notices.events import Event
from notices.rules import Level

LEVEL_ENDING = "incentives.level_ending"
LEVEL_WARNED = "incentives.level_warned"
RESERVE_ASKED = "incentives.reserve_asked"
APPEAL_MADE = "incentives.appeal_made"
APPEAL_ANSWERED = "incentives.appeal_answered"
HONOUR_MOVED = "incentives.honour_moved"
LEVEL_MOVED = "incentives.level_moved"
OBJECTION_WAITING = "incentives.objection_waiting"
OBJECTION_ANSWERED = "incentives.objection_answered"

_APPEAL = "appeal:"
_OBJECTION = "objection:"


def appeal_subject(pk: int) -> str:
    return f"{_APPEAL}{pk}"


def appeals_still_waiting(subjects: Collection[str], on: date) -> set[str]:
    keys = [s.removeprefix(_APPEAL) for s in subjects if s.startswith(_APPEAL)]
    rows = Appeal.objects.waiting().filter(pk__in=keys)
    return {appeal_subject(pk) for pk in rows.values_list("pk", flat=True)}


def objection_subject(pk: int) -> str:
    return f"{_OBJECTION}{pk}"


def objections_still_waiting(subjects: Collection[str], on: date) -> set[str]:
    keys = [s.removeprefix(_OBJECTION) for s in subjects if s.startswith(_OBJECTION)]
    rows = Objection.objects.unanswered().filter(pk__in=keys)
    return {objection_subject(pk) for pk in rows.values_list("pk", flat=True)}


EVENTS = (
    Event(LEVEL_ENDING, "等级有效期将到", Level.DIGEST, "incentives.view_own"),
    Event(LEVEL_WARNED, "等级书面告知", Level.URGENT, "incentives.view_own"),
    Event(APPEAL_MADE, "激励记录的申诉待答复", Level.DUE, "incentives.answer_appeal", appeals_still_waiting),
    Event(APPEAL_ANSWERED, "申诉已有答复", Level.DIGEST, "incentives.view_own"),
    Event(HONOUR_MOVED, "荣誉评选有进展", Level.DIGEST, "incentives.view_honour"),
    Event(LEVEL_MOVED, "等级申请有进展", Level.DIGEST, "incentives.view_own"),
    Event(
        OBJECTION_WAITING, "异议待核查", Level.DUE, "incentives.review_objection", objections_still_waiting
    ),
    Event(OBJECTION_ANSWERED, "异议已有答复", Level.DIGEST, "incentives.view_notice"),
    Event(RESERVE_ASKED, "请本人答复的提议", Level.DIGEST, "incentives.view_own"),
)
