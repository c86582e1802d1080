"""Taking one answer of the pulse survey. Nothing here writes to the database, a log or a queue."""

from collections.abc import Mapping

from branches.rules import Refusal
from branches.sealed import SealRefused, digests
from burden.box.ballots import Ballots, ballot_box
from burden.models.surveys import SurveyCode, SurveyRound
from burden.rules.suppression import LEAST
from burden.rules.survey_codes import read_code

CODE_PURPOSE = "survey code"


class AnswerRefused(Refusal):
    """The answers were not taken; str() says what to do."""


CLOSED = "这一轮问卷已经结束，您的答卷没有收下。不用再做什么，下一轮会另外发码。"
MISTYPED = "这个码抄得不对：应当是 12 个字符，分 3 组，每组 4 个。请对照纸条再抄一遍，您选的答案都还在。"
UNKNOWN = "没有这个码，也许它已经作废。请对照纸条再看一遍；还不行，就请另抽一张新印的，您选的答案都还在。"
USED = "这个码已经用过，一个码只能交一份。刚才就是您交的，不用再交；不是您交的，请另抽一张。"


def submit_answers(typed: str, answers: Mapping[str, str], *, version: int) -> None:
    """Add one set of answers to the sums and use its code up. Raises AnswerRefused, BallotsFull.

    answers: question → option, one for every question of the questionnaire of this version.
    """
    one = SurveyRound.objects.open().first()
    if one is None or one.questionnaire != version:
        raise AnswerRefused(CLOSED)
    code = read_code(typed)
    if code is None:
        raise AnswerRefused(MISTYPED)
    marks = digests(code, purpose=CODE_PURPOSE)
    with ballot_box() as box:
        held = box.read(one.pk)
        if held.knows(marks):
            raise AnswerRefused(USED)
        # Asked with the box in hand: a round that closes waits for it, so its end is seen here.
        if not SurveyRound.objects.open().filter(pk=one.pk).exists():
            raise AnswerRefused(CLOSED)
        if not SurveyCode.objects.filter(digest__in=marks, round=one).exists():
            raise AnswerRefused(UNKNOWN)
        box.write(held.plus(dict(answers), marks[0]))


def beat_ballots() -> None:
    """Rewrite the box as it is, so that its times say nothing; what belongs to no open round goes."""
    with ballot_box() as box:
        one = SurveyRound.objects.open().first()
        box.write(box.read(one.pk) if one else Ballots())


def about_received(one: SurveyRound) -> int | None:
    """How many answers have come at least, in fives; nothing finer is said while a round runs.

    None where the box cannot be opened: its key is missing or the file is damaged.
    """
    try:
        with ballot_box() as box:
            people = box.read(one.pk).people
    except SealRefused:
        return None
    return people - people % LEAST
