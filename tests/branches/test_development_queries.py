"""Cases as the rules see them, and the page and board in words."""

from datetime import date

import pytest

from branches.actions.members import EventData, add_event, correct_event
from branches.models import DevelopmentCase, DevelopmentStep, Organisation
from branches.queries.development import (
    CARDS_A_COLUMN,
    BoardFilter,
    board_for,
    next_words,
    people_without_case,
    when_words,
)
from branches.queries.development_facts import picture_of, pictures_of
from branches.queries.development_page import approvers_above, basis_words, case_page, earlier_steps
from branches.rules import CaseState, Event, EventKind, MemberStatus, OrganisationKind, StepOutcome
from branches.rules.basis import Basis
from branches.rules.development import CaseFacts, StepFact
from branches.rules.development_events import is_told, kind_of
from branches.rules.development_order import PAPERS, out_of_order
from periods.labels import day_label
from periods.months import add_months
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_organisation
from tests.factories.development import DAYS, TODAY, make_case


@pytest.fixture
def house(house: House) -> House:
    house.committee.approves_members = True
    house.committee.save()
    return house


def a_case(house: House, upto: int, *, place: Organisation | None = None, name: str = "") -> DevelopmentCase:
    place = place or house.br03
    people = [make_member(place, name="冯立群"), make_member(place, name="段晓红")]
    return make_case(place, upto=upto, committee=house.committee, people=people, name=name)


# ---- facts ----------------------------------------------------------------------------------------


def test_a_picture_holds_what_was_true_on_the_day_of_each_step(house: House) -> None:
    case = a_case(house, 13)
    late = make_member(house.br03, since=date(2024, 10, 9))
    case.steps.get(number=9).people.add(late)
    facts = {fact.number: fact for fact in picture_of(case, on=TODAY).facts.steps}
    assert facts[5].people_full == (True, True)
    assert sorted(facts[9].people_full) == [False, True, True]
    assert (facts[9].introducers_confirmed, facts[2].people_full) == (True, ())
    assert (facts[13].decider_approves, facts[12].decider_approves) == (True, None)
    assert (facts[11].until, facts[11].days) == (date(2024, 11, 6), 3)


def test_corrected_steps_are_no_facts(house: House) -> None:
    case = a_case(house, 3)
    case.steps.filter(number=3).update(corrected_at="2026-01-01T00:00Z")
    assert [fact.number for fact in picture_of(case, on=TODAY).facts.steps] == [1, 2]


def test_a_change_of_status_is_no_departure(house: House) -> None:
    case = a_case(house, 15)
    assert picture_of(case, on=date(2024, 1, 1)).facts.leaving_on is None
    add_event(case.member, kind=EventKind.MOVED_OUT, on=date(2027, 1, 31), by=None)
    assert picture_of(case, on=TODAY).facts.leaving_on == date(2027, 1, 31)


def test_a_move_to_another_branch_is_a_departure_and_then_an_arrival(house: House) -> None:
    case = a_case(house, 15)
    add_event(case.member, kind=EventKind.MOVED_IN, on=date(2026, 12, 1), organisation=house.br04, by=None)
    before, after = (picture_of(case, on=on) for on in (TODAY, date(2026, 12, 1)))
    assert (before.place, before.facts.leaving_on) == (house.br03, date(2026, 12, 1))
    assert (after.place, after.facts.leaving_on) == (house.br04, None)
    assert after.facts.moved_in_on == date(2026, 12, 1)


def test_a_discontinued_case_is_withdrawn(house: House) -> None:
    case = a_case(house, 2)
    case.state = CaseState.DISCONTINUED
    assert picture_of(case, on=TODAY).facts.withdrawn


def test_pictures_of_nobody() -> None:
    assert pictures_of([], on=TODAY) == {}


# ---- order ----------------------------------------------------------------------------------------


def facts_with(*steps: StepFact) -> CaseFacts:
    return CaseFacts(opened_on=date(2026, 1, 1), steps=steps)


def test_what_lies_before_the_first_entry_is_not_asked_for() -> None:
    step = StepFact(17, date(2026, 6, 1))
    assert out_of_order(facts_with(step), step) == ""
    assert "（第 15 步）" in out_of_order(facts_with(StepFact(13, date(2026, 1, 1)), step), step)


def test_an_earlier_step_of_a_later_day_is_named() -> None:
    step = StepFact(2, date(2026, 2, 28))
    said = out_of_order(facts_with(StepFact(1, date(2026, 3, 1)), step), step)
    assert said == "“党组织派人谈话”的日期 2026-02-28 早于“递交入党申请书”的日期 2026-03-01，请核对。"
    assert sorted(PAPERS) == list(range(1, 26))


def test_only_a_day_that_a_text_names_is_overdue(house: House) -> None:
    a_case(house, 20, name="提出转正申请")
    a_case(house, 1, name="谈话")
    late = board_for(house.worker, BoardFilter(state="late"), on=TODAY)
    assert late.page is not None
    assert [(card.name, card.when, card.tone) for card in late.page] == [
        ("谈话", f"{day_label(add_months(DAYS[1], 1), TODAY)}前", "late")
    ]
    cards = [card for c in board_for(house.worker, BoardFilter(), on=TODAY).columns for card in c.cards]
    advised = next(card for card in cards if card.name == "提出转正申请")
    assert (advised.when, advised.tone) == ("建议 6 月 27 日 周六前", "")
    assert [(tag.text, tag.tone) for tag in advised.tags] == [("已过建议日期", "soon")]


# ---- the page -------------------------------------------------------------------------------------


def test_the_headline_says_who_does_what_by_when(house: House) -> None:
    case = a_case(house, 3)
    assert case_page(case, on=TODAY).headline == "下一步由上级党委办理“上级党委备案”。"
    meeting = case_page(a_case(house, 14), on=date(2025, 6, 1))
    assert meeting.headline == "下一步由支部党员大会办理“支部党员大会讨论”。"
    waits = case_page(a_case(house, 6), on=date(2024, 4, 1))
    assert waits.headline.startswith("8 月 20 日 周二前，由党支部办理“培养教育考察”。")
    case.state, case.closed_on, case.closing_note = CaseState.COMPLETED, TODAY, "材料已归档"
    done = case_page(case, on=TODAY)
    assert (done.headline, done.why) == ("已转正归档（2026-11-22）。", "材料已归档")


def test_checks_stand_in_three_groups(house: House) -> None:
    case = a_case(house, 12)
    page = case_page(case, on=TODAY)
    assert [line.name for line in page.to_mend] == ["积极分子每半年考察一次"]
    assert page.to_watch == []
    assert len(page.fine) >= 5
    case.member.birth_on = None
    assert [line.step for line in case_page(case, on=TODAY).to_watch] == ["第 1 步"]


def test_a_step_that_the_events_do_not_tell_is_shown(house: House) -> None:
    case = a_case(house, 15)
    event = case.member.events.get(kind="admitted")
    right = EventData(EventKind.ADMITTED, date(2025, 6, 28))
    correct_event(event, reason="抄错", by=None, replacement=right)
    found = [line for line in case_page(case, on=TODAY).to_watch if line.name == "步骤与人员事项不一致"]
    assert [line.text for line in found] == [
        "第 15 步登记的是 2025-06-27，人员事项里这一天没有“接收为预备党员”。"
    ]


def test_who_came_into_the_roster_later_has_earlier_steps_on_paper_alone() -> None:
    registered = Event(EventKind.REGISTERED, DAYS[15], 1, MemberStatus.PROBATIONARY)
    told = [(n, is_told(kind, DAYS[n], [registered], since=DAYS[1])) for n in DAYS if (kind := kind_at(n))]
    assert told == [
        (1, True),
        (2, True),
        (3, True),
        (7, True),
        (11, True),
        (13, True),
        (15, True),
        (17, False),
        (20, False),
    ]
    activist = Event(EventKind.REGISTERED, DAYS[2], 1, MemberStatus.ACTIVIST)
    assert is_told(EventKind.ACTIVIST, DAYS[3], [activist], since=DAYS[1])
    assert not is_told(EventKind.DEVELOPMENT_TARGET, DAYS[7], [activist], since=DAYS[1])


def kind_at(number: int) -> EventKind | None:
    return kind_of(number, StepOutcome.PASSED, DAYS[number])


@pytest.mark.parametrize(
    ("number", "outcome", "on", "kind"),
    [
        (7, StepOutcome.PASSED, date(2026, 5, 10), EventKind.DEVELOPMENT_TARGET),
        (8, StepOutcome.PASSED, date(2026, 5, 10), None),
        (7, StepOutcome.PASSED, date(2026, 5, 11), None),
        (8, StepOutcome.PASSED, date(2026, 5, 11), EventKind.DEVELOPMENT_TARGET),
        (8, StepOutcome.NOT_PASSED, date(2026, 5, 11), None),
        (15, StepOutcome.NOT_PASSED, date(2026, 6, 1), None),
        (23, StepOutcome.EXTENDED, date(2026, 6, 1), EventKind.PROBATION_EXTENDED),
        (23, StepOutcome.REVOKED, date(2026, 6, 1), None),
        (24, StepOutcome.REVOKED, date(2026, 8, 1), EventKind.REVOKED),
        (23, StepOutcome.NOT_PASSED, date(2026, 6, 1), None),
        (24, StepOutcome.EXTENDED, date(2026, 6, 1), None),
    ],
)
def test_which_event_a_step_is(number: int, outcome: StepOutcome, on: date, kind: EventKind | None) -> None:
    assert kind_of(number, outcome, on) == kind


def test_stages_open_where_the_person_stands(house: House) -> None:
    page = case_page(a_case(house, 12), on=TODAY)
    assert [(stage.count, len(stage.rows), stage.is_open) for stage in page.stages] == [
        (2, 2, False),
        (4, 4, False),
        (5, 5, False),
        (1, 7, True),
        (0, 7, False),
    ]
    rows = {row.number: row for stage in page.stages for row in stage.rows}
    assert [n for n, row in rows.items() if row.is_next] == [13]
    assert [n for n, row in rows.items() if row.may_record] == [6]
    assert rows[11].done[0].day == "2024-11-04 至 2024-11-06"
    assert rows[11].done[0].details == ("培训 3 天", "有")
    assert rows[9].done[0].details[0] == "冯立群、段晓红"
    assert rows[13].when == ""


def test_votes_and_results_in_words(house: House) -> None:
    case = a_case(house, 15)
    DevelopmentStep.objects.filter(case=case, number=15).update(outcome="not_passed", approving=1)
    rows = {row.number: row for stage in case_page(case, on=TODAY).stages for row in stage.rows}
    assert rows[15].done[0].details[:2] == ("结果：未通过", "应到 3，实到 3，赞成 1，无记名逐个表决")
    assert rows[15].is_next


def test_missing_steps_are_named(house: House) -> None:
    case = a_case(house, 13)
    case.steps.filter(number=4).delete()
    assert case_page(case, on=TODAY).missing == ["第 4 步 上级党委备案"]
    assert earlier_steps(case) == [4, *range(14, 22)]


def test_a_document_of_the_law_is_named_once() -> None:
    same = [Basis("细则", "第三十条", True), Basis("细则", "第三十一条", True)]
    assert basis_words(same) == "《细则》第三十条、第三十一条"
    assert basis_words([*same, Basis("条例", "第一条", True)]).count("《") == 3
    assert basis_words([]) == ""


def test_who_may_approve_is_a_committee_above_with_the_power(house: House) -> None:
    assert approvers_above(house.br03, number=13, on=TODAY) == [house.committee]
    assert approvers_above(house.br03, number=4, on=TODAY) == [house.committee]
    house.committee.approves_members = False
    house.committee.save()
    make_organisation(kind=OrganisationKind.COMMITTEE, approves_members=True)
    assert approvers_above(house.br03, number=13, on=TODAY) == []
    assert approvers_above(house.br03, number=4, on=TODAY) == [house.committee]


# ---- the board ------------------------------------------------------------------------------------


def test_words_of_what_comes_next(house: House) -> None:
    case = a_case(house, 1)
    assert (next_words(case, TODAY), when_words(case, TODAY)) == (
        "下一步：党组织派人谈话",
        "2023 年 4 月 1 日 周六前",
    )
    case.next_from = date(2026, 12, 1)
    assert when_words(case, TODAY) == "12 月 1 日 周二起"
    case.next_step = case.next_from = case.next_due_on = None
    assert (next_words(case, TODAY), when_words(case, TODAY)) == ("各步都已登记", "")
    case.state, case.closed_on = CaseState.REVOKED, TODAY
    assert next_words(case, TODAY) == "已取消预备党员资格（2026-11-22）"


def test_the_most_urgent_stand_first_and_a_long_column_is_cut(house: House) -> None:
    first = a_case(house, 1, name="最急")
    for number in range(CARDS_A_COLUMN + 2):
        other = make_member(house.br03, status=MemberStatus.APPLICANT, since=DAYS[1])
        DevelopmentCase.objects.create(
            member=other, opened_on=DAYS[1], next_step=2, next_due_on=date(2026, 12, 1 + number)
        )
    board = board_for(house.staff, BoardFilter(), on=TODAY)
    column = board.columns[0]
    assert (column.total, len(column.cards), column.more) == (CARDS_A_COLUMN + 3, CARDS_A_COLUMN, 3)
    assert column.cards[0].pk == first.pk
    assert [(stat.label, stat.count) for stat in board.stats][:3] == [
        ("正在办理", CARDS_A_COLUMN + 3),
        ("已逾期", 1),
        ("14 天内到期", 6),
    ]


def test_who_has_no_case_yet(house: House) -> None:
    a_case(house, 3)
    lone = make_member(house.br03, status=MemberStatus.PROBATIONARY)
    make_member(house.br04, status=MemberStatus.APPLICANT)
    assert [span.member for span in people_without_case(house.worker, on=TODAY)] == [lone]
    assert people_without_case(house.overseer, on=TODAY) == []
