"""The pipeline as a board: who stands in which stage, what comes next for each of them, and by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from accounts.models import User
from branches.models import DevelopmentCase, Member, Membership, Organisation
from branches.rules import BRANCH_KINDS, CaseState, MemberStatus
from branches.rules.development import STAGES, STEPS, Stage, stage_of, version_on
from periods.labels import day_label, days_left_label

VIEW = "branches.view_development"
SOON_DAYS = 14
CARDS_A_COLUMN = 12
ROWS_A_PAGE = 50
PAST_ADVICE = "已过建议日期"


class Shown:
    """What a list is narrowed to."""

    LATE, BLOCKED, SOON, CLOSED = "late", "blocked", "soon", "closed"


@dataclass(frozen=True)
class BoardFilter:
    organisation: str = ""
    search: str = ""
    state: str = ""
    stage: str = ""

    @classmethod
    def of(cls, query: Any) -> "BoardFilter":
        state, stage = query.get("state", ""), query.get("stage", "")
        return cls(
            organisation=query.get("organisation", "")[:32],
            search=query.get("q", "").strip()[:40],
            state=state if state in LIST_TITLES else "",
            stage=stage if stage in {s.code for s in STAGES} else "",
        )

    @property
    def is_list(self) -> bool:
        return bool(self.state or self.stage)

    def query(self, **narrowed: str) -> str:
        """The address part of this filter with another state or stage."""
        kept = {"organisation": self.organisation, "q": self.search, **narrowed}
        return "?" + urlencode({name: value for name, value in kept.items() if value})


LIST_TITLES = {
    Shown.LATE: "已逾期",
    Shown.BLOCKED: "需要先处理的",
    Shown.SOON: f"{SOON_DAYS} 天内到期",
    Shown.CLOSED: "已办结",
}


@dataclass(frozen=True)
class Tag:
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """One person on the board, in ready words."""

    pk: int
    name: str
    branch: str
    status: str
    next_text: str
    when: str
    tone: str
    icon: str
    tags: tuple[Tag, ...]


@dataclass(frozen=True)
class StageColumn:
    number: int
    name: str
    total: int
    cards: tuple[Card, ...]
    query: str

    @property
    def more(self) -> int:
        return self.total - len(self.cards)


@dataclass(frozen=True)
class Stat:
    label: str
    count: int
    query: str
    tone: str = ""
    active: bool = False


@dataclass
class Board:
    """Columns by stage, or one list when the reader asked for a state or a stage."""

    filter: BoardFilter
    places: list[Organisation]
    stats: list[Stat] = field(default_factory=list)
    columns: list[StageColumn] = field(default_factory=list)
    # How many are on the way into the Party by their events alone, where the reader may open a case.
    without_case: int = 0
    page: "Page[Any] | None" = None

    @property
    def heading(self) -> str:
        chosen = [p.name for p in self.places if p.code == self.filter.organisation or len(self.places) == 1]
        return chosen[0] if chosen else f"{len(self.places)} 个党支部"

    @property
    def list_title(self) -> str:
        stage = next((s.name for s in STAGES if s.code == self.filter.stage), "")
        return LIST_TITLES.get(self.filter.state, stage)

    @property
    def is_filtered(self) -> bool:
        return self.filter != BoardFilter()


def board_for(user: User, wanted: BoardFilter, *, on: date, page: str | None = None) -> Board:
    """Six statements, whatever the number of cases."""
    places = Organisation.objects.permitted_to(user, VIEW, on=on).filter(kind__in=sorted(BRANCH_KINDS))
    # A dissolved branch is offered only where the address names it.
    offered = places.active(on=on) | places.filter(code=wanted.organisation)
    board = Board(wanted, list(offered.in_tree_order()))
    cases = _matching(DevelopmentCase.objects.visible_to(user, on=on), wanted, board.places, on)
    ongoing = sorted(cases.ongoing().select_related("member"), key=_urgency)
    closed = cases.exclude(state=CaseState.ONGOING).select_related("member").order_by("-closed_on", "pk")
    board.stats = _stats(ongoing, closed.count(), wanted, on)
    if wanted.is_list:
        rows = closed if wanted.state == Shown.CLOSED else [c for c in ongoing if _is_wanted(c, wanted, on)]
        board.page = Paginator(rows, ROWS_A_PAGE).get_page(page)
        board.page.object_list = _cards(board.page.object_list, on)
    else:
        board.columns = _columns(ongoing, wanted, on) if ongoing else []
        board.without_case = _without_case(user, on).count()
    return board


def _matching(cases: Any, wanted: BoardFilter, places: Iterable[Organisation], on: date) -> Any:
    chosen = [place.pk for place in places if place.code == wanted.organisation]
    if wanted.organisation:
        within = Organisation.objects.filter(pk__in=chosen)
        cases = cases.filter(member__in=Member.objects.of_organisations(within, on=on))
    if wanted.search:
        cases = cases.filter(Q(member__name__icontains=wanted.search) | Q(member__code__iexact=wanted.search))
    return cases


def _urgency(case: DevelopmentCase) -> tuple[date, date, int]:
    """What is due first stands first; without a last day, what may be done first."""
    return case.next_due_on or date.max, case.next_from or date.min, case.pk


def stage_of_case(case: DevelopmentCase) -> Stage:
    """The stage of what comes next; a case without anything next is at its end."""
    return stage_of(case.next_step) if case.next_step else STAGES[-1]


def is_late(case: DevelopmentCase, on: date) -> bool:
    """After the last day a text names; a day the portal only proposes passes without being overdue."""
    return case.next_due_on is not None and not case.due_is_advice and case.next_due_on < on


def is_past_advice(case: DevelopmentCase, on: date) -> bool:
    return case.next_due_on is not None and case.due_is_advice and case.next_due_on < on


def is_soon(case: DevelopmentCase, on: date) -> bool:
    return case.next_due_on is not None and on <= case.next_due_on <= on + timedelta(days=SOON_DAYS)


def _is_wanted(case: DevelopmentCase, wanted: BoardFilter, on: date) -> bool:
    if wanted.stage and stage_of_case(case).code != wanted.stage:
        return False
    states = {
        Shown.LATE: is_late(case, on),
        Shown.SOON: is_soon(case, on),
        Shown.BLOCKED: bool(case.blocked),
    }
    return states.get(wanted.state, True)


def _stats(cases: Sequence[DevelopmentCase], closed: int, wanted: BoardFilter, on: date) -> list[Stat]:
    def stat(label: str, count: int, state: str, tone: str = "") -> Stat:
        return Stat(label, count, wanted.query(state=state), tone, wanted.state == state and wanted.is_list)

    return [
        Stat("正在办理", len(cases), wanted.query(), active=not wanted.is_list),
        stat("已逾期", sum(is_late(c, on) for c in cases), Shown.LATE, "late"),
        stat(f"{SOON_DAYS} 天内到期", sum(is_soon(c, on) for c in cases), Shown.SOON),
        stat("需要先处理", sum(bool(c.blocked) for c in cases), Shown.BLOCKED),
        stat("已办结", closed, Shown.CLOSED),
    ]


def _columns(cases: Sequence[DevelopmentCase], wanted: BoardFilter, on: date) -> list[StageColumn]:
    by_stage = {stage.code: [c for c in cases if stage_of_case(c) == stage] for stage in STAGES}
    shown = [case for found in by_stage.values() for case in found[:CARDS_A_COLUMN]]
    cards = {card.pk: card for card in _cards(shown, on)}
    return [
        StageColumn(
            number=stage.number,
            name=stage.name,
            total=len(found),
            cards=tuple(cards[case.pk] for case in found[:CARDS_A_COLUMN]),
            query=wanted.query(stage=stage.code),
        )
        for stage in STAGES
        for found in [by_stage[stage.code]]
    ]


def _cards(cases: Iterable[DevelopmentCase], on: date) -> list[Card]:
    rows = list(cases)
    spans = {
        span.member_id: span
        for span in Membership.objects.decisive(on)
        .filter(member__in=[case.member_id for case in rows])
        .select_related("organisation")
    }
    return [_card(case, spans.get(case.member_id), on) for case in rows]


def _card(case: DevelopmentCase, span: Membership | None, on: date) -> Card:
    late = is_late(case, on)
    soon = bool(case.blocked) or is_soon(case, on)
    tone = "late" if late else "soon" if soon else "done" if case.state == CaseState.COMPLETED else ""
    icons = {"late": "circle-alert", "soon": "clock", "done": "circle-check"}
    return Card(
        pk=case.pk,
        name=case.member.name,
        branch=span.organisation.name if span else "不在党支部",
        status=MemberStatus(span.status).label if span else "",
        next_text=next_words(case, on),
        when=when_words(case, on),
        tone=tone,
        icon=icons.get(tone, "circle"),
        tags=tuple(_tags(case, on)),
    )


def next_words(case: DevelopmentCase, on: date) -> str:
    """What comes next, as one line."""
    if case.state != CaseState.ONGOING:
        return f"{case.get_state_display()}（{case.closed_on:%Y-%m-%d}）"
    if case.next_step is None:
        return "各步都已登记"
    return f"下一步：{STEPS[case.next_step].name_on(version_on(on))}"


def when_words(case: DevelopmentCase, on: date) -> str:
    """From when or by when it comes, as one line; empty where no day is known."""
    if case.next_from and case.next_from > on:
        return f"{day_label(case.next_from, on)}起"
    advised = "建议 " if case.due_is_advice else ""
    return f"{advised}{day_label(case.next_due_on, on)}前" if case.next_due_on else ""


def _tags(case: DevelopmentCase, on: date) -> Iterable[Tag]:
    if case.next_due_on and is_late(case, on):
        yield Tag(days_left_label(case.next_due_on, on), "late")
    elif case.next_due_on and is_soon(case, on):
        yield Tag(days_left_label(case.next_due_on, on), "soon")
    elif is_past_advice(case, on):
        yield Tag(PAST_ADVICE, "soon")
    if case.blocked:
        yield Tag("需要先处理", "soon")
    if case.next_from and case.next_from > on and not case.blocked:
        yield Tag("未到时间", "off")


def people_without_case(user: User, *, on: date) -> list[Membership]:
    """Who is on the way into the Party, or on probation, without an open case; one statement."""
    spans = _without_case(user, on).select_related("member", "organisation")
    return list(spans.order_by("organisation__code", "member__code"))


def _without_case(user: User, on: date) -> QuerySet[Membership]:
    places = Organisation.objects.permitted_to(user, "branches.edit_development", on=on)
    spans = Membership.objects.at(on).filter(organisation__in=places).exclude(status=MemberStatus.FULL)
    return spans.exclude(member__in=DevelopmentCase.objects.ongoing().values("member"))


def people_applying_again(user: User, *, on: date) -> QuerySet[Member]:
    """Whose process was discontinued and who belongs nowhere since: they may apply once more."""
    closed = DevelopmentCase.objects.permitted_to(user, "branches.edit_development", on=on)
    closed = closed.filter(state=CaseState.DISCONTINUED)
    people = Member.objects.filter(pk__in=closed.values("member"))
    people = people.exclude(pk__in=Membership.objects.at(on).values("member"))
    return people.exclude(pk__in=DevelopmentCase.objects.ongoing().values("member"))
