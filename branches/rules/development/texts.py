"""Stages, steps and constraints of recruiting, and the version of the text that holds on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices

from branches.rules.basis import Basis
from branches.rules.sources import source

DEV2026_SINCE = date(2026, 5, 11)
RECURRING = frozenset({6, 21})
# Consent replaced the mere filing of step 8; from then on targets are named only after it.
FIRST_STEP, LAST_STEP = 1, 25


class RuleVersion(TextChoices):
    DEV2014 = "dev2014", "2014 年细则"
    DEV2026 = "dev2026", "2026 年修订细则"


class Hardness(TextChoices):
    HARD = "hard", "必须"
    SOFT = "soft", "一般应当"


class Actor(TextChoices):
    """Who takes a step. COMMITTEE_OR_MEETING: the general meeting where a branch has no committee."""

    APPLICANT = "applicant", "本人"
    BRANCH = "branch", "党支部"
    COMMITTEE_OR_MEETING = "committee_or_general_meeting", "支部委员会"
    GENERAL_MEETING = "general_meeting", "支部党员大会"
    SUPERIOR_COMMITTEE = "superior_committee", "上级党委"
    PRIMARY_COMMITTEE = "primary_committee", "基层党委"
    APPROVING_COMMITTEE = "approving_committee", "有审批权限的上级党委"
    HIGHER_DEPARTMENT = "higher_org_dept", "再上一级党委组织部门"
    COMMITTEE_OR_BRANCH = "primary_committee_or_branch", "基层党委或党支部"
    BRANCH_AND_COMMITTEE = "branch_and_committee", "党支部和上级党委"


@dataclass(frozen=True, slots=True)
class Step:
    """One of the 25 steps. `record`: the paper that proves it."""

    number: int
    name: str
    stage: str
    actor: Actor
    record: str
    articles: tuple[str, ...]
    name_2014: str = ""
    name_by_meeting: str = ""

    def name_on(self, version: RuleVersion, *, has_committee: bool = True) -> str:
        """As the text of that version calls it, and as a branch without committee does."""
        if self.name_by_meeting and not has_committee:
            return self.name_by_meeting
        return self.name_2014 if self.name_2014 and version is RuleVersion.DEV2014 else self.name

    def actor_label(self, *, has_committee: bool) -> str:
        if self.actor is Actor.COMMITTEE_OR_MEETING and not has_committee:
            return Actor.GENERAL_MEETING.label
        return self.actor.label

    @property
    def recurs(self) -> bool:
        return self.number in RECURRING


@dataclass(frozen=True, slots=True)
class Stage:
    number: int
    code: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing the text demands. `since`: the first day of an event it applies to; None always."""

    code: str
    text: str
    hardness: Hardness
    articles: tuple[str, ...]
    since: date | None = None
    note: str = ""


def version_on(day: date) -> RuleVersion:
    """The text that holds for a step taken on that day (the day of the event, not of the entry)."""
    return RuleVersion.DEV2026 if day >= DEV2026_SINCE else RuleVersion.DEV2014


def basis_of(articles: Sequence[str], version: RuleVersion) -> tuple[Basis, ...]:
    """The articles as a basis. Of the 2014 text the numbers were not compared: it is named alone."""
    if version is RuleVersion.DEV2014:
        note = f"对应 2026 年修订版{'、'.join(articles)}，2014 年版条号请核对"
        return (Basis(TITLES[version], "", False, note),)
    return tuple(Basis(TITLES[version], article, True, "") for article in articles)


def _step(row: dict[str, Any]) -> Step:
    return Step(
        number=row["number"],
        name=row["name"],
        stage=row["stage"],
        actor=Actor(row["actor"]),
        record=row["record"],
        articles=tuple(row["articles"]),
        name_2014=row.get("name_2014", ""),
        name_by_meeting=row.get("name_by_meeting", ""),
    )


def _constraint(row: dict[str, Any]) -> Constraint:
    return Constraint(
        code=row["code"],
        text=row["text"],
        hardness=Hardness(row["hardness"]),
        articles=tuple(row["articles"]),
        since=date.fromisoformat(row["since"]) if "since" in row else None,
        note=row.get("note", ""),
    )


_FILE = source("member_development")
TITLES: dict[RuleVersion, str] = {RuleVersion(row["code"]): row["title"] for row in _FILE["versions"]}
CROSSING_TEXT: str = _FILE["version_policy"]["text"]
STEPS: dict[int, Step] = {row["number"]: _step(row) for row in _FILE["steps"]}
STAGES: tuple[Stage, ...] = tuple(
    Stage(row["number"], row["code"], row["name"], tuple(s for s in STEPS.values() if s.stage == row["code"]))
    for row in _FILE["stages"]
)
CONSTRAINTS: dict[str, Constraint] = {row["code"]: _constraint(row) for row in _FILE["constraints"]}


def stage_of(number: int) -> Stage:
    return next(stage for stage in STAGES if stage.code == STEPS[number].stage)
