"""What the rules say of invented branches: the sentence, how pressing, the month it begins."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from branches.queries.findings import findings_above_of, findings_of
from branches.queries.policy import shipped_rules
from branches.rules import MemberStatus, OrganisationKind, Role
from branches.rules.findings import (
    BranchRecord,
    FindingCode,
    FindingLevel,
    findings_above,
    findings_on,
    notice_begins,
    whole_months_left,
)
from branches.rules.headcount import Stay, project
from branches.rules.organisations import PolicySeverity
from branches.rules.outlook import last_day
from periods.months import Month
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_organisation, make_post

ON = date(2026, 11, 22)
RULES = shipped_rules(on=ON)
SINCE = date(2015, 1, 1)
SEATED = {Role.WORKER: ("w",), Role.SECRETARY: ("s",)}
COMMITTEE = {
    **SEATED,
    Role.ORGANISATION_COMMISSIONER: ("o",),
    Role.PUBLICITY_COMMISSIONER: ("p",),
    Role.DISCIPLINE_COMMISSIONER: ("d",),
}


def full(number: int, *, assigned: int = 0) -> list[Stay]:
    return [Stay(n, MemberStatus.FULL, SINCE, assigned=n < assigned) for n in range(number)]


def record(stays: list[Stay], **facts: object) -> BranchRecord:
    """A branch in order: offices held, a term that runs for long."""
    projection = project(stays, on=ON, end=last_day(ON, 12))
    plain = BranchRecord(ON, last_day(ON, 12), projection, SEATED, term_ends=date(2029, 1, 1))
    return replace(plain, **facts)  # type: ignore[arg-type]  # facts are fields of the record


def said(one: BranchRecord) -> list[tuple[str, str, str, str]]:
    return [(f.code.value, f.level.value, str(f.month), f.text) for f in findings_on(one, RULES)]


def test_a_branch_in_order_has_no_finding() -> None:
    assert said(record(full(4))) == []


def test_too_few_now() -> None:
    assert said(record(full(2))) == [
        (
            "headcount_breach",
            "breach",
            "2026-11",
            "正式党员 2 人，不足 3 人，请与上级党组织商定调整办法。",
        )
    ]


def test_just_enough() -> None:
    assert said(record(full(3))) == [
        ("no_buffer", "notice", "2026-11", "正式党员刚好 3 人，再少 1 人就不足设立条件。")
    ]


@pytest.mark.parametrize(
    ("leaves", "code", "level"),
    [
        (date(2026, 11, 23), "headcount_imminent", "imminent"),
        (date(2027, 5, 22), "headcount_imminent", "imminent"),
        (date(2027, 5, 23), "headcount_later", "later"),
        (date(2027, 10, 31), "headcount_later", "later"),
    ],
)
def test_a_fall_is_imminent_within_six_months_and_later_after(leaves: date, code: str, level: str) -> None:
    stays = [*full(2), Stay(9, MemberStatus.FULL, SINCE, leaves)]
    assert said(record(stays)) == [
        (
            code,
            level,
            str(Month.of(leaves)),
            f"{leaves} 起正式党员由 3 人变为 2 人（组织关系转出 1 人），不足 3 人，请提前商定调整办法。",
        )
    ]


def test_a_dip_that_is_refilled_is_still_told() -> None:
    stays = [
        *full(2),
        Stay(8, MemberStatus.FULL, SINCE, date(2027, 1, 10)),
        Stay(9, MemberStatus.FULL, date(2027, 1, 20)),
    ]
    assert [row[:3] for row in said(record(stays))] == [("headcount_imminent", "imminent", "2027-01")]


def test_departures_that_leave_enough() -> None:
    stays = [*full(4), Stay(9, MemberStatus.FULL, SINCE, date(2027, 1, 31))]
    assert said(record(stays)) == [
        ("departure_known", "notice", "2027-01", "2027-01-31 起将有 1 名正式党员离开，届时剩 4 人。")
    ]


def test_borrowed_members() -> None:
    assert said(record(full(5, assigned=3))) == [
        (
            "nominal_branch",
            "borrowed",
            "2026-11",
            "本部门正式党员 2 人，不足 3 人；另有抽调 3 人，人员返回前请先安排。",
        )
    ]
    assert said(record(full(5, assigned=2))) == []


def test_a_deputy_below_the_local_number() -> None:
    held = {**SEATED, Role.DEPUTY_SECRETARY: ("d",)}
    assert said(record(full(4), holders=held)) == [
        (
            "deputy_below_local_min",
            "local",
            "2026-11",
            "设有副书记，正式党员 4 人，少于本单位规定的 5 人，副书记职务须研判。",
        )
    ]
    assert said(record(full(5), holders=held)) == []
    later = [*full(4), Stay(9, MemberStatus.FULL, SINCE, date(2027, 3, 1))]
    assert said(record(later, holders=held))[-1] == (
        "deputy_below_local_min",
        "local",
        "2027-03",
        "设有副书记，2027-03-01 起正式党员 4 人，少于本单位规定的 5 人，副书记职务须研判。",
    )
    rule = RULES["deputy_secretary_min_full_members"]
    off = {**RULES, rule.code: replace(rule, enabled=False)}
    assert findings_on(record(full(4), holders=held), off) == ()
    lower = {**RULES, rule.code: replace(rule, low=Decimal(4))}
    assert findings_on(record(full(4), holders=held), lower) == ()


@pytest.mark.parametrize(
    ("ends", "on", "begins"),
    [
        (date(2026, 4, 21), date(2025, 10, 21), True),
        (date(2026, 4, 21), date(2025, 10, 20), False),
        (date(2026, 8, 31), date(2026, 2, 28), True),
        (date(2026, 8, 31), date(2026, 2, 27), False),
        (date(2024, 8, 31), date(2024, 2, 29), True),
        (date(2024, 8, 31), date(2024, 2, 28), False),
    ],
)
def test_the_notice_of_a_term_begins_six_months_before(ends: date, on: date, begins: bool) -> None:
    assert (notice_begins(ends) <= on) is begins


@pytest.mark.parametrize(
    ("ends", "extended", "level", "text"),
    [
        (None, False, "notice", "还没有登记任期，请补充最近一次选举的日期。"),
        (date(2026, 11, 21), False, "late", "任期已于 2026-11-21 届满，请尽快换届或办理延期批复。"),
        (date(2026, 11, 22), True, "notice", "任期 2026-11-22 届满，不足一个月，请抓紧换届。"),
        (date(2027, 1, 30), True, "notice", "任期 2027-01-30 届满，还有 2 个月，请着手准备换届。"),
        (
            date(2027, 5, 22),
            False,
            "notice",
            "任期 2027-05-22 届满，还有 6 个月，请着手准备换届。确需延期的，最多延长 1 年，须经上级批准。",
        ),
    ],
)
def test_terms(ends: date | None, extended: bool, level: str, text: str) -> None:
    found = findings_on(record(full(4), term_ends=ends, term_extended=extended), RULES)
    assert [(f.level.value, f.text) for f in found] == [(level, text)]


def test_a_branch_without_elections_and_a_distant_term_are_silent() -> None:
    assert said(record(full(4), term_ends=None, has_term=False)) == []
    assert said(record(full(4), term_ends=date(2027, 5, 23))) == []


def test_conversions_by_month_and_the_late_ones_apart() -> None:
    ends = (date(2026, 11, 5), date(2026, 11, 30), date(2027, 2, 28), date(2027, 2, 28), date(2027, 11, 1))
    assert [row[1:] for row in said(record(full(4), probation_ends=ends))] == [
        ("late", "2026-11", "预备党员 1 人的预备期 2026-11-05 已满，请尽快讨论转正。"),
        ("notice", "2026-11", "预备党员 1 人的预备期 2026-11-30 期满，届时讨论转正。"),
        ("notice", "2027-02", "预备党员 2 人的预备期 2027-02-28 期满，届时讨论转正。"),
    ]


def test_vacant_offices() -> None:
    assert said(record(full(4), holders={Role.SECRETARY: ("s",)})) == [
        ("office_vacant", "notice", "2026-11", "空缺：党务工作者。")
    ]
    assert said(record(full(4), holders={})) == [
        ("office_vacant", "late", "2026-11", "空缺：党务工作者、书记。")
    ]


@pytest.mark.parametrize(
    ("since", "found"), [(date(2025, 11, 22), False), (date(2025, 11, 23), True), (None, False)]
)
def test_standing_of_the_secretary(since: date | None, found: bool) -> None:
    codes = [f.code for f in findings_on(record(full(4), secretary_since=since), RULES)]
    assert codes == ([FindingCode.SECRETARY_STANDING] if found else [])


def test_committee_by_the_number_of_full_members() -> None:
    assert said(record(full(7))) == [
        (
            "committee_required",
            "notice",
            "2026-11",
            "正式党员 7 人，应当设立支部委员会，请登记支部委员。",
        )
    ]
    assert said(record(full(7), holders=COMMITTEE)) == []
    assert said(record(full(6), holders=COMMITTEE)) == [
        (
            "committee_not_required",
            "notice",
            "2026-11",
            "正式党员 6 人，不足 7 人，下次换届可不再设支部委员会。",
        )
    ]
    converting = Stay(9, MemberStatus.PROBATIONARY, SINCE, probation_ends=date(2027, 2, 28))
    assert said(record([*full(6), converting]))[-1] == (
        "committee_required",
        "notice",
        "2027-02",
        "2027-02-28 起正式党员 7 人，应当设立支部委员会，请登记支部委员。",
    )


@pytest.mark.parametrize(
    ("seats", "text"),
    [
        (2, "支部委员会 2 人，一般由 3 至 5 人组成。"),
        (3, None),
        (5, None),
        (6, "支部委员会 6 人，一般由 3 至 5 人组成。"),
        (7, "支部委员会 7 人，一般由 3 至 5 人组成。"),
        (8, "支部委员会 8 人，一般不超过 7 人。"),
    ],
)
def test_size_of_the_committee(seats: int, text: str | None) -> None:
    people = [f"m{n}" for n in range(seats)]
    held: dict[Role, tuple[str, ...]] = dict.fromkeys(COMMITTEE, (people[0],))
    held[Role.ORGANISATION_COMMISSIONER] = tuple(people)
    found = findings_on(record(full(9), holders=held), RULES)
    assert [f.text for f in found] == ([text] if text else [])


def test_a_branch_above_its_sizes() -> None:
    held = {**COMMITTEE, Role.DEPUTY_SECRETARY: ("a", "b")}
    one = record(full(51), holders={**held, Role.PUBLICITY_COMMISSIONER: ("o",)}, units=6)
    assert [
        (f.code.value, f.text) for f in findings_on(replace(one, groups=(("一组", 2), ("二组", 3))), RULES)
    ] == [
        ("deputies", "副书记 2 人，一般设 1 人，请核对任职登记。"),
        ("members_above_max", "党员 51 人，支部一般不超过 50 人。"),
        ("units_above_max", "覆盖单位 6 个，一般不超过 5 个。"),
        ("group_too_small", "党小组一般不少于 3 人：一组 2 人，可调整划分。"),
    ]
    assert said(record(full(50), holders=COMMITTEE, units=5, groups=(("一组", 3),))) == []


def test_findings_carry_basis_and_severity() -> None:
    found = {f.code: f for f in findings_on(record(full(7)), RULES)}
    committee = found[FindingCode.COMMITTEE_REQUIRED]
    assert committee.basis == (
        "《中国共产党支部工作条例（试行）》第二十条（待核实）、"
        "《中国共产党国有企业基层组织工作条例（试行）》第四条（待核实）"
    )
    assert (committee.severity, committee.level) == (PolicySeverity.HARD, FindingLevel.NOTICE)
    assert (committee.tone, committee.is_alert) == ("soon", False)


@pytest.mark.parametrize(
    ("members", "branches", "codes"),
    [
        (49, 5, ["members_out_of_range"]),
        (50, 5, []),
        (99, 13, []),
        (100, 13, ["members_out_of_range"]),
        (70, 13, ["branch_span"]),
        (78, 13, []),
    ],
)
def test_a_general_branch(members: int, branches: int, codes: list[str]) -> None:
    found = findings_above(members, branches, RULES, kind_rule="general_branch_range", on=ON)
    assert [f.code.value for f in found] == codes


@pytest.mark.parametrize(
    ("ends", "months"),
    [
        (date(2026, 11, 22), 0),
        (date(2026, 11, 21), -1),
        (date(2026, 12, 21), 0),
        (date(2026, 12, 22), 1),
        (date(2027, 5, 22), 6),
        (date(2025, 11, 22), -12),
    ],
)
def test_whole_months_left(ends: date, months: int) -> None:
    assert whole_months_left(ends, on=ON) == months


def test_findings_of_what_is_entered(house: House) -> None:
    secretary = make_member(house.br04, since=ON - timedelta(days=30))
    make_post(house.br04, Role.SECRETARY, member=secretary, since=ON)
    assert [(f.code.value, f.text) for f in findings_of(house.br04, on=ON)] == [
        ("headcount_breach", "正式党员 2 人，不足 3 人，请与上级党组织商定调整办法。"),
        ("term_unknown", "还没有登记任期，请补充最近一次选举的日期。"),
        ("office_vacant", "空缺：党务工作者。"),
        ("secretary_standing", "书记自 2026-10-23 起为正式党员，党龄不满 1 年，一般应当满 1 年。"),
    ]
    assert [f.text for f in findings_of(house.general, on=ON)] == [
        "所属党员共 3 人，设立党总支的党员数一般为 50 至 99 人。",
        "2 个支部平均 1.5 名党员，少于 6 名，可结合联合党支部等办法控制支部数量。",
    ]


def test_findings_above_leave_other_trees_out(house: House) -> None:
    foreign = make_organisation("DW99", kind=OrganisationKind.COMMITTEE)
    make_member(make_organisation("BR99", parent=foreign))
    found = findings_above_of([house.committee, house.br03, foreign], on=ON)
    assert {pk: [f.text for f in findings] for pk, findings in found.items()} == {
        house.committee.pk: [
            "所属党员共 2 人，设立基层党委的党员数一般不少于 100 人。",
            "2 个支部平均 1 名党员，少于 6 名，可结合联合党支部等办法控制支部数量。",
        ],
        foreign.pk: [
            "所属党员共 1 人，设立基层党委的党员数一般不少于 100 人。",
        ],
    }
