"""By which registered fact a matter is settled: the open item of it is then done without a record.

A settling key names the matter: of a duty that follows an event the fact from which it counts, of a repeated
one its own word. reminders/sql/settled.sql finds the facts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from branches.rules import EventKind
from branches.rules.development import STEPS
from errorbank.rules import StepKind
from periods.rule_parts import Kind, Rule
from reminders.queries.anchors import (
    BLOCKED,
    ERROR_FOUND,
    FACT_OF_ACTION,
    HEADCOUNT,
    OWN_STEPS,
    TRAINING_DUTY,
    UNARCHIVED,
    UNDETERMINED,
    UNREPORTED,
    UNREVIEWED,
    UNTRAINED,
    step_anchor,
)

DONE_BY_FACT = "自动办结"
# Duties that go on while each turn of them is settled by a fact of its own.
REPEATED: Mapping[str, str] = {
    "activist_review": "activist_review",
    "probationary_education": "probationary_education",
}


class Source(TextChoices):
    """Where the settling fact stands."""

    EVENT = "event", "党员变动"
    STEP = "step", "发展党员步骤"
    TERM = "term", "换届"
    REPORT = "report", "选举结果报批备案"
    POST = "post", "任职"
    HEADCOUNT = "headcount", "人数"
    UNBLOCKED = "unblocked", "程序"
    HANDOVER = "handover", "工作交接"
    FINDING = "finding", "问题整改"
    RECHECK = "recheck", "复查"
    DUTY = "duty", "培训任务"


@dataclass(frozen=True, slots=True)
class Settling:
    """`code`: the kind of event or the number of the step; `words`: what the list says then."""

    key: str
    source: Source
    code: str
    words: str


def _by_event(key: str, *kinds: EventKind) -> Iterator[Settling]:
    for kind in kinds:
        yield Settling(key, Source.EVENT, kind.value, _registered(kind.label))


def _by_step(key: str, number: int) -> Settling:
    return Settling(key, Source.STEP, str(number), _registered(STEPS[number].name))


def _registered(what: str) -> str:
    return f"已登记“{what}”，{DONE_BY_FACT}"


SETTLINGS: tuple[Settling, ...] = (
    Settling("term_end", Source.TERM, "", f"已登记换届选举结果，{DONE_BY_FACT}"),
    Settling(UNREPORTED, Source.REPORT, "", f"已登记选举结果报批备案，{DONE_BY_FACT}"),
    Settling("office_vacated", Source.POST, "", f"已登记新的任职，{DONE_BY_FACT}"),
    Settling("worker_changed", Source.HANDOVER, "", f"三方已在交接单上签字，{DONE_BY_FACT}"),
    Settling(HEADCOUNT, Source.HEADCOUNT, "", f"正式党员已恢复到规定人数，{DONE_BY_FACT}"),
    Settling(BLOCKED, Source.UNBLOCKED, "", f"发展程序可以继续办理，{DONE_BY_FACT}"),
    Settling(ERROR_FOUND, Source.FINDING, StepKind.SUBMITTED, f"已提交整改结果，{DONE_BY_FACT}"),
    Settling(ERROR_FOUND, Source.FINDING, StepKind.ACCEPTED, f"条件不具备，已同意暂缓，{DONE_BY_FACT}"),
    Settling(ERROR_FOUND, Source.RECHECK, "", f"复查已完成，{DONE_BY_FACT}"),
    Settling(TRAINING_DUTY, Source.DUTY, "", f"培训任务已完成，{DONE_BY_FACT}"),
    *_by_event("unit_changed_or_away_6_months", EventKind.MOVED_OUT, EventKind.RETURNED),
    *_by_event("application_received", EventKind.TALKED),
    *_by_event("talk_done", EventKind.ACTIVIST),
    *_by_event("activist_date", EventKind.DEVELOPMENT_TARGET),
    *_by_event(UNDETERMINED, EventKind.DEVELOPMENT_TARGET),
    _by_step(UNDETERMINED, 7),
    *_by_event("development_target_date", EventKind.PRE_REVIEWED),
    *_by_event(UNREVIEWED, EventKind.PRE_REVIEWED),
    _by_step(UNREVIEWED, 10),
    *_by_event(UNTRAINED, EventKind.TRAINED),
    *_by_event("training_done", EventKind.PRE_REVIEWED),
    *_by_event("pre_review_passed", EventKind.ADMITTED),
    *_by_event("admission_meeting_date", EventKind.APPROVED),
    *_by_event("approval_notice_date", EventKind.OATH_TAKEN),
    *_by_event("probation_end", EventKind.CONVERTED),
    _by_step(UNARCHIVED, 25),
    _by_step(REPEATED["activist_review"], 6),
    _by_step(REPEATED["probationary_education"], 21),
    *(_by_step(step_anchor(number), number) for number in OWN_STEPS),
)
KEYS = frozenset(each.key for each in SETTLINGS)


def settling_key(code: str, rule: Rule) -> str:
    """The key of an action by its code and its rule; "" when no registered fact settles it.

    A turn of a local duty that repeats (“every three months an activist”) ends with no single event.
    """
    if code in REPEATED:
        return REPEATED[code]
    fact = FACT_OF_ACTION.get(code, str(rule.get("anchor")))
    single = rule.get("kind") == Kind.EVENT_OFFSET and not rule.get("every")
    return fact if single and fact in KEYS else ""
