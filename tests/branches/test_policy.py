"""Rules: what the file says, what the table adds, and how an organisation adjusts its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import AuditEvent
from branches.actions.policy import Adjustment, LoadResult, RuleRefused, adjust_rule, load_rules
from branches.models import Organisation, PolicyRule
from branches.queries import policy
from branches.queries.outlook import outlook_of
from branches.queries.policy import (
    SHIPPED_FROM,
    committee_from,
    least_full_members,
    rule_rows,
    rules_for,
    rules_of,
    shipped_rows,
    shipped_rules,
)
from branches.rules import COMMITTEE_FROM, PolicySeverity, Role
from branches.rules.basis import Basis, Verification, sentence_of
from branches.rules.findings import ELECTION_NOTICE_MONTHS
from branches.rules.outlook import OutlookLevel
from branches.rules.policy import METRICS, Operator, Rule
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_post

Counter = Callable[[int], AbstractContextManager[object]]
ON = date(2026, 11, 22)
DEPUTY, HORIZON, SIZE = (
    "deputy_secretary_min_full_members",
    "outlook_horizon_months",
    "joint_preferred_members",
)
CODES = [
    *("branch_min_full_members", "branch_max_members", "committee_required", "committee_size_usual"),
    *("committee_size_max", "no_committee_leadership", "deputy_secretary_max", "secretary_party_standing"),
    *("joint_branch_units_max", "project_branch_months", "general_branch_range", "party_committee_min"),
    *("general_branch_committee_size", "party_group_min", "term_branch_years", "term_general_branch_years"),
    *("term_committee_years", "term_shift_max_years", "election_notice_months", "setup_reply_months"),
    *("probation_years", "probation_extension", DEPUTY, "branch_count_span", HORIZON, "joint_distance_km"),
    *(SIZE, "joint_units_preferred"),
    *("finding_days_general", "finding_days_serious", "finding_repeat_days", "recheck_days_first"),
    *("recheck_days_second", "recheck_days_third", "recheck_sample_percent", "recheck_announce_days"),
    *("completion_target_percent", "branch_minutes_budget"),
    *("demand_notice_workdays", "portal_minutes_per_item", "visit_gap_days", "visits_per_quarter"),
    *("same_clause_per_quarter", "trace_share_percent"),
]


def set_rule(organisation: Organisation, code: str = DEPUTY, **given: Any) -> PolicyRule:
    adjustment = Adjustment(given.pop("enabled", True), given.pop("low", Decimal(4)), given.pop("high", None))
    plain = {"since": ON, "reason": "党总支会议纪要", "by": None}
    return adjust_rule(organisation, code=code, adjustment=adjustment, **{**plain, **given})


def test_the_file_has_every_rule_in_its_order() -> None:
    assert list(shipped_rules(on=ON)) == CODES
    for row in shipped_rows():
        assert row["metric"] in METRICS
        assert Operator(row["operator"])
        assert PolicySeverity(row["severity"])
        assert [Verification(entry["verification"]) for entry in row["basis"]]


def test_thresholds_are_what_the_documents_say() -> None:
    rules = shipped_rules(on=ON)
    assert {code: (rule.text, rule.severity) for code, rule in rules.items() if rule.severity == "hard"} == {
        "branch_min_full_members": ("不少于 3 人", PolicySeverity.HARD),
        "committee_required": ("不少于 7 人", PolicySeverity.HARD),
        "no_committee_leadership": ("1 人", PolicySeverity.HARD),
        "deputy_secretary_max": ("不超过 1 人", PolicySeverity.HARD),
        "term_branch_years": ("3 年", PolicySeverity.HARD),
        "term_general_branch_years": ("3 年", PolicySeverity.HARD),
        "term_committee_years": ("5 年", PolicySeverity.HARD),
        "term_shift_max_years": ("不超过 1 年", PolicySeverity.HARD),
        "probation_years": ("1 年", PolicySeverity.HARD),
        "probation_extension": ("6 至 12 个月", PolicySeverity.HARD),
    }
    assert rules["general_branch_range"].text == "50 至 99 人"
    assert rules[HORIZON].number == 6
    assert rules["committee_required"].number == COMMITTEE_FROM
    assert rules["election_notice_months"].number == ELECTION_NOTICE_MONTHS


def test_only_seen_articles_count_as_verified() -> None:
    rules = shipped_rules(on=ON)
    assert rules["branch_min_full_members"].basis_sentence == (
        "《中国共产党章程》第三十条、《中国共产党支部工作条例（试行）》第四条"
    )
    assert [basis.verified for basis in rules["committee_required"].basis] == [False, False]
    assert rules["party_group_min"].basis_sentence == "行业、上级党委或本单位惯例（待核实）"
    assert rules[HORIZON].basis_sentence == "本单位规定"
    assert sentence_of([Basis("关于党的基层组织任期的意见", "一", True)]) == (
        "《关于党的基层组织任期的意见》第一部分"
    )


@pytest.mark.parametrize(
    ("operator", "low", "high", "value", "holds"),
    [
        (">=", 3, None, 3, True),
        (">=", 3, None, 2, False),
        ("<=", None, 50, 50, True),
        ("<=", None, 50, 51, False),
        ("==", 1, 1, 1, True),
        ("==", 1, 1, 0, False),
        ("between", 50, 99, 50, True),
        ("between", 50, 99, 100, False),
    ],
)
def test_bounds_are_inclusive(
    operator: str, low: int | None, high: int | None, value: int, holds: bool
) -> None:
    least, most = (Decimal(b) if b is not None else None for b in (low, high))
    rule = Rule("x", "x", "full_members", operator, least, most, PolicySeverity.HARD)
    assert rule.holds(value) is holds


def test_a_document_counts_from_its_day() -> None:
    before, after = (
        shipped_rules(on=day)["probation_years"] for day in (date(2026, 5, 10), date(2026, 5, 11))
    )
    assert before.basis_sentence == "《中国共产党发展党员工作细则（2014年）》（待核实）"
    assert after.basis[0].sentence == "《中国共产党发展党员工作细则（2026年修订）》第三十一条"
    assert (before.number, after.number) == (1, 1)


def test_rules_answer_before_anything_is_loaded(house: House, django_assert_num_queries: Counter) -> None:
    with django_assert_num_queries(1):
        assert rules_for(house.br03, on=ON) == shipped_rules(on=ON)
    load_rules(on=ON)
    with django_assert_num_queries(1):
        assert rules_for(house.br03, on=ON) == shipped_rules(on=ON)
    with django_assert_num_queries(1):
        assert rules_of([house.br03, house.br04, house.general], on=ON)[house.br04.pk] == shipped_rules(on=ON)
    assert (committee_from(on=ON), least_full_members(on=ON)) == (7, 3)


def test_a_day_before_every_version_is_answered_by_the_first(house: House) -> None:
    load_rules(on=ON)
    assert rules_for(None, on=date(1950, 1, 1))["branch_min_full_members"].number == 3


def test_loading_twice_changes_nothing(db: None) -> None:
    rows = len(shipped_rows())
    assert load_rules(on=ON) == LoadResult(rows, 0, 0)
    assert load_rules(on=ON) == LoadResult(0, 0, rows)
    assert PolicyRule.objects.count() == rows
    assert [e.event for e in AuditEvent.objects.all()] == ["branches.rules_loaded"]
    versions = PolicyRule.objects.filter(code="probation_years").order_by("effective_from")
    assert [(v.effective_from, v.effective_until) for v in versions] == [
        (SHIPPED_FROM, date(2026, 5, 10)),
        (date(2026, 5, 11), None),
    ]


def test_a_changed_file_makes_a_new_version(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules(on=ON)
    PolicyRule.objects.filter(code="branch_max_members").update(high=Decimal(60))
    later = date(2027, 3, 1)
    assert load_rules(on=later) == LoadResult(0, 1, len(shipped_rows()) - 1)
    versions = PolicyRule.objects.filter(code="branch_max_members").order_by("effective_from")
    assert [(v.effective_from, v.effective_until, v.high, v.reason) for v in versions] == [
        (SHIPPED_FROM, date(2027, 2, 28), Decimal(60), ""),
        (later, None, Decimal(50), "随程序更新"),
    ]
    assert rules_for(None, on=date(2027, 2, 28))["branch_max_members"].number == 60
    assert rules_for(None, on=later)["branch_max_members"].number == 50


def test_the_command_says_what_it_loaded(db: None) -> None:
    out = StringIO()
    call_command("load_rules", stdout=out)
    assert out.getvalue() == f"支部规则：新增 {len(shipped_rows())} 条，更新 0 条，未变 0 条。\n"


def test_an_adjustment_holds_from_its_day_for_everything_below(house: House) -> None:
    load_rules(on=ON)
    Organisation.objects.update(facts_changed=False)
    made = set_rule(house.general, low=Decimal(4))
    assert (made.low, made.organisation, made.effective_from, made.reason) == (
        Decimal(4),
        house.general,
        ON,
        "党总支会议纪要",
    )
    assert rules_for(house.br03, on=ON)[DEPUTY].number == 4
    assert rules_for(house.br03, on=date(2026, 11, 21))[DEPUTY].number == 5
    assert rules_for(house.committee, on=ON)[DEPUTY].number == 5
    assert rules_for(None, on=ON)[DEPUTY].number == 5
    changed = Organisation.objects.filter(facts_changed=True).order_by("code")
    assert [o.code for o in changed] == ["BR03", "BR04", "DZ01"]
    entry = AuditEvent.objects.get(event="branches.rule_adjusted")
    assert (entry.detail["code"], entry.detail["text"], entry.detail["reason"]) == (
        DEPUTY,
        "不少于 4 人",
        "党总支会议纪要",
    )


def test_the_nearest_adjustment_wins_and_old_versions_stay(house: House) -> None:
    set_rule(house.committee, low=Decimal(6), since=date(2026, 1, 1))
    first = set_rule(house.general, low=Decimal(4), since=date(2026, 3, 1))
    second = set_rule(house.general, low=Decimal(3), since=date(2026, 9, 1))
    first.refresh_from_db()
    assert (first.effective_until, second.effective_until) == (date(2026, 8, 31), None)
    found = [rules_for(house.br03, on=day)[DEPUTY].number for day in (date(2026, 2, 1), date(2026, 4, 1), ON)]
    assert found == [6, 4, 3]
    row = next(row for row in rule_rows(house.br03, on=ON) if row.rule.code == DEPUTY)
    assert [(v.row.effective_from, v.rule.number, v.is_local) for v in row.versions] == [
        (date(2026, 9, 1), 3, True),
        (date(2026, 3, 1), 4, True),
        (date(2026, 1, 1), 6, True),
        (SHIPPED_FROM, 5, False),
    ]
    assert row.current.row.pk == second.pk


def test_switching_off_silences_the_finding(house: House) -> None:
    for _ in range(3):
        make_member(house.br03)
    make_post(house.br03, Role.DEPUTY_SECRETARY, member=house.ours)

    def codes() -> list[str]:
        return [alert.code.value for alert in outlook_of([house.br03], on=ON)[house.br03.pk].alerts]

    assert codes() == ["deputy_below_local_min"]
    set_rule(house.general, enabled=False, low=Decimal(5))
    assert codes() == []


def test_the_horizon_is_the_organisations_own(house: House) -> None:
    for _ in range(2):
        make_member(house.br03)
    ours = house.br03
    PolicyRule.objects.all().delete()
    house.ours.memberships.update(until=date(2027, 4, 1))
    assert outlook_of([ours], on=ON)[ours.pk].level == OutlookLevel.IMMINENT
    set_rule(house.general, HORIZON, low=Decimal(3), high=Decimal(3))
    assert outlook_of([ours], on=ON)[ours.pk].level == OutlookLevel.NO_BUFFER


@pytest.mark.parametrize(
    ("code", "given", "answer"),
    [
        ("branch_min_full_members", {}, "这项规则由文件规定，不能在本单位调整。"),
        ("unknown", {}, "这项规则由文件规定，不能在本单位调整。"),
        (DEPUTY, {"reason": "  "}, "请填写调整原因。"),
        (DEPUTY, {"low": Decimal(5)}, "与当日已有的规定相同，没有需要保存的改动。"),
        (DEPUTY, {"low": Decimal(0)}, "数值请填 1 至 999。"),
        (DEPUTY, {"low": None}, "请按规则的形式填写数值。"),
        (SIZE, {"low": Decimal(9), "high": Decimal(8)}, "下限不能大于上限。"),
        (HORIZON, {"low": Decimal(37), "high": Decimal(37)}, "数值请填 1 至 36。"),
        (
            HORIZON,
            {"low": Decimal(6), "high": Decimal(6), "enabled": False},
            "这项规则不能停用，可以调整数值。",
        ),
    ],
)
def test_adjustments_that_do_not_fit(house: House, code: str, given: dict[str, Any], answer: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        set_rule(house.general, code, **given)
    assert str(refused.value) == answer
    assert PolicyRule.objects.count() == 0


def test_history_is_not_rewritten(house: House) -> None:
    set_rule(house.general)
    for since in (ON, date(2026, 1, 1)):
        with pytest.raises(RuleRefused, match="已有自 2026-11-22 起的调整"):
            set_rule(house.general, low=Decimal(3), since=since)
    with pytest.raises(RuleRefused, match="规则由上级组织统一调整"):
        set_rule(house.br03, low=Decimal(3))
    assert PolicyRule.objects.count() == 1


def test_a_statutory_row_of_an_organisation_is_no_rule(house: House) -> None:
    """Even a row that came in by another door cannot loosen what the documents say."""
    row = next(row for row in shipped_rows() if row["code"] == "branch_min_full_members")
    PolicyRule.objects.create(**{**row, "organisation": house.general, "low": Decimal(2)})
    assert rules_for(house.br03, on=ON)["branch_min_full_members"].number == 3
    assert policy.least_full_members(on=ON) == 3
