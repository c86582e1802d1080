"""One case as its page shows it: criteria, the way so far, and what this person may do next."""

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from incentives.models import HonourCase, HonourStory, Objection, PublicNotice
from incentives.models.honours import RUN_HONOUR
from incentives.queries.honours import findings_of, honours
from incentives.queries.public_notices import notices_of
from incentives.rules.honours import CaseState, Honour, Origin, Verdict, checksum, frozen, may_move
from incentives.rules.public_notices import NoticeSubject


@dataclass(frozen=True)
class Line:
    words: str
    origin: Origin
    verdict: Verdict
    data: str


@dataclass(frozen=True)
class Rights:
    """What this person may do with the case now."""

    check: bool
    vote: bool
    decline: bool
    award: bool
    withdraw: bool
    tell: bool
    part: bool


@dataclass(frozen=True)
class CasePage:
    case: HonourCase
    honour: Honour
    lines: list[Line]
    intact: bool
    notice: PublicNotice | None
    answers: list[Objection]
    stories: list[HonourStory]
    rights: Rights

    @property
    def until(self) -> date | None:
        """The last day of the frozen data."""
        kept = self.case.evidence.get("until")
        return date.fromisoformat(kept) if kept else None

    @property
    def blocked(self) -> bool:
        return any(line.verdict == Verdict.UNMET for line in self.lines)


def case_page(case: HonourCase, user: User, *, on: date) -> CasePage:
    """Data as of today until they are frozen, then the frozen ones."""
    notice = notices_of(NoticeSubject.HONOUR, case.pk).first()
    answers = Objection.objects.filter(notice=notice).exclude(outcome="").order_by("pk") if notice else []
    return CasePage(
        case=case,
        honour=honours()[case.call.honour],
        lines=_lines(case, on),
        intact=not case.checksum or checksum(case.evidence) == case.checksum,
        notice=notice,
        answers=list(answers),
        stories=_stories(case, user, on),
        rights=rights_of(case, user, on=on),
    )


def _lines(case: HonourCase, on: date) -> list[Line]:
    if case.evidence:
        given = case.evidence["criteria"]
    elif case.state == CaseState.PROPOSED:
        given = frozen(findings_of(case, on=on))
    else:
        given = []
    return [Line(one["words"], Origin(one["origin"]), Verdict(one["verdict"]), one["data"]) for one in given]


def _stories(case: HonourCase, user: User, on: date) -> list[HonourStory]:
    if case.state != CaseState.AWARDED or case.nominee_id is None:
        return []
    return list(HonourStory.objects.visible_to(user, on=on).filter(case=case).order_by("kind"))


def rights_of(case: HonourCase, user: User, *, on: date) -> Rights:
    part = user.pk in (case.nominee_id, case.proposed_by_id)
    held = HonourCase.objects.permitted_to(user, RUN_HONOUR, on=on).filter(pk=case.pk).exists()
    runs = held and not part
    state = case.state
    return Rights(
        check=runs and may_move(state, CaseState.CHECKED),
        vote=runs and may_move(state, CaseState.NOTICED),
        decline=runs and may_move(state, CaseState.DECLINED),
        award=runs and may_move(state, CaseState.AWARDED),
        withdraw=case.nominee_id == user.pk and may_move(state, CaseState.WITHDRAWN),
        tell=runs and state == CaseState.AWARDED and case.nominee_id is not None,
        part=held and part,
    )
