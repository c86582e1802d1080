"""What recipients decide on letters; it is seen outside at the next weekly release."""

from dataclasses import replace

from branches.rules import Refusal
from burden.box.desk import Sheet
from burden.box.limits import Outcome
from burden.box.marks import Answered, Mark, marks_of, write_mark
from burden.box.released import desk_held, mark_answered, unanswered, version_of
from burden.box.sealing import Reply, seal_reply
from burden.models import BoxLetter


class LetterGone(Refusal):
    """Withdrawn, too old, or answered and published meanwhile."""

    def __str__(self) -> str:
        return "这封信已被写信人撤回，或者已经公布了答复，不用再办。"


class AnsweredMeanwhile(Refusal):
    """Another recipient replied since this one opened the desk. `sheet`: the letter as it is now."""

    def __init__(self, sheet: Sheet, words: str) -> None:
        super().__init__()
        self.sheet, self.words = sheet, words

    def __str__(self) -> str:
        outcome = Outcome(self.sheet.pending).label
        public = f"公开答复是“{self.words}”" if self.words else "没有公开答复"
        return (
            f"另一位受理人刚刚答复了这封信：{outcome}，{public}。您写的没有保存。"
            "要换成您写的，请再点一次保存；不换，请把这一封清空。"
        )


def reply(sheet: Sheet, *, outcome: Outcome, text: str, words: str = "", measure: int | None = None) -> Sheet:
    """Keep a reply until the release, instead of an earlier one; returns the letter as it is then.

    One's own earlier reply is replaced from any page: a form sent twice is one reply.

    Raises LetterGone, AnsweredMeanwhile, BoxUnusable.
    """
    sealed = seal_reply(Reply(outcome, text), sheet.seal_to)
    with desk_held():
        letter, mark = _letter_of(sheet)
        now = _as_it_is(sheet, letter)
        before = mark.answered
        if now.version != sheet.version and not (before and before.by == sheet.recipient):
            raise AnsweredMeanwhile(now, before.words if before else "")
        mark_answered(letter, reply=sealed, outcome=outcome)
        answered = Answered(sheet.category, outcome, words, measure, sheet.recipient)
        write_mark(sheet.lookup, replace(mark, answered=answered))
    return _as_it_is(sheet, letter)


def hand_on(sheet: Sheet) -> None:
    """Leave a letter to the other recipients: it is about the one who opened it.

    Raises LetterGone, BoxUnusable.
    """
    with desk_held():
        _, mark = _letter_of(sheet)
        write_mark(sheet.lookup, replace(mark, handed=tuple(sorted({*mark.handed, sheet.recipient}))))


def _letter_of(sheet: Sheet) -> tuple[BoxLetter, Mark]:
    letter = unanswered(sheet.lookup)
    if letter is None:
        raise LetterGone
    return letter, marks_of([sheet.lookup]).get(sheet.lookup, Mark())


def _as_it_is(sheet: Sheet, letter: BoxLetter) -> Sheet:
    return replace(sheet, pending=letter.pending_outcome, version=version_of(letter))
