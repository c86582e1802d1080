"""The seed case on 31 October 2025: the table of alerts it must give, literally, and its stated numbers."""

import json
from collections import Counter
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import branches.demo
from accounts.models import User
from branches.actions.policy import load_rules
from branches.models import Organisation
from branches.queries.outlook import outlook_of
from branches.rules.outlook import OutlookLevel

ON = date(2025, 10, 31)
CODES = [f"BR{n:02d}" for n in range(1, 14)]
REGULATIONS = "《中国共产党支部工作条例（试行）》"
FOUR = "《中国共产党章程》第三十条、《中国共产党支部工作条例（试行）》第四条"
SET_HERE = "本单位规定，参见《探索兼职基层党务工作者从“疲于应付”到“主动作为”的破解路径》"
PROBATION = "《中国共产党发展党员工作细则（2014年）》（待核实）"
# In force on the day of the conversions after 2026-05-11.
PROBATION_2026 = "《中国共产党发展党员工作细则（2026年修订）》第三十一条、《中国共产党章程》（待核实）"
# (code, branch, level, month) of every alert of the case; nothing else may be there.
EXPECTED = {
    ("headcount_imminent", "BR06", "imminent", "2025-12"),
    ("headcount_imminent", "BR07", "imminent", "2025-11"),
    ("deputy_below_local_min", "BR08", "local", "2025-10"),
    ("nominal_branch", "BR01", "borrowed", "2025-10"),
    ("nominal_branch", "BR02", "borrowed", "2025-10"),
    ("nominal_branch", "BR03", "borrowed", "2025-10"),
    ("nominal_branch", "BR04", "borrowed", "2025-10"),
    ("nominal_branch", "BR05", "borrowed", "2025-10"),
    ("term_expiring", "BR09", "notice", "2026-04"),
    ("term_expiring", "BR11", "notice", "2025-12"),
    ("conversion_due", "BR03", "notice", "2026-06"),
    ("conversion_due", "BR10", "notice", "2026-04"),
    ("conversion_due", "BR11", "notice", "2026-03"),
    ("conversion_due", "BR12", "notice", "2026-07"),
}


@pytest.fixture
def case(db: None) -> dict[str, Any]:
    read = branches.demo.read_case()
    admin = User.objects.create_superuser("admin", branches.demo.PASSWORD, name="系统管理员")
    branches.demo.load(read, as_of=ON, shift=branches.demo.Shift(0), by=admin)
    load_rules(on=ON)
    return read


def printed(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("branch_outlook", "--json", "--as-of", "2025-10-31", *arguments, stdout=out)
    content: dict[str, Any] = json.loads(out.getvalue())
    return content


def test_the_case_gives_exactly_its_alerts(case: dict[str, Any]) -> None:
    content = printed()
    found = [
        (alert["code"], branch["code"], alert["level"], alert["month"])
        for branch in content["branches"]
        for alert in branch["alerts"]
    ]
    assert len(found) == len(EXPECTED)
    assert set(found) == EXPECTED


def test_the_table_here_is_the_table_of_the_case(case: dict[str, Any]) -> None:
    """Conversions stand in the case as one row for four people; the branches are those of the four."""
    wanted = {(row["code"], row["branch"]) for row in case["expected_alerts"] if "branch" in row}
    probationary = [row for row in case["members"] if row["status"] == "probationary"]
    wanted |= {("conversion_due", row["branch"]) for row in probationary}
    assert {(code, branch) for code, branch, _, _ in EXPECTED} == wanted
    months = {(branch, month) for code, branch, _, month in EXPECTED if code == "conversion_due"}
    assert months == {(row["branch"], row["probation_end"][:7]) for row in probationary}


def test_alerts_say_numbers_dates_and_basis(case: dict[str, Any]) -> None:
    said = {
        (alert["code"], branch["code"]): (alert["text"], alert["basis"])
        for branch in printed()["branches"]
        for alert in branch["alerts"]
    }
    assert {key: said[key] for key in said if key[1] not in ("BR02", "BR03", "BR04", "BR05", "BR10")} == {
        ("headcount_imminent", "BR06"): (
            "2025-12-31 起正式党员由 4 人变为 2 人（退休 2 人），不足 3 人，请提前商定调整办法。",
            FOUR,
        ),
        ("headcount_imminent", "BR07"): (
            "2025-11-30 起正式党员由 3 人变为 2 人（组织关系转出 1 人），不足 3 人，请提前商定调整办法。",
            FOUR,
        ),
        ("deputy_below_local_min", "BR08"): (
            "设有副书记，正式党员 4 人，少于本单位规定的 5 人，副书记职务须研判。",
            SET_HERE,
        ),
        ("nominal_branch", "BR01"): (
            "本部门正式党员 2 人，不足 3 人；另有抽调 2 人，人员返回前请先安排。",
            FOUR,
        ),
        ("term_expiring", "BR09"): (
            "任期 2026-04-21 届满，还有 5 个月，请着手准备换届。确需延期的，最多延长 1 年，须经上级批准。",
            f"{REGULATIONS}第二十一条",
        ),
        ("term_expiring", "BR11"): (
            "任期 2025-12-30 届满，还有 1 个月，请着手准备换届。确需延期的，最多延长 1 年，须经上级批准。",
            f"{REGULATIONS}第二十一条",
        ),
        ("conversion_due", "BR11"): ("预备党员 1 人的预备期 2026-03-20 期满，届时讨论转正。", PROBATION),
        ("conversion_due", "BR12"): ("预备党员 1 人的预备期 2026-07-01 期满，届时讨论转正。", PROBATION_2026),
    }


def test_a_conversion_names_the_text_in_force_on_its_day(case: dict[str, Any]) -> None:
    bases = {b["code"]: a["basis"] for b in printed()["branches"] for a in b["alerts"] if "conv" in a["code"]}
    assert bases == {
        "BR03": PROBATION_2026,
        "BR10": PROBATION,
        "BR11": PROBATION,
        "BR12": PROBATION_2026,
    }


def test_stated_numbers(case: dict[str, Any]) -> None:
    stated = {name: row["value"] for name, row in case["stated_numbers"].items()}
    found = list(outlook_of(Organisation.objects.branches().order_by("code"), on=ON).values())
    alerts = Counter(alert.code.value for one in found for alert in one.alerts)
    assert [one.code for one in found] == CODES
    assert len(found) == stated["branches"] == 13
    assert sum(one.full_now for one in found) == stated["full_members"] == 66
    assert sum(one.probationary_now for one in found) == stated["probationary_members"] == 4
    assert alerts["nominal_branch"] == stated["station_branches_own_department_full_lt_3"] == 5
    assert alerts["headcount_imminent"] == stated["branches_about_to_fall_below_3"] == 2
    assert alerts["deputy_below_local_min"] == stated["branches_losing_deputy"] == 1
    by_code = {one.code: one for one in found}
    retiring, moving, deputy = by_code["BR06"], by_code["BR07"], by_code["BR08"]
    assert retiring.full_now - retiring.lowest == stated["branch_of_4_retiring"] == 2
    assert moving.full_now - moving.lowest == stated["branch_of_3_transferred"] == 1
    assert deputy.full_now == stated["branch_started_with_6"] - 2


def test_levels_and_what_is_left_of_the_own_department(case: dict[str, Any]) -> None:
    found = outlook_of(Organisation.objects.branches().order_by("code"), on=ON).values()
    assert [
        (one.level, one.full_now, one.lowest, one.own_department, one.own_department_after) for one in found
    ] == [
        (OutlookLevel.BORROWED, 4, 4, 2, 2),
        (OutlookLevel.BORROWED, 4, 4, 1, 1),
        (OutlookLevel.BORROWED, 4, 4, 2, 2),
        (OutlookLevel.BORROWED, 5, 5, 2, 2),
        (OutlookLevel.BORROWED, 4, 4, 1, 1),
        (OutlookLevel.IMMINENT, 4, 2, 4, 2),
        (OutlookLevel.IMMINENT, 3, 2, 3, 2),
        (OutlookLevel.OK, 4, 4, 4, 4),
        (OutlookLevel.OK, 8, 8, 8, 8),
        (OutlookLevel.OK, 9, 9, 9, 9),
        (OutlookLevel.OK, 7, 7, 7, 7),
        (OutlookLevel.OK, 5, 5, 5, 5),
        (OutlookLevel.OK, 5, 5, 5, 5),
    ]


def test_months_count_their_last_day(case: dict[str, Any]) -> None:
    by_code = {branch["code"]: branch for branch in printed()["branches"]}
    assert [figure["month"] for figure in by_code["BR03"]["months"]] == [
        *("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"),
        *("2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"),
    ]
    assert [figure["full"] for figure in by_code["BR03"]["months"]] == [4] * 8 + [5] * 4
    assert [figure["probationary"] for figure in by_code["BR03"]["months"]] == [1] * 8 + [0] * 4
    assert [figure["full"] for figure in by_code["BR06"]["months"]] == [4, 4] + [2] * 10
    assert [figure["full"] for figure in by_code["BR07"]["months"]] == [3] + [2] * 11


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2025, 10, 20), {"BR11"}),
        (date(2025, 10, 21), {"BR09", "BR11"}),
        (date(2025, 11, 11), {"BR09", "BR11"}),
        (date(2025, 11, 12), {"BR01", "BR02", "BR03", "BR05", "BR09", "BR11"}),
    ],
)
def test_a_term_is_told_from_six_months_before_its_end(
    case: dict[str, Any], day: date, codes: set[str]
) -> None:
    found = outlook_of(Organisation.objects.branches(), on=day).values()
    assert {one.code for one in found for a in one.alerts if a.code.value == "term_expiring"} == codes


def test_what_is_printed_has_exactly_the_promised_keys(case: dict[str, Any]) -> None:
    content = printed("--organisation", "BR06", "--months", "3")
    assert content == {
        "as_of": "2025-10-31",
        "branches": [
            {
                "code": "BR06",
                "name": "甘泉湾烟站党支部",
                "full_now": 4,
                "own_department": 4,
                "level": "imminent",
                "alerts": [
                    {
                        "code": "headcount_imminent",
                        "level": "imminent",
                        "month": "2025-12",
                        "text": "2025-12-31 起正式党员由 4 人变为 2 人（退休 2 人），不足 3 人，"
                        "请提前商定调整办法。",
                        "basis": FOUR,
                    }
                ],
                "months": [
                    {"month": "2025-10", "full": 4, "probationary": 0},
                    {"month": "2025-11", "full": 4, "probationary": 0},
                    {"month": "2025-12", "full": 2, "probationary": 0},
                ],
            }
        ],
    }


def test_the_table_for_people(case: dict[str, Any]) -> None:
    out = StringIO()
    call_command(
        "branch_outlook", "--organisation", "BR07", "--as-of", "2025-10-31", "--months", "2", stdout=out
    )
    assert out.getvalue() == (
        "人数预测，截至 2025-10-31，共 1 个支部\n\n"
        "BR07 岩脚烟站党支部：将不足。正式党员 3 人，其中本部门 3 人\n"
        "  各月末正式党员：3 2\n"
        "  · 2025-11-30 起正式党员由 3 人变为 2 人（组织关系转出 1 人），不足 3 人，请提前商定调整办法。"
        f"（{FOUR}）\n"
    )


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--as-of", "31.10.2025"], "没有认出日期“31.10.2025”，请写成“2026-11-22”这样的形式。"),
        (["--as-of", "1066-10-14"], "日期请填 1900 年至 2198 年之间的一天。"),
        (["--months", "37"], "月数请填 1 至 36 之间的整数。"),
        (["--months", "一年"], "月数请填 1 至 36 之间的整数。"),
        (["--months", "0"], "月数请填 1 至 36 之间的整数。"),
        (["--organisation", "BR99"], "没有编号为“BR99”的组织，请核对编号。"),
    ],
)
def test_what_cannot_be_answered_is_said(db: None, arguments: list[str], answer: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("branch_outlook", *arguments)
    assert str(refused.value) == answer
