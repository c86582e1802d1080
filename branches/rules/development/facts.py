"""What is known of one person's way into the Party, as the rules need it, and what they answer."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices

from branches.rules.basis import Basis
from branches.rules.development.texts import RuleVersion, Stage
from branches.rules.organisations import StepOutcome


class CheckState(TextChoices):
    MET = "met", "符合"
    VIOLATED = "violated", "不符合"
    CAUTION = "caution", "请核对"
    OPEN = "open", "尚未办到"


class PersonState(TextChoices):
    APPLICANT = "applicant", "入党申请人"
    ACTIVIST = "activist", "入党积极分子"
    DEVELOPMENT_TARGET = "development_target", "发展对象"
    PRE_REVIEWED = "pre_reviewed", "预审合格"
    ADMITTED_PENDING_APPROVAL = "admitted_pending_approval", "大会已通过，待审批"
    PROBATIONARY = "probationary", "预备党员"
    PROBATION_EXTENDED = "probation_extended", "预备党员（延长预备期）"
    FULL = "full", "正式党员"
    REJECTED = "rejected", "未获通过"
    REVOKED = "revoked", "已取消预备党员资格"
    WITHDRAWN = "withdrawn", "已终止"


@dataclass(frozen=True, slots=True)
class StepFact:
    """One step as it was done. None and empty mean “not entered”, never “no”.

    until: the last day of a public notice (8) or a training (11).
    people_full: for 5 and 9, per person: full member with full rights on that day (nobody under 留党察看).
    introducers_confirmed: for 9, that both were looked at and none is within the effect of a punishment.
    decider_approves: for 8, 13, 17 and 24, whether the deciding organisation has the power to approve.
    months: for 23 with EXTENDED, by how many months.
    """

    number: int
    on: date
    until: date | None = None
    people_full: tuple[bool, ...] = ()
    introducers_confirmed: bool = False
    decider_approves: bool | None = None
    outcome: StepOutcome = StepOutcome.PASSED
    months: int | None = None
    days: int | None = None
    hours: Decimal | None = None
    eligible: int | None = None
    present: int | None = None
    approving: int | None = None
    secret_ballot: bool | None = None

    @property
    def last_day(self) -> date:
        return self.until or self.on


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All standing steps of one person; several of one number are allowed.

    leaving_on: the known end of the person's time here (transfer, end of secondment, retirement).
    moved_in_on: the last move of the relation into this branch.
    stated_probation_end, stated_seniority_from: what the papers say, to be compared; None when not entered.
    """

    opened_on: date
    steps: tuple[StepFact, ...] = ()
    birth_on: date | None = None
    leaving_on: date | None = None
    moved_in_on: date | None = None
    stated_probation_end: date | None = None
    stated_seniority_from: date | None = None
    withdrawn: bool = False

    def of(self, number: int) -> list[StepFact]:
        """Every fact of that step, in time order."""
        return sorted((s for s in self.steps if s.number == number), key=lambda s: s.on)

    def last(self, number: int) -> StepFact | None:
        found = self.of(number)
        return found[-1] if found else None

    def passed(self, number: int) -> StepFact | None:
        """The last fact of that step that went well (an extension of probation is no conversion)."""
        found = [s for s in self.of(number) if s.outcome is StepOutcome.PASSED]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Check:
    """One constraint held against one person's facts.

    step: the step it is about; text: what is so, with this person's dates and numbers; advice: what to do,
    empty when nothing is; applies: False where the text of that day did not yet ask for it.
    """

    code: str
    step: int
    state: CheckState
    text: str
    advice: str
    basis: tuple[Basis, ...]
    version: RuleVersion
    name: str = ""
    applies: bool = True
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next and by when.

    due_on: the last regular day; hard_limit: the last day at all where the text knows two;
    due_is_advice: due_on is a day this portal proposes, the text names none.
    """

    number: int
    name: str
    stage: Stage
    actor: str
    record: str
    why: str
    not_before: date | None = None
    due_on: date | None = None
    hard_limit: date | None = None
    due_is_advice: bool = False
    blocked_by: tuple[Check, ...] = ()
    basis: tuple[Basis, ...] = ()
    version: RuleVersion = RuleVersion.DEV2026

    def late(self, *, on: date) -> bool:
        return self.due_on is not None and not self.due_is_advice and self.due_on < on

    def waiting(self, *, on: date) -> bool:
        return self.not_before is not None and on < self.not_before
