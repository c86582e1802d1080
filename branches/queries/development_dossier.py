"""The list of one person's papers (发展党员材料清单): what each step leaves, and whether it is there."""

from dataclasses import dataclass
from datetime import date

from branches.models import DevelopmentCase, DevelopmentStep
from branches.queries.development_facts import CasePicture, picture_of
from branches.rules import MemberStatus
from branches.rules.development import STAGES, STEPS, Step, version_on
from branches.rules.development_order import PAPERS

POLITICAL_REVIEW = 10
PRESENT, MISSING, NOT_DONE = "齐", "缺", "未办"
_CHINESE = "一二三四五"


@dataclass(frozen=True)
class PaperRow:
    """One step; several reviews stand in one row."""

    number: int
    name: str
    required: str
    days: str
    document: str
    state: str

    @property
    def missing(self) -> bool:
        return self.state == MISSING


@dataclass(frozen=True)
class PaperStage:
    title: str
    rows: tuple[PaperRow, ...]


@dataclass(frozen=True)
class Dossier:
    name: str
    code: str
    branch: str
    status: str
    opened_on: date
    as_of: date
    stages: tuple[PaperStage, ...]

    @property
    def rows(self) -> list[PaperRow]:
        return [row for stage in self.stages for row in stage.rows]

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def sentence(self) -> str:
        done = len(self.rows) - self.count(NOT_DONE)
        missing = self.count(MISSING)
        said = f"缺材料 {missing} 步" if missing else "材料都已登记"
        return f"共 {len(self.rows)} 步，已办 {done} 步，其中{said}；未办 {self.count(NOT_DONE)} 步。"


def dossier_of(case: DevelopmentCase, *, on: date) -> Dossier:
    """Five statements. `case` comes with its member."""
    picture = picture_of(case, on=on)
    return Dossier(
        name=case.member.name,
        code=case.member.code,
        branch=picture.place.name if picture.place else "不在党支部",
        status=MemberStatus(picture.span.status).label if picture.span else "",
        opened_on=case.opened_on,
        as_of=on,
        stages=tuple(
            PaperStage(
                f"{_CHINESE[stage.number - 1]}、{stage.name}",
                tuple(_row(step, picture, on) for step in stage.steps),
            )
            for stage in STAGES
        ),
    )


def _row(step: Step, picture: CasePicture, on: date) -> PaperRow:
    done = [row for row in picture.steps if row.number == step.number]
    day = done[-1].done_on if done else on
    return PaperRow(
        number=step.number,
        name=STEPS[step.number].name_on(version_on(day)),
        required=PAPERS[step.number],
        days=" ".join(f"{row.done_on:%Y-%m-%d}" for row in done),
        document="、".join(dict.fromkeys(row.document for row in done if row.document)),
        state=_state(step, done),
    )


def _state(step: Step, done: list[DevelopmentStep]) -> str:
    if not done:
        return NOT_DONE
    # The paper of the political review is kept elsewhere: here only its day says that it is there.
    if step.number == POLITICAL_REVIEW or all(row.document for row in done):
        return PRESENT
    return MISSING
