"""What this app tells people about. Leaf."""

from collections.abc import Collection
from datetime import date

from notices.events import Event
from notices.rules import Level
from training.models import Contest, HelpRequest, OutputVersion, Session
from training.rules.contests import ContestPhase
from training.rules.outputs import OutputState
from training.rules.sessions import SessionState

SESSION_PLANNED = "training.session_planned"
SESSION_CHANGED = "training.session_changed"
OUTPUT_CREDIT = "training.output_credit"
OUTPUT_REVIEWED = "training.output_reviewed"
OUTPUT_USED = "training.output_used"
ROTATION_TURN = "training.rotation_turn"
HELP_ASKED = "training.help_asked"
PAIR_TOLD = "training.pair_told"
CONTEST_JUDGING = "training.contest_judging"
WORK_SCREENED = "training.work_screened"
CONTEST_RESULT = "training.contest_result"

_SESSION = "session:"
_OUTPUT = "output:"
_HELP = "help:"
_CONTEST = "contest:"


def session_subject(pk: int) -> str:
    return f"{_SESSION}{pk}"


def sessions_still_coming(subjects: Collection[str], on: date) -> set[str]:
    """Sessions that are still planned; what has been held or cancelled needs no invitation."""
    keys = [s.removeprefix(_SESSION) for s in subjects if s.startswith(_SESSION)]
    rows = Session.objects.filter(pk__in=keys, state=SessionState.PLANNED)
    return {session_subject(pk) for pk in rows.values_list("pk", flat=True)}


def output_subject(pk: int) -> str:
    return f"{_OUTPUT}{pk}"


def credits_still_asked(subjects: Collection[str], on: date) -> set[str]:
    """Versions whose authors are still asked; what has moved on asks nobody."""
    keys = [s.removeprefix(_OUTPUT) for s in subjects if s.startswith(_OUTPUT)]
    rows = OutputVersion.objects.filter(pk__in=keys, state=OutputState.CREDIT)
    return {output_subject(pk) for pk in rows.values_list("pk", flat=True)}


def help_subject(pk: int) -> str:
    return f"{_HELP}{pk}"


def helps_still_waiting(subjects: Collection[str], on: date) -> set[str]:
    """Requests that nobody has closed."""
    keys = [s.removeprefix(_HELP) for s in subjects if s.startswith(_HELP)]
    rows = HelpRequest.objects.waiting().filter(pk__in=keys)
    return {help_subject(pk) for pk in rows.values_list("pk", flat=True)}


def contest_subject(pk: int) -> str:
    return f"{_CONTEST}{pk}"


def contests_still_judged(subjects: Collection[str], on: date) -> set[str]:
    """Contests whose judging is not over."""
    keys = [s.removeprefix(_CONTEST) for s in subjects if s.startswith(_CONTEST)]
    rows = Contest.objects.filter(pk__in=keys, phase=ContestPhase.JUDGING)
    return {contest_subject(pk) for pk in rows.values_list("pk", flat=True)}


EVENTS = (
    Event(SESSION_PLANNED, "培训通知", Level.DIGEST, "training.view_session", sessions_still_coming),
    Event(SESSION_CHANGED, "培训改期或取消", Level.URGENT, "training.view_session"),
    Event(OUTPUT_CREDIT, "成果请确认署名", Level.DIGEST, "training.view_output", credits_still_asked),
    Event(OUTPUT_REVIEWED, "成果审核结果", Level.DIGEST, "training.view_output"),
    Event(OUTPUT_USED, "成果有支部用起来", Level.DIGEST, "training.view_output"),
    Event(ROTATION_TURN, "轮训安排", Level.DIGEST, "training.view_rotation"),
    Event(HELP_ASKED, "有同事请您帮忙", Level.DIGEST, "training.view_mentor", helps_still_waiting),
    Event(PAIR_TOLD, "结对帮带", Level.DIGEST, "training.view_mentor"),
    Event(CONTEST_JUDGING, "请评审参赛作品", Level.DIGEST, "training.judge_work", contests_still_judged),
    Event(WORK_SCREENED, "参赛作品初审结果", Level.DIGEST, "training.view_contest"),
    Event(CONTEST_RESULT, "竞赛结果", Level.DIGEST, "training.view_contest"),
)
