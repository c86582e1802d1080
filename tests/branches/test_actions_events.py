"""Dated facts of organisations: written with the change, corrected with the old one kept."""

from datetime import date

import pytest

from audit.models import AuditEvent
from branches.actions.events import FactRefused
from branches.actions.events_correct import FactData, correct_organisation_event, correct_term
from branches.actions.organisations import (
    StillInUse,
    add_organisation,
    dissolve_organisation,
    move_organisation,
    set_units,
    update_organisation,
)
from branches.actions.terms import TermRefused, add_term, extend_term
from branches.models import ElectionStep, Organisation, OrganisationEvent
from branches.rules import ElectionStepKind, OrganisationEventKind, OrganisationKind, Refusal, Role
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_organisation, make_post

K = OrganisationEventKind
ON = date(2026, 11, 22)


def told(organisation: Organisation, *, standing: bool = True) -> list[tuple[str, date, str, str, str]]:
    rows = organisation.events.standing() if standing else organisation.events.exclude(corrected_at=None)
    return list(rows.order_by("pk").values_list("kind", "on", "before", "after", "document"))


def last(organisation: Organisation, kind: OrganisationEventKind) -> OrganisationEvent:
    return organisation.events.standing().filter(kind=kind).order_by("on", "pk").reverse()[0]


def refusal(event: OrganisationEvent, data: FactData | None, reason: str = "录错") -> str:
    with pytest.raises(Refusal) as refused:
        correct_organisation_event(event, reason=reason, by=None, replacement=data, today=ON)
    return str(refused.value)


def test_setting_up_is_a_fact_where_the_day_is_known(house: House) -> None:
    made = add_organisation(
        code="BR05",
        name="清水塘",
        kind=OrganisationKind.BRANCH,
        parent=house.general,
        by=house.staff,
        established_on=date(2020, 5, 1),
        document="〔2020〕1 号",
    )
    assert told(made) == [(K.SET_UP, date(2020, 5, 1), "", "", "〔2020〕1 号")]
    update_organisation(made, by=house.staff, established_on=date(2020, 6, 1))
    assert told(made) == [(K.SET_UP, date(2020, 6, 1), "", "", "〔2020〕1 号")]
    assert told(made, standing=False) == [(K.SET_UP, date(2020, 5, 1), "", "", "〔2020〕1 号")]


def test_only_a_committee_approves_members(house: House) -> None:
    update_organisation(house.committee, by=house.staff, approves_members=True)
    assert house.committee.approves_members
    with pytest.raises(Refusal) as refused:
        update_organisation(house.general, by=house.staff, approves_members=True)
    assert str(refused.value) == "只有具有审批权限的基层党委可以审批预备党员，党总支、党支部请不要勾选。"


def test_a_new_name_with_a_day_is_a_fact_and_without_one_a_correction(house: House) -> None:
    update_organisation(house.br03, by=house.staff, name="甲支部")
    assert told(house.br03) == []
    update_organisation(
        house.br03, by=house.staff, name="乙支部", renamed_on=date(2024, 3, 1), document="批复"
    )
    assert told(house.br03) == [(K.RENAMED, date(2024, 3, 1), "甲支部", "乙支部", "批复")]
    update_organisation(house.br03, by=house.staff, name="已支部")
    assert told(house.br03) == [(K.RENAMED, date(2024, 3, 1), "甲支部", "已支部", "批复")]
    assert told(house.br03, standing=False) == [(K.RENAMED, date(2024, 3, 1), "甲支部", "乙支部", "批复")]
    with pytest.raises(FactRefused) as refused:
        update_organisation(house.br03, by=house.staff, name="丙支部", renamed_on=date(2024, 2, 29))
    assert str(refused.value) == "2024-03-01 已有“更名”，请填之后的日期。"
    house.br03.refresh_from_db()
    assert house.br03.name == "已支部"


def test_a_move_names_both_superiors(house: House) -> None:
    other = make_organisation(
        "DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee, name="二总支"
    )
    move_organisation(house.br03, parent=other, on=date(2025, 1, 1), by=house.staff, document="批复")
    move_organisation(house.br03, parent=other, on=ON, by=house.staff)
    assert told(house.br03) == [(K.MOVED, date(2025, 1, 1), "分公司党总支", "二总支", "批复")]
    fact = last(house.br03, K.MOVED)
    assert (fact.parent_before, fact.parent_after, fact.entered_by) == (house.general, other, house.staff)


def test_units_terms_and_dissolution_are_facts(house: House) -> None:
    branch = make_organisation(parent=house.general)
    set_units(branch, names=["一站", "二站"], on=date(2024, 1, 1), by=None)
    set_units(branch, names=["二站"], on=date(2025, 1, 1), by=None)
    term = add_term(branch, elected_on=date(2022, 3, 1), ends_on=date(2025, 3, 1), by=None, document="批复 1")
    extend_term(term, to=date(2025, 9, 1), basis=" 批复 2 ", on=date(2025, 2, 1), by=None)
    dissolve_organisation(branch, on=ON, by=None, reason="批复 3")
    assert told(branch) == [
        (K.UNIT_JOINED, date(2024, 1, 1), "", "一站", ""),
        (K.UNIT_JOINED, date(2024, 1, 1), "", "二站", ""),
        (K.UNIT_LEFT, date(2025, 1, 1), "一站", "", ""),
        (K.ELECTED, date(2022, 3, 1), "", "2025-03-01", "批复 1"),
        (K.TERM_EXTENDED, date(2025, 2, 1), "2025-03-01", "2025-09-01", "批复 2"),
        (K.DISSOLVED, ON, "", "", "批复 3"),
    ]


def test_a_correction_keeps_the_old_fact_and_says_who_when_why(house: House) -> None:
    update_organisation(house.br03, by=house.staff, name="乙支部", renamed_on=date(2024, 3, 1))
    wrong = last(house.br03, K.RENAMED)
    correct_organisation_event(
        wrong, reason=" 文件是 4 月 ", by=house.staff, replacement=FactData(date(2024, 4, 1), name="乙支部")
    )
    assert (wrong.correction_reason, wrong.corrected_by, wrong.corrected_at is not None) == (
        "文件是 4 月",
        house.staff,
        True,
    )
    assert told(house.br03) == [(K.RENAMED, date(2024, 4, 1), "红土坡党支部", "乙支部", "")]
    assert refusal(wrong, None) == "这条变动已经更正过，请刷新页面查看。"
    assert refusal(last(house.br03, K.RENAMED), None, reason=" ") == "请填写更正原因。"
    audited = AuditEvent.objects.filter(event="branches.organisation_event_corrected")
    assert audited.count() == 1


def test_names_follow_the_corrected_chain(house: House) -> None:
    for name, day in (("乙", date(2020, 1, 1)), ("丙", date(2022, 1, 1)), ("丁", date(2024, 1, 1))):
        update_organisation(house.br03, by=None, name=name, renamed_on=day)
    middle = house.br03.events.get(after="丙")
    assert refusal(middle, FactData(date(2024, 1, 1), name="丙")).startswith("2024-01-01 还有一次“更名”")
    assert refusal(middle, FactData(date(2020, 1, 1), name="丙")).startswith("2020-01-01 已有“更名”")
    assert refusal(middle, FactData(date(2022, 1, 1), name=" ")) == "请填写更名后的名称。"
    assert refusal(middle, FactData(date(2199, 1, 1), name="丙")) == "日期还没有到，请填已经发生的日期。"
    correct_organisation_event(middle, reason="没有更名", by=None, replacement=None)
    assert [row[1:4] for row in told(house.br03)] == [
        (date(2020, 1, 1), "红土坡党支部", "乙"),
        (date(2024, 1, 1), "乙", "丁"),
    ]
    correct_organisation_event(last(house.br03, K.RENAMED), reason="没有更名", by=None, replacement=None)
    correct_organisation_event(last(house.br03, K.RENAMED), reason="没有更名", by=None, replacement=None)
    house.br03.refresh_from_db()
    assert house.br03.name == "红土坡党支部"


def test_the_last_move_is_taken_back(house: House) -> None:
    other = make_organisation(
        "DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee, name="二总支"
    )
    move_organisation(house.br03, parent=other, on=date(2024, 1, 1), by=None)
    move_organisation(house.br03, parent=house.general, on=date(2025, 1, 1), by=None)
    first = house.br03.events.get(parent_after=other)
    assert refusal(first, None) == "之后还调整过上级，请先更正之后的一次。"
    correct_organisation_event(
        first, reason="日期", by=None, replacement=FactData(date(2024, 6, 1), document="批复")
    )
    correct_organisation_event(last(house.br03, K.MOVED), reason="没有移", by=None, replacement=None)
    house.br03.refresh_from_db()
    assert (house.br03.parent, house.br03.path) == (other, other.path + house.br03.key + "/")
    assert told(house.br03) == [(K.MOVED, date(2024, 6, 1), "分公司党总支", "二总支", "批复")]


def test_days_of_units_follow(house: House) -> None:
    set_units(house.br03, names=["一站"], on=date(2024, 1, 1), by=None)
    set_units(house.br03, names=[], on=date(2025, 1, 1), by=None)
    joined, left = last(house.br03, K.UNIT_JOINED), last(house.br03, K.UNIT_LEFT)
    assert refusal(joined, None) == "“一站”之后已经划出，请先更正划出的一条。"
    assert refusal(joined, FactData(date(2025, 1, 1))) == "“一站”已于 2025-01-01 划出，请填之前的日期。"
    assert refusal(left, FactData(date(2024, 1, 1))) == "“一站”于 2024-01-01 并入，请填之后的日期。"
    correct_organisation_event(joined, reason="日期", by=None, replacement=FactData(date(2023, 1, 1)))
    correct_organisation_event(left, reason="没有划出", by=None, replacement=None)
    assert list(house.br03.units.values_list("name", "since", "until")) == [("一站", date(2023, 1, 1), None)]
    correct_organisation_event(last(house.br03, K.UNIT_JOINED), reason="没有并入", by=None, replacement=None)
    assert (house.br03.units.count(), told(house.br03)) == (0, [])


def test_a_dissolution_is_taken_back_and_moved(house: House) -> None:
    branch = make_organisation(parent=house.general, name="空支部")
    post = make_post(branch, Role.WORKER)
    dissolve_organisation(branch, on=ON, by=None, reason="批复")
    correct_organisation_event(
        last(branch, K.DISSOLVED), reason="日期", by=None, replacement=FactData(date(2026, 10, 1))
    )
    branch.refresh_from_db()
    post.refresh_from_db()
    assert (branch.dissolved_on, post.until) == (date(2026, 10, 1), date(2026, 10, 1))
    correct_organisation_event(last(branch, K.DISSOLVED), reason="没有撤销", by=None, replacement=None)
    branch.refresh_from_db()
    assert (branch.dissolved_on, told(branch)) == (None, [])
    make_member(branch, since=date(2026, 1, 1))
    with pytest.raises(StillInUse):
        dissolve_organisation(branch, on=ON, by=None, reason="批复")


def test_the_day_of_setting_up_stays_before_the_end(house: House) -> None:
    branch = add_organisation(
        code="BR09",
        name="短支部",
        kind=OrganisationKind.BRANCH,
        parent=house.general,
        by=None,
        established_on=date(2020, 1, 1),
    )
    dissolve_organisation(branch, on=date(2021, 1, 1), by=None, reason="批复")
    event = last(branch, K.SET_UP)
    assert refusal(event, FactData(date(2021, 1, 1))) == "成立日期须早于撤销日期 2021-01-01，请核对。"
    correct_organisation_event(event, reason="日期", by=None, replacement=FactData(date(2019, 1, 1)))
    branch.refresh_from_db()
    assert branch.established_on == date(2019, 1, 1)


def test_an_election_closes_the_chain_before_and_wants_approval_when_early(house: House) -> None:
    first = add_term(house.br03, elected_on=date(2023, 5, 12), ends_on=date(2026, 5, 12), by=None)

    def refused(elected_on: date, document: str = "") -> str:
        with pytest.raises(TermRefused) as caught:
            add_term(house.br03, elected_on=elected_on, ends_on=date(2028, 1, 1), by=None, document=document)
        return str(caught.value)

    assert refused(date(2025, 5, 11), "批复") == (
        "上届 2026-05-12 届满，提前换届最多提前一年，选举日期最早为 2025-05-12。"
    )
    assert refused(date(2026, 4, 11)) == (
        "上届 2026-05-12 届满，提前一个月以上换届须经上级批准，请填写批复文号。"
    )
    add_term(
        house.br03, elected_on=date(2026, 4, 11), ends_on=date(2029, 4, 11), by=house.staff, document="批复"
    )
    step = ElectionStep.objects.get()
    assert (step.term, step.kind, step.done_on, step.document) == (
        first,
        ElectionStepKind.MEETING,
        date(2026, 4, 11),
        "批复",
    )


def test_a_wrong_election_date_is_corrected_with_the_chain_it_closed(house: House) -> None:
    first = add_term(house.br03, elected_on=date(2020, 5, 12), ends_on=date(2023, 5, 12), by=None)
    term = add_term(house.br03, elected_on=date(2023, 5, 12), ends_on=date(2026, 5, 12), by=None)
    correct_term(term, elected_on=date(2023, 5, 10), ends_on=date(2026, 5, 10), reason="录错", by=house.staff)
    term.refresh_from_db()
    assert (term.elected_on, term.ends_on) == (date(2023, 5, 10), date(2026, 5, 10))
    assert first.election_steps.get().done_on == date(2023, 5, 10)
    event = last(house.br03, K.ELECTED)
    assert event.after == "2026-05-10"
    assert refusal(event, FactData(date(2020, 5, 12), until=date(2023, 5, 12))).endswith("已经登记过。")
    assert refusal(event, FactData(date(2019, 5, 12), until=date(2022, 5, 12))) == (
        "选举日期不能越过前后两届的选举，请核对。"
    )
    assert refusal(house.br03.events.filter(kind=K.ELECTED).order_by("on")[0], None) == (
        "之后还登记过选举，请先更正之后的一次。"
    )
    correct_organisation_event(event, reason="没有选举", by=None, replacement=None)
    assert list(house.br03.terms.all()) == [first]
    assert first.election_steps.count() == 0


def test_a_term_without_a_fact_gets_one_to_strike_through(house: House) -> None:
    term = house.br03.terms.create(elected_on=date(2023, 5, 12), ends_on=date(2026, 5, 12))
    correct_term(term, elected_on=date(2023, 5, 11), ends_on=date(2026, 5, 11), reason="录错", by=None)
    assert told(house.br03, standing=False) == [(K.ELECTED, date(2023, 5, 12), "", "2026-05-12", "")]
    assert told(house.br03) == [(K.ELECTED, date(2023, 5, 11), "", "2026-05-11", "")]


def test_a_wrong_extension_is_corrected_and_taken_back(house: House) -> None:
    term = add_term(house.br03, elected_on=date(2023, 5, 12), ends_on=date(2026, 5, 12), by=None)
    extend_term(term, to=date(2026, 9, 1), basis="批复", on=date(2026, 4, 1), by=None)
    event = last(house.br03, K.TERM_EXTENDED)
    assert refusal(event, FactData(date(2026, 4, 1), until=date(2027, 5, 13))).startswith("延期须在届满之后")
    assert refusal(last(house.br03, K.ELECTED), None) == "本届已登记延期，请先更正延期的一条。"
    late = FactData(date(2023, 9, 2), until=date(2026, 9, 2))
    assert refusal(last(house.br03, K.ELECTED), late).startswith("延期须在届满之后")
    right = FactData(date(2026, 4, 2), until=date(2026, 10, 1), document="批复 2")
    correct_organisation_event(event, reason="录错", by=None, replacement=right)
    term.refresh_from_db()
    assert (term.extended_to, term.extension_basis) == (date(2026, 10, 1), "批复 2")
    correct_organisation_event(last(house.br03, K.TERM_EXTENDED), reason="未批", by=None, replacement=None)
    term.refresh_from_db()
    assert (term.extended_to, term.extension_basis) == (None, "")


def test_a_refused_correction_changes_nothing(house: House) -> None:
    term = add_term(house.br03, elected_on=date(2023, 5, 12), ends_on=date(2026, 5, 12), by=None)
    term.election_steps.create(kind=ElectionStepKind.NOTICE, done_on=date(2025, 11, 1))
    event = last(house.br03, K.ELECTED)
    assert refusal(event, None) == "本届已登记换届环节，请先在换届页面撤回这些环节。"
    event.refresh_from_db()
    assert (event.corrected_at, house.br03.terms.count()) == (None, 1)
