"""What recipients decide on letters; it is seen outside at the next weekly release."""

from django.db import transaction

from branches.rules import Refusal
from burden.box.desk import Sheet
from burden.box.limits import Outcome
from burden.box.marks import Answered, Mark, marks_of, write_mark
from burden.box.released import mark_answered
from burden.box.sealing import Reply, seal_reply
from burden.models import BoxLetter


class LetterGone(Refusal):
    """Withdrawn, too old, or answered and published meanwhile."""

    def __str__(self) -> str:
        return "这封信已被写信人撤回，或者已经公布了答复，不用再办。"


@transaction.atomic
def reply(sheet: Sheet, *, outcome: Outcome, text: str, words: str = "", measure: int | None = None) -> None:
    """Keep a reply until the release, instead of an earlier one. Raises LetterGone."""
    sealed = seal_reply(Reply(outcome, text), sheet.seal_to)
    _refuse_gone(sheet)
    if not mark_answered(sheet.lookup, reply=sealed, outcome=outcome):
        raise LetterGone
    handed = marks_of([sheet.lookup]).get(sheet.lookup, Mark()).handed
    write_mark(sheet.lookup, Mark(handed, Answered(sheet.category, outcome, words, measure)))


@transaction.atomic
def hand_on(sheet: Sheet) -> None:
    """Leave a letter to the other recipients: it is about the one who opened it. Raises LetterGone."""
    _refuse_gone(sheet)
    mark = marks_of([sheet.lookup]).get(sheet.lookup, Mark())
    handed = tuple(sorted({*mark.handed, sheet.recipient}))
    write_mark(sheet.lookup, Mark(handed, mark.answered))


def _refuse_gone(sheet: Sheet) -> None:
    if not BoxLetter.objects.released().filter(lookup=sheet.lookup, outcome="").exists():
        raise LetterGone
