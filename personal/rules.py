"""What happens to the data of somebody who has left, and the words of corrections; no ORM, no clock."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from branches.rules import Refusal
from periods.months import add_months

# Two years after the last day: handovers, appeals and the yearly checks of that time are over.
LEAVER_MONTHS = 24
NOBODY = "已离开人员"
_ID_NUMBER = re.compile(r"\d{17}[\dXx]")


class CorrectionRefused(Refusal):
    """A request for correction, or its answer, does not fit."""


class CorrectionState(TextChoices):
    WAITING = "waiting", "等待核对"
    CORRECTED = "corrected", "已更正"
    EXPLAINED = "explained", "未更正，已说明"
    RECALLED = "recalled", "本人已撤回"


class CorrectionSubject(TextChoices):
    FACTS = "facts", "姓名、部门、出生或入党日期"
    RELATION = "relation", "党员身份或所在支部"
    POST = "post", "任职"
    RECORD = "record", "会议活动、谈话或其他记录"
    OTHER = "other", "其他"


class Fate(TextChoices):
    """What becomes of a person's data on a day."""

    STAYS = "stays", "仍在党组织"
    HOLDS_POST = "holds_post", "仍有任职或授权"
    WAITS = "waits", "保存期未满"
    NAME_KEPT = "name_kept", "清除个人信息，台账保留姓名"
    ANONYMOUS = "anonymous", "清除个人信息，姓名一并匿名"


UNANSWERED = frozenset({CorrectionState.WAITING, CorrectionState.RECALLED})
ERASED = frozenset({Fate.NAME_KEPT, Fate.ANONYMOUS})


@dataclass(frozen=True)
class Leaver:
    """left_on: the first day outside, None for who is inside or was never placed. ledgers: the names of
    the ledgers that keep this person, empty for who stands in none."""

    left_on: date | None
    holds_post: bool = False
    ledgers: Collection[str] = ()


def fate_of(leaver: Leaver, *, on: date) -> Fate:
    """A ledger's facts about its own people outlive them; everything else goes when the time is over."""
    if leaver.left_on is None or leaver.left_on > on:
        return Fate.STAYS
    if on < add_months(leaver.left_on, LEAVER_MONTHS):
        return Fate.WAITS
    if leaver.holds_post:
        return Fate.HOLDS_POST
    return Fate.NAME_KEPT if leaver.ledgers else Fate.ANONYMOUS


def left_before(on: date) -> date:
    """Who left on this day or earlier has nothing more to wait for."""
    day = add_months(on, -LEAVER_MONTHS)
    # 31 March less a month is the last of February; added again it would be too early.
    return day if add_months(day, LEAVER_MONTHS) <= on else date.fromordinal(day.toordinal() - 1)


def checked_words(text: str) -> str:
    """Words of a request or an answer. Raises CorrectionRefused."""
    words = text.strip()
    if not words:
        raise CorrectionRefused("请写明哪一项不对、应当是怎样。")
    if _ID_NUMBER.search(re.sub(r"[\s-]", "", words)):
        raise CorrectionRefused("请不要在这里填写身份证号，写“身份证号有误”即可，工作人员会当面核对。")
    return words
