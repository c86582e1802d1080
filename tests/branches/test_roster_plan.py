"""What a roster would change: matching, outcomes, dated events and refusals. No database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules import Event, EventKind, MemberStatus
from branches.rules.roster.columns import Key
from branches.rules.roster.people import KnownEvent, Person, Place
from branches.rules.roster.plan import Known, Outcome, Plan, PlannedRow, plan_roster
from branches.rules.roster.rows import RosterRow
from tests.factories.rosters import id_number, row

DAY = date(2026, 11, 22)
LONG_AGO = date(2015, 1, 1)
A, B = Place(1, "BR03", "红土坡党支部"), Place(2, "BR04", "松林口党支部")
GONE = Place(3, "BR05", "旧党支部", until=date(2020, 1, 1))
NUMBER = id_number("19900203")
OTHER = id_number("19850607", "321")


def known_events(*events: Event) -> tuple[KnownEvent, ...]:
    return tuple(KnownEvent(n, event) for n, event in enumerate(events, start=1))


def person(
    pk: int = 7, *more: Event, place: Place = A, status: MemberStatus = MemberStatus.FULL, **facts: Any
) -> Person:
    """Registered long ago in the first branch, with whatever happened later."""
    since = facts.pop("since", LONG_AGO)
    events = known_events(Event(EventKind.REGISTERED, since, place.pk, status), *more)
    given = {"code": f"M{pk:03d}", "name": "雷彩霞", **facts}
    return Person(pk, events=events, **given)


def planned(
    rows: Sequence[RosterRow], *people: Person, places: Sequence[Place] = (A, B, GONE), **known: Any
) -> Plan:
    return plan_roster(rows, Known(places, people, **known), day=DAY)


def only(roster_row: RosterRow, *people: Person, **known: Any) -> PlannedRow:
    return planned([roster_row], *people, **known).rows[0]


def shown(one: PlannedRow) -> list[tuple[str, str, str]]:
    return [(change.title, change.before, change.after) for change in one.changes]


def refused(one: PlannedRow) -> tuple[str, str, str]:
    """Column, reason and advice of the one problem."""
    assert one.outcome is Outcome.ERROR
    (problem,) = one.problems
    return problem.column, problem.reason, problem.advice


def test_a_stranger_is_new_and_registered_on_the_roster_day() -> None:
    one = only(row(organisation="红土坡党支部", id_number=NUMBER, birth_on=date(1990, 2, 3)))
    assert (one.outcome, one.person, one.place) == (Outcome.NEW, None, A.pk)
    assert one.history.events == (Event(EventKind.REGISTERED, DAY, A.pk, MemberStatus.FULL),)
    assert one.fields == {
        "code": "",
        "name": "雷彩霞",
        "id_number": NUMBER,
        "birth_on": date(1990, 2, 3),
        "joined_on": None,
        "home_department": "",
        "assigned": False,
    }


def test_a_conversion_after_the_arrival_is_an_event_of_its_own() -> None:
    dates = {"since": date(2020, 2, 29), "joined_on": date(2020, 2, 29), "converted_on": date(2021, 2, 28)}
    one = only(row(organisation="BR03", **dates))
    assert one.history.events == (
        Event(EventKind.REGISTERED, date(2020, 2, 29), A.pk, MemberStatus.PROBATIONARY),
        Event(EventKind.CONVERTED, date(2021, 2, 28)),
    )


def test_a_conversion_before_the_arrival_is_checked_and_not_entered() -> None:
    dates = {"since": date(2020, 3, 1), "joined_on": date(2001, 7, 1), "converted_on": date(2002, 7, 1)}
    one = only(row(organisation="BR03", **dates))
    assert one.history.events == (Event(EventKind.REGISTERED, date(2020, 3, 1), A.pk, MemberStatus.FULL),)


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ({"code": "M007", "organisation": "BR03"}, {}),
        ({"id_number": NUMBER, "organisation": " 红土坡党支部 "}, {"id_number": NUMBER, "birth_on": None}),
        ({"organisation": "红土坡党支部"}, {}),
        ({"id_number": "5325**********" + NUMBER[-4:], "organisation": "BR03"}, {"id_number": NUMBER}),
    ],
    ids=["code", "number", "name", "masked number"],
)
def test_the_same_person_unchanged(said: dict[str, str], facts: dict[str, Any]) -> None:
    one = only(row(**said), person(**facts))
    assert (one.outcome, one.person, one.fields, one.history.events) == (Outcome.UNCHANGED, 7, {}, ())


def test_changed_facts_are_named_with_before_and_after() -> None:
    said = row(
        code="M007",
        organisation="BR03",
        name="雷彩云",
        home_department="市场科",
        assigned=True,
        id_number=NUMBER,
        birth_on=date(1990, 2, 3),
        joined_on=date(2011, 7, 1),
    )
    one = only(said, person(joined_on=date(2010, 7, 1), home_department="专卖科"))
    assert one.outcome is Outcome.CHANGED
    assert sorted(shown(one)) == sorted(
        [
            ("姓名", "雷彩霞", "雷彩云"),
            ("所在部门", "专卖科", "市场科"),
            ("出生日期", "空", "1990-02-03"),
            ("入党日期", "2010-07-01", "2011-07-01"),
            ("抽调", "否", "是"),
            ("身份证号", "空", "5325**********" + NUMBER[-4:]),
        ]
    )
    assert one.fields["id_number"] == NUMBER


def test_a_date_without_a_day_agrees_with_any_day_of_its_month() -> None:
    rough = row(code="M007", organisation="BR03", joined_on=date(2010, 7, 1))
    rough = replace(rough, rough=frozenset({Key.JOINED_ON}))
    assert only(rough, person(joined_on=date(2010, 7, 16))).outcome is Outcome.UNCHANGED
    assert only(rough, person(joined_on=date(2010, 8, 1))).outcome is Outcome.CHANGED


def test_empty_cells_clear_nothing() -> None:
    full = person(id_number=NUMBER, birth_on=date(1990, 2, 3), home_department="专卖科", assigned=True)
    assert only(row(code="M007", organisation="BR03"), full).outcome is Outcome.UNCHANGED


def test_another_branch_is_a_move_on_the_roster_day() -> None:
    one = only(row(code="M007", organisation="BR04"), person())
    assert one.history.events == (Event(EventKind.MOVED_OUT, DAY), Event(EventKind.MOVED_IN, DAY, B.pk))
    assert shown(one) == [("所在党支部", "红土坡党支部", "松林口党支部（2026-11-22 转入）")]


def test_the_day_of_arrival_dates_the_move_where_it_is_given() -> None:
    one = only(row(code="M007", organisation="BR04", since=date(2026, 2, 28)), person())
    assert [event.on for event in one.history.events] == [date(2026, 2, 28)] * 2
    early = only(row(code="M007", organisation="BR04", since=date(2014, 12, 31)), person())
    assert refused(early)[:2] == ("编入本支部日期", "此人 2015-01-01 才编入现在的支部")
    left_in = only(row(code="M007", organisation="BR04", since=LONG_AGO), person())
    assert refused(left_in) == (
        "编入本支部日期",
        "换了支部，日期却还是编入原支部的日期",
        "请改填转入新支部的日期，或清空这一格（按名册日期 2026-11-22 登记）",
    )


def test_a_move_that_does_not_fit_what_is_planned_is_refused() -> None:
    leaving = person(7, Event(EventKind.MOVED_OUT, DAY))
    back = only(row(code="M007", organisation="BR04", since=date(2026, 3, 1)), leaving)
    assert refused(back)[:2] == ("编入本支部日期", "按已登记的变动，此人 2026-11-22 不在这个支部")
    planned_away = person(7, Event(EventKind.MOVED_OUT, date(2026, 12, 31)))
    assert only(row(code="M007", organisation="BR04"), planned_away).outcome is Outcome.CHANGED
    dead = person(7, Event(EventKind.DECEASED, date(2026, 1, 1)))
    assert refused(only(row(code="M007", organisation="BR04"), dead))[1] == "此人已登记“去世”"


def test_another_day_of_arrival_corrects_the_registration() -> None:
    one = only(row(code="M007", organisation="BR03", since=date(2014, 5, 1)), person())
    assert one.history.events == (Event(EventKind.REGISTERED, date(2014, 5, 1), A.pk, MemberStatus.FULL),)
    assert (one.history.corrected, shown(one)) == (
        frozenset({1}),
        [("编入本支部日期", "2015-01-01", "2014-05-01")],
    )


def test_a_later_arrival_than_the_next_event_does_not_fit() -> None:
    moved = person(
        7, Event(EventKind.MOVED_OUT, date(2020, 1, 1)), Event(EventKind.MOVED_IN, date(2020, 1, 1), B.pk)
    )
    both = only(row(code="M007", organisation="BR04", since=date(2020, 2, 1)), moved)
    assert both.history.corrected == frozenset({2, 3})
    assert [(e.kind, e.on) for e in both.history.events] == [
        (EventKind.MOVED_OUT, date(2020, 2, 1)),
        (EventKind.MOVED_IN, date(2020, 2, 1)),
    ]
    before = only(row(code="M007", organisation="BR04", since=date(2014, 1, 1)), moved)
    assert refused(before)[0] == "人员类别"


def test_probationary_to_full_needs_its_day() -> None:
    probationer = person(status=MemberStatus.PROBATIONARY, since=date(2025, 10, 1))
    missing = only(row(code="M007", organisation="BR03"), probationer)
    assert refused(missing) == ("转正日期", "人员类别有变化，缺少变化的日期", "请填写转正日期")
    dated = only(row(code="M007", organisation="BR03", converted_on=date(2026, 10, 15)), probationer)
    assert dated.history.events == (Event(EventKind.CONVERTED, date(2026, 10, 15)),)
    assert shown(dated) == [("人员类别", "预备党员", "正式党员（2026-10-15）")]


def test_a_conversion_before_the_admission_does_not_fit() -> None:
    probationer = person(status=MemberStatus.PROBATIONARY, since=date(2026, 1, 1))
    one = only(row(code="M007", organisation="BR03", converted_on=date(2025, 12, 31)), probationer)
    column, reason, advice = refused(one)
    assert (column, advice) == ("人员类别", "已登记的变动可以在党员页面查看和更正")
    assert "与此前身份“尚无身份”不符" in reason


@pytest.mark.parametrize(
    ("before", "after", "said", "kinds"),
    [
        (MemberStatus.APPLICANT, MemberStatus.ACTIVIST, {}, [EventKind.ACTIVIST]),
        (MemberStatus.ACTIVIST, MemberStatus.DEVELOPMENT_TARGET, {}, [EventKind.DEVELOPMENT_TARGET]),
        (
            MemberStatus.DEVELOPMENT_TARGET,
            MemberStatus.PROBATIONARY,
            {"joined_on": date(2026, 6, 30)},
            [EventKind.ADMITTED],
        ),
        (
            MemberStatus.DEVELOPMENT_TARGET,
            MemberStatus.FULL,
            {"joined_on": date(2024, 2, 29), "converted_on": date(2025, 2, 28)},
            [EventKind.ADMITTED, EventKind.CONVERTED],
        ),
    ],
)
def test_the_way_up_is_dated(
    before: MemberStatus, after: MemberStatus, said: dict[str, date], kinds: list[EventKind]
) -> None:
    one = only(row(code="M007", organisation="BR03", status=after, **said), person(status=before))
    assert [event.kind for event in one.history.events] == kinds
    again = person(7, *one.history.events, status=before, joined_on=said.get("joined_on"))
    assert (
        only(row(code="M007", organisation="BR03", status=after, **said), again).outcome is Outcome.UNCHANGED
    )


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (MemberStatus.FULL, MemberStatus.PROBATIONARY, "名册中已是正式党员"),
        (MemberStatus.ACTIVIST, MemberStatus.PROBATIONARY, "缺少变化的日期"),
        (MemberStatus.APPLICANT, MemberStatus.DEVELOPMENT_TARGET, "与此前身份“入党申请人”不符"),
    ],
)
def test_steps_that_cannot_follow_are_refused(before: MemberStatus, after: MemberStatus, reason: str) -> None:
    one = only(row(code="M007", organisation="BR03", status=after), person(status=before))
    assert reason in refused(one)[1]


def test_who_moved_out_may_come_back_and_who_left_may_not() -> None:
    away = person(7, Event(EventKind.MOVED_OUT, date(2024, 1, 31)))
    back = only(row(code="M007", organisation="BR04", since=date(2026, 5, 1)), away)
    assert back.history.events == (Event(EventKind.MOVED_IN, date(2026, 5, 1), B.pk, MemberStatus.FULL),)
    left = person(7, Event(EventKind.LEFT, date(2024, 1, 31)))
    assert refused(only(row(code="M007", organisation="BR04"), left)) == (
        "姓名",
        "此人已登记“出党”",
        "请在党员页面登记或更正",
    )


def test_a_known_conversion_with_another_day_is_corrected() -> None:
    converted = person(
        7,
        Event(EventKind.CONVERTED, date(2021, 3, 1)),
        status=MemberStatus.PROBATIONARY,
        since=date(2020, 3, 1),
    )
    same = only(row(code="M007", organisation="BR03", converted_on=date(2021, 3, 1)), converted)
    assert same.outcome is Outcome.UNCHANGED
    other = only(row(code="M007", organisation="BR03", converted_on=date(2021, 4, 1)), converted)
    assert (other.history.corrected, shown(other)) == (
        frozenset({2}),
        [("转正日期", "2021-03-01", "2021-04-01")],
    )


def test_full_members_registered_before_their_conversion_are_for_the_page() -> None:
    one = only(row(code="M007", organisation="BR03", converted_on=date(2016, 1, 1)), person())
    assert refused(one)[:2] == ("转正日期", "此人 2015-01-01 起已按正式党员登记")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("不存在的支部", "不在这次导入的组织范围内"),
        ("旧党支部", "在 2026-11-22 尚未成立或已撤销"),
        ("同名党支部", "有 2 个党支部叫这个名称"),
    ],
)
def test_branches_that_cannot_be_meant(word: str, reason: str) -> None:
    places = [A, GONE, Place(8, "X1", "同名党支部"), Place(9, "X2", "同名党支部")]
    assert refused(only(row(organisation=word), places=places))[1] == reason


def test_a_roster_of_one_branch_need_not_name_it() -> None:
    assert only(row(), places=[A]).place == A.pk
    assert refused(only(row(organisation="BR04"), places=[A]))[0] == "所在党支部"


def test_both_rows_of_a_double_are_errors() -> None:
    rows = [
        row(4, code="M1", name="甲", organisation="BR03"),
        row(6, code="M1", name="乙", organisation="BR03"),
    ]
    found = planned(rows)
    assert [problem.reason for problem in found.problems] == ["与第 6 行重复", "与第 4 行重复"]
    numbered = [
        row(4, name="甲", organisation="BR03", id_number=NUMBER),
        row(9, name="乙", organisation="BR04", id_number=NUMBER),
    ]
    assert [(p.column, p.reason) for p in planned(numbered).problems] == [
        ("身份证号", "与第 9 行重复"),
        ("身份证号", "与第 4 行重复"),
    ]
    named = [row(4, organisation="BR03"), row(5, organisation="BR03")]
    assert [p.column for p in planned(named).problems] == ["姓名", "姓名"]
    same = [row(4, code="M007", organisation="BR03"), row(5, id_number=NUMBER, organisation="BR03")]
    assert [p.reason for p in planned(same, person(id_number=NUMBER)).problems] == [
        "与第 5 行重复",
        "与第 4 行重复",
    ]


def test_two_of_one_name_ask_for_the_code() -> None:
    one = only(row(organisation="BR03"), person(7), person(8))
    assert refused(one) == ("姓名", "本支部有 2 位同名人员", "请填写名册编号（M007、M008）")
    told = planned(
        [row(4, organisation="BR03", code="M007"), row(5, organisation="BR03")], person(7), person(8)
    )
    assert [(each.outcome, each.person) for each in told.rows] == [
        (Outcome.UNCHANGED, 7),
        (Outcome.UNCHANGED, 8),
    ]


def test_a_namesake_elsewhere_whom_the_file_does_not_name_asks_who_is_meant() -> None:
    one = only(row(organisation="BR04"), person(7))
    assert refused(one)[1] == "其他支部或已离开的人员中有同名的人"
    both = planned([row(4, organisation="BR03"), row(5, organisation="BR04")], person(7))
    assert [each.outcome for each in both.rows] == [Outcome.UNCHANGED, Outcome.NEW]
    coded = only(row(organisation="BR04", code="M100"), person(7))
    assert coded.outcome is Outcome.NEW


@pytest.mark.parametrize(
    ("said", "column", "reason"),
    [
        ({"code": "M007", "id_number": OTHER}, "名册编号", "编号和身份证号分别属于两个人"),
        ({"code": "M007", "name": "谢建平"}, "姓名", "编号 M007 在名册中是雷彩霞"),
        ({"id_number": id_number("19700101")}, "身份证号", "本支部的雷彩霞（M007）登记的是另一个号码"),
        ({"code": "M007", "id_number": "5325**********0000"}, "身份证号", "隐去中间数字的号码与登记的不一致"),
        ({"name": "新人", "id_number": "5325**********0000"}, "身份证号", "只有隐去中间数字的号码"),
    ],
)
def test_rows_that_contradict_what_is_known(said: dict[str, str], column: str, reason: str) -> None:
    people = [person(7, id_number=NUMBER), person(8, name="谢建平", id_number=OTHER)]
    one = only(row(organisation="BR03", **said), *people)
    assert refused(one)[:2] == (column, reason)


def test_a_code_with_a_number_typed_wrong_before_corrects_the_number() -> None:
    one = only(row(code="M007", organisation="BR03", id_number=OTHER), person(7, id_number=NUMBER))
    assert one.outcome is Outcome.CHANGED
    assert one.fields["id_number"] == OTHER


def test_codes_and_numbers_of_strangers_out_of_reach_are_refused() -> None:
    found = only(
        row(code="Z1", organisation="BR03", id_number=NUMBER),
        foreign_codes=frozenset({"Z1"}),
        foreign_numbers=frozenset({NUMBER}),
    )
    assert [problem.column for problem in found.problems] == ["名册编号", "身份证号"]


def test_people_of_the_scope_whom_the_file_does_not_name_are_told_and_not_touched() -> None:
    outside = person(9, name="外人", place=Place(99, "BR99", "别处"))
    found = planned([row(organisation="BR03")], person(7), person(8, name="谢建平", place=B), outside)
    assert [(each.code, each.place) for each in found.missing] == [("M008", "松林口党支部")]
    assert found.counts == {"new": 0, "changed": 0, "unchanged": 1, "error": 0}


statuses = st.sampled_from(list(MemberStatus))
days = st.dates(date(2015, 1, 2), DAY)


@given(
    statuses,
    statuses,
    st.sampled_from([A, B]),
    st.one_of(st.none(), days),
    st.one_of(st.none(), days),
    st.one_of(st.none(), days),
)
def test_what_one_import_writes_the_next_finds_unchanged(
    before: MemberStatus,
    after: MemberStatus,
    place: Place,
    joined: date | None,
    converted: date | None,
    since: date | None,
) -> None:
    """Whatever a row says: either it is refused, or the second import of it changes nothing."""
    said = row(
        code="M007",
        organisation=place.code,
        status=after,
        joined_on=joined,
        converted_on=converted,
        since=since,
    )
    first = only(said, person(status=before))
    if first.outcome is Outcome.ERROR:
        return
    kept = [k.event for k in person(status=before).events if k.pk not in first.history.corrected]
    later = Person(
        7,
        "M007",
        "雷彩霞",
        joined_on=first.fields.get("joined_on"),
        events=known_events(*kept, *first.history.events),
    )
    second = only(said, later)
    assert (second.outcome, second.changes, second.problems) == (Outcome.UNCHANGED, (), ())
