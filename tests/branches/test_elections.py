"""Chains of elections: what is written down, what the lists say, and offices nobody holds."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from audit.models import AuditEvent
from branches.actions.elections import ElectionRefused, record_step, take_back_step
from branches.actions.members import add_event
from branches.actions.terms import add_term, extend_term
from branches.models import ElectionStep, Organisation, Term
from branches.queries.elections import (
    ElectionRow,
    election_page,
    election_rows,
    reply_for,
    vacancies_of,
)
from branches.queries.policy import rules_for
from branches.rules import (
    LONGEST_EXTENSION_YEARS,
    TERM_YEARS,
    USUAL_TERM_YEARS,
    ElectionStepKind,
    EventKind,
    OrganisationKind,
    Role,
)
from branches.rules.elections import ChainState
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_organisation, make_post

K = ElectionStepKind
ON = date(2026, 3, 1)
Counter = Callable[[int], AbstractContextManager[object]]


def term_of(house: House) -> Term:
    return add_term(house.br03, elected_on=date(2023, 5, 12), ends_on=date(2026, 5, 12), by=None)


def record(term: Term, kind: ElectionStepKind, done_on: date, document: str = "") -> ElectionStep:
    return record_step(term, kind=kind, done_on=done_on, document=document, by=None, today=ON)


def refused(term: Term, kind: ElectionStepKind, done_on: date) -> str:
    with pytest.raises(ElectionRefused) as caught:
        record(term, kind, done_on)
    return str(caught.value)


def row_of(organisation: Organisation, on: date = ON) -> ElectionRow:
    return election_rows([organisation], on=on)[0]


def test_a_step_is_recorded_once_and_mended_the_second_time(house: House) -> None:
    term = term_of(house)
    record(term, K.NOTICE, date(2025, 11, 10), " 函 ")
    record(term, K.NOTICE, date(2025, 11, 11), "函 2")
    assert list(term.election_steps.values_list("kind", "done_on", "document")) == [
        (K.NOTICE, date(2025, 11, 11), "函 2")
    ]
    audited = AuditEvent.objects.filter(event="branches.election_step_recorded").order_by("pk")
    assert [row.detail["before"] for row in audited] == [
        None,
        {"done_on": "2025-11-10", "document": "函"},
    ]


def test_steps_are_refused_in_words(house: House) -> None:
    term = term_of(house)
    record(term, K.REQUEST, date(2026, 2, 1))
    assert refused(term, K.MEETING, ON) == "选举结果请用“登记选举结果”登记，新一届任期随之开始。"
    assert refused(term, K.REPORT, ON) == "请先登记选举结果，再登记报批备案。"
    assert refused(term, K.NOTICE, date(2026, 3, 2)) == "办理日期还没有到，请在办理之后登记。"
    assert refused(term, K.NOTICE, date(2023, 5, 11)) == ("办理日期不能早于本届选举日期 2023-05-12，请核对。")
    assert refused(term, K.NOTICE, date(2026, 2, 2)) == "办理日期晚于“换届请示”（2026-02-01），请核对。"
    assert refused(term, K.CANDIDATES, date(2026, 1, 31)) == (
        "办理日期早于“换届请示”（2026-02-01），请核对。"
    )
    assert term.election_steps.count() == 1


def test_a_step_is_taken_back_once_and_the_election_never(house: House) -> None:
    term = term_of(house)
    step = record(term, K.NOTICE, date(2025, 11, 10))
    take_back_step(step, by=None)
    step.pk = 10**6
    with pytest.raises(ElectionRefused) as caught:
        take_back_step(step, by=None)
    assert str(caught.value) == "这个环节已经撤回过，请刷新页面查看。"
    held = term.election_steps.create(kind=K.MEETING, done_on=ON)
    with pytest.raises(ElectionRefused) as caught:
        take_back_step(held, by=None)
    assert str(caught.value) == "选举结果请在组织页面的“变动”中更正。"


def test_rows_come_by_end_with_the_next_step(house: House) -> None:
    term = term_of(house)
    add_term(house.general, elected_on=date(2022, 1, 31), ends_on=date(2025, 1, 31), by=None)
    temporary = make_organisation(kind=OrganisationKind.TEMPORARY_BRANCH, parent=house.general)
    record(term, K.REQUEST, date(2026, 2, 1))
    rows = election_rows([house.br03, house.br04, house.general, temporary], on=ON)
    assert [(r.organisation.code, r.next_step and r.next_step.kind, r.days_left) for r in rows] == [
        ("DZ01", K.NOTICE, -394),
        ("BR03", K.CANDIDATES, 72),
        ("BR04", None, None),
    ]
    assert [(row.overdue, row.near) for row in rows] == [(True, True), (False, True), (False, False)]


def test_an_extension_moves_every_day(house: House) -> None:
    term = term_of(house)
    extend_term(term, to=date(2026, 12, 31), basis="批复", on=date(2026, 2, 1), by=None)
    row = row_of(house.br03)
    assert [(step.due_on, step.state) for step in row.steps[:3]] == [
        (date(2026, 6, 30), ChainState.UPCOMING),
        (date(2026, 9, 30), ChainState.UPCOMING),
        (date(2026, 11, 30), ChainState.UPCOMING),
    ]


def test_the_notice_comes_as_many_months_ahead_as_the_rule_says(house: House) -> None:
    from_rule = row_of(term_of(house).organisation).steps[0].due_on
    assert from_rule == date(2025, 11, 12)


@pytest.mark.django_db
def test_the_constants_of_terms_are_the_shipped_rules() -> None:
    rules = rules_for(None, on=ON)
    assert {
        "term_branch_years": rules["term_branch_years"].number,
        "term_general_branch_years": rules["term_general_branch_years"].number,
        "term_committee_years": rules["term_committee_years"].number,
        "term_shift_max_years": rules["term_shift_max_years"].number,
    } == {
        "term_branch_years": USUAL_TERM_YEARS,
        "term_general_branch_years": USUAL_TERM_YEARS,
        "term_committee_years": TERM_YEARS[OrganisationKind.COMMITTEE],
        "term_shift_max_years": LONGEST_EXTENSION_YEARS,
    }


def test_after_the_election_the_result_is_to_be_filed(house: House) -> None:
    before = term_of(house)
    add_term(house.br03, elected_on=date(2026, 5, 8), ends_on=date(2029, 5, 8), by=None)
    row = row_of(house.br03, date(2026, 5, 20))
    assert (row.chain_term, row.next_step and row.next_step.kind) == (before, K.REPORT)
    add_term(house.br04, elected_on=date(2024, 1, 1), ends_on=date(2027, 1, 1), by=None)
    both = election_rows([house.br04, house.br03], on=date(2026, 5, 20))
    assert [one.organisation for one in both] == [house.br03, house.br04], "what is to be filed comes first"
    assert row.steps[-1].due_on == date(2026, 6, 8)
    record_step(
        before, kind=K.REPORT, done_on=date(2026, 5, 19), document="", by=None, today=date(2026, 5, 20)
    )
    row = row_of(house.br03, date(2026, 5, 20))
    assert (row.filing, row.chain_term, row.term == row.chain_term) == (None, row.term, True)


def test_a_report_of_long_ago_is_not_asked_for(house: House) -> None:
    term_of(house)
    add_term(house.br03, elected_on=date(2026, 5, 8), ends_on=date(2029, 5, 8), by=None)
    assert row_of(house.br03, date(2027, 5, 7)).filing is not None
    assert row_of(house.br03, date(2027, 5, 8)).filing is None


def test_rows_cost_the_same_for_one_and_for_three(house: House, django_assert_num_queries: Counter) -> None:
    term_of(house)
    for places in ([house.br03], [house.br03, house.br04, house.general]):
        with django_assert_num_queries(3):
            election_rows(places, on=ON)


def test_the_page_of_a_term(house: House) -> None:
    term = term_of(house)
    record(term, K.REQUEST, date(2026, 2, 1), "批复 7")
    page = election_page(term, on=ON)
    assert [view.row.document if view.row else None for view in page.steps] == [
        None,
        "批复 7",
        None,
        None,
        None,
    ]
    assert (page.with_committee, page.secretary_elected_by) == (False, "支部党员大会")
    assert (page.earliest_on, page.latest_extension_on) == (date(2025, 5, 12), date(2027, 5, 12))
    assert page.candidate_examples == [(3, 4), (4, 5), (5, 6)]
    assert reply_for(house.br03, on=ON) == "批复 7"
    for _ in range(6):
        make_member(house.br03)
    assert election_page(term, on=ON).secretary_elected_by == "支部委员会会议"


def test_vacancies_with_since_and_a_suggested_day(house: House) -> None:
    post = make_post(house.br03, Role.SECRETARY, member=house.ours)
    assert [(v.organisation, v.since) for v in vacancies_of([house.br03, house.br04], on=ON)] == [
        (house.br04, None)
    ]
    add_event(house.ours, kind=EventKind.MOVED_OUT, on=date(2026, 1, 1), by=None)
    post.refresh_from_db()
    found = vacancies_of([house.br03, house.general], on=ON)
    assert [(v.role, v.since, v.suggested_on) for v in found] == [
        (Role.SECRETARY, date(2026, 1, 1), date(2026, 3, 1))
    ]


def test_a_commissioner_is_missed_where_there_is_a_committee(house: House) -> None:
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    make_post(house.br03, Role.ORGANISATION_COMMISSIONER, member=make_member(house.br03))
    gone = make_post(house.br03, Role.PUBLICITY_COMMISSIONER, member=make_member(house.br03))
    assert vacancies_of([house.br03], on=ON) == []
    type(gone).objects.filter(pk=gone.pk).update(until=date(2025, 12, 31))
    found = vacancies_of([house.br03], on=ON)
    assert [(v.role, v.since, v.suggested_on) for v in found] == [
        (Role.PUBLICITY_COMMISSIONER, date(2026, 1, 1), date(2026, 3, 1))
    ]
    add_term(house.br03, elected_on=date(2026, 2, 1), ends_on=date(2029, 2, 1), by=None)
    assert vacancies_of([house.br03], on=ON) == [], "the new committee has no such office"
