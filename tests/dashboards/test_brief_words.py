"""The sentences of a brief, case by case; and that figures survive being stored."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dashboards.brief_charts import drawings_of
from dashboards.brief_tables import tables_of
from dashboards.rules.brief_facts import (
    Asker,
    Coming,
    Counted,
    Facts,
    IndexPart,
    MonthFacts,
    read_facts,
    stored,
)
from dashboards.rules.brief_words import BriefSection, changes_between, heading, sentences_of, title_of
from periods.months import Month

MONTHS = [Month(2025, 11).plus(n) for n in range(12)]


def month(now: dict[str, Any], before: dict[str, Any] | None = None) -> tuple[MonthFacts, ...]:
    """Twelve months that end with October 2026, the last two filled."""
    filled = {MONTHS[-1]: now, MONTHS[-2]: before or {}}
    return tuple(MonthFacts(str(m), **filled.get(m, {})) for m in MONTHS)


def facts(**given: Any) -> Facts:
    fields: dict[str, Any] = {
        "place": "第一党总支",
        "month": "2026-10",
        "day": "2026-11-02",
        "branches": 3,
        "target": 90,
        "budget": 480,
        "months": month({}),
    }
    return Facts(**{**fields, **given})


FULL = {"asked": 12, "due": 12, "on_time": 11, "done_late": 1, "open": 0, "rate": 91}
BUSY = facts(
    months=month({**FULL, "index": 72}, {**FULL, "rate": 88, "index": 70}),
    late=(Counted("党费公示", 4), Counted("党员大会", 2), Counted("党课", 1), Counted("主题党日", 1)),
    soon=(Counted("支部委员会会议", 3),),
    problems_new=2,
    problems_closed=1,
    problems_open=5,
    problems_late=1,
    categories=(Counted("要素缺失", 6, 2), Counted("时间不符", 2)),
    repeats=(Counted("会议记录不完整", 3),),
    asked=12,
    minutes=1500,
    over=1,
    askers=(Asker("中央规定动作", 8, 1200, 80), Asker("专项工作", 4, 300, 20)),
    index_parts=(IndexPart("提前办结", "早 3 天", "30"),),
    coming=(Coming("主题党日", 3, "2026-11-13", "2026-11-13"), Coming("党课", 3, "2026-11-20", "2026-11-27")),
)


def lines(given: Facts, section: BriefSection) -> list[str]:
    return sentences_of(given)[section.value].split("\n")


def test_a_full_month_is_said_beside_the_month_before_and_the_target() -> None:
    assert lines(BUSY, BriefSection.WHOLE) == [
        "10 月，第一党总支及所属 3 个党支部应办事项 12 项，按时办结 11 项，逾期办结 1 项，尚未办结 0 项。",
        "按时完成率 91%，比上月提高 3 个百分点，高于目标（90%）1 个百分点。",
        "主动性指数 72，比上月上升 2。",
    ]
    assert lines(BUSY, BriefSection.DATES) == [
        "截至 11 月 2 日，逾期尚未办结的事项 8 项，其中党费公示 4 项，党员大会 2 项，党课 1 项。",
        "此后 14 天内到期的事项 3 项，为支部委员会会议 3 项。",
    ]
    assert lines(BUSY, BriefSection.PROBLEMS) == [
        "10 月登记问题 2 个，整改销号 1 个。",
        "月末未了结的问题 5 个，其中超过整改期限 1 个。",
        "近 12 个月发生问题 8 个，为要素缺失 6 个，时间不符 2 个。",
        "其中再次出现 2 个，占 25%；出现两次以上的有“会议记录不完整”3 次。",
    ]
    assert lines(BUSY, BriefSection.LOAD) == [
        "10 月要求党支部办理事项 12 项，预计用时 1500 分钟（约 25 小时），平均每个党支部 500 分钟，"
        "额度为 480 分钟。",
        "3 个党支部中有 1 个超过额度。",
        "按要求的来源分：中央规定动作 1200 分钟（占 80%）、专项工作 300 分钟（占 20%）。",
    ]
    assert lines(BUSY, BriefSection.NEXT) == [
        "11 月到期的事项有 2 类、6 项，请提前安排。",
        "按到期先后：主题党日，11 月 13 日前完成；党课，11 月 20 日至 27 日分别到期。",
    ]


def test_a_month_of_nothing_is_said_well() -> None:
    assert {key: text.split("\n") for key, text in sentences_of(facts()).items()} == {
        "whole": ["10 月没有要求办理的事项。"],
        "dates": [
            "本月没有逾期事项；截至 11 月 2 日，以前月份的事项也没有逾期未办的。",
            "此后 14 天内没有到期的事项。",
        ],
        "problems": [
            "10 月没有新登记的问题，也没有销号的问题。",
            "月末没有未了结的问题。",
            "近 12 个月没有发生问题。",
        ],
        "load": ["10 月没有要求党支部办理的事项。"],
        "next": ["目前没有 11 月到期的事项。"],
    }
    assert drawings_of(facts()) == {}
    assert list(tables_of(facts()).values()) == [[]] * 5


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (91, None, "按时完成率 91%，上月没有可比的数据，高于目标（90%）1 个百分点。"),
        (90, 90, "按时完成率 90%，与上月持平，达到目标（90%）。"),
        (0, 100, "按时完成率 0%，比上月下降 100 个百分点，低于目标（90%）90 个百分点。"),
        (100, 99, "按时完成率 100%，比上月提高 1 个百分点，高于目标（90%）10 个百分点。"),
    ],
)
def test_the_rate_beside_the_month_before(now: int, before: int | None, said: str) -> None:
    given = facts(months=month({**FULL, "rate": now}, {**FULL, "rate": before}))
    assert lines(given, BriefSection.WHOLE)[1] == said


@pytest.mark.parametrize(
    ("branches", "now", "before", "said"),
    [
        (3, 70, None, ["主动性指数 70，上月没有可比的数据。"]),
        (3, 70, 70, ["主动性指数 70，与上月持平。"]),
        (3, 60, 70, ["主动性指数 60，比上月下降 10。"]),
        (3, None, 70, []),
        # Of fewer branches it would be a person's figure.
        (2, 70, 60, []),
        (1, 70, 60, []),
    ],
)
def test_the_index_stands_only_for_several_branches(
    branches: int, now: int | None, before: int | None, said: list[str]
) -> None:
    given = facts(branches=branches, months=month({**FULL, "index": now}, {**FULL, "index": before}))
    assert lines(given, BriefSection.WHOLE)[2:] == said


def test_one_branch_alone_is_said_as_one() -> None:
    given = facts(
        branches=1, months=month(FULL), asked=2, minutes=100, askers=(Asker("党总支", 2, 100, 100),)
    )
    assert lines(given, BriefSection.WHOLE)[0].startswith("10 月，第一党总支及所属 1 个党支部应办事项")
    assert lines(given, BriefSection.LOAD)[1] == "没有超过额度。"
    alone = facts(branches=0, months=month(FULL))
    assert lines(alone, BriefSection.WHOLE)[0].startswith("10 月，第一党总支应办事项 12 项")


@pytest.mark.parametrize(
    ("given", "section", "said"),
    [
        (
            {"months": month({**FULL, "done_late": 2})},
            BriefSection.DATES,
            "截至 11 月 2 日，没有逾期未办的事项。",
        ),
        (
            {"late": (Counted("党课", 1),)},
            BriefSection.DATES,
            "截至 11 月 2 日，逾期尚未办结的事项 1 项，为党课 1 项。",
        ),
        ({"problems_closed": 1}, BriefSection.PROBLEMS, "10 月登记问题 0 个，整改销号 1 个。"),
    ],
)
def test_some_of_it_is_nothing(given: dict[str, Any], section: BriefSection, said: str) -> None:
    assert lines(facts(**given), section)[0] == said


def test_problems_that_did_not_come_back() -> None:
    given = facts(problems_open=2, categories=(Counted("时间不符", 2),))
    assert lines(given, BriefSection.PROBLEMS)[1:] == [
        "月末未了结的问题 2 个，都在整改期限以内。",
        "近 12 个月发生问题 2 个，为时间不符 2 个。",
        "其中没有再次出现的问题。",
    ]


def test_names_with_marks_of_their_own_read_well() -> None:
    given = facts(
        problems_open=1,
        late=(Counted("其他事项", 5), Counted("确定发展对象（含公示）", 1), Counted("党课", 2)),
        categories=(Counted("三会一课", 1), Counted("主题党日、组织生活会", 3, 3)),
        repeats=(Counted("以“活动费”名义收取", 3),),
    )
    assert lines(given, BriefSection.DATES)[0].endswith(
        "8 项，为党课 2 项，确定发展对象（含公示）1 项，其他事项 5 项。"
    )
    assert lines(given, BriefSection.PROBLEMS)[1:] == [
        "月末未了结的问题 1 个，在整改期限以内。",
        "近 12 个月发生问题 4 个，为主题党日、组织生活会 3 个，三会一课 1 个。",
        "其中再次出现 3 个，占 75%；出现两次以上的有“以‘活动费’名义收取”3 次。",
    ]


def test_a_long_month_names_the_first_and_leaves_the_rest_to_the_table() -> None:
    coming = tuple(Coming(f"事项{n}", 1, "2026-11-30", "2026-11-30") for n in range(10))
    text = lines(facts(coming=coming), BriefSection.NEXT)[1]
    assert text.count("前完成") == 8
    assert text.endswith("；其余 2 类见附表。")
    assert len(tables_of(facts(coming=coming))["next"][0].rows) == 10


def test_what_is_stored_comes_back_the_same() -> None:
    kept = json.loads(json.dumps(stored(BUSY)))
    again = read_facts(kept)
    assert again == BUSY
    assert sentences_of(again) == sentences_of(BUSY)
    assert drawings_of(again) == drawings_of(BUSY)


def test_every_section_with_figures_is_drawn_and_has_its_table() -> None:
    assert sorted(drawings_of(BUSY)) == ["load", "problems", "whole"]
    assert {key: [table.title for table in tables] for key, tables in tables_of(BUSY).items()} == {
        "whole": ["近 12 个月完成情况", "主动性指数的三项"],
        "dates": ["截至 11 月 2 日逾期未办", "此后 14 天内到期"],
        "problems": ["近 12 个月各类问题", "出现两次以上的问题"],
        "load": ["本月要求的来源"],
        "next": ["下月到期的事项"],
    }


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (BUSY, []),
        (replace(BUSY, late=()), ["逾期未办的事项由 8 项变为 0 项"]),
        (replace(BUSY, minutes=1560), ["预计用时由 1500 分钟变为 1560 分钟"]),
        (replace(BUSY, months=month(FULL, FULL)), ["其他数据有变化"]),
        (
            replace(
                BUSY, months=month({**FULL, "rate": None, "index": 72}, {**FULL, "rate": 88, "index": 70})
            ),
            ["按时完成率由 91% 变为暂无"],
        ),
    ],
)
def test_what_changed_is_said(new: Facts, said: list[str]) -> None:
    assert changes_between(BUSY, new) == said


def test_headings_are_numbered() -> None:
    assert [heading(section)[:2] for section in BriefSection] == ["一、", "二、", "三、", "四、", "五、"]
    assert title_of(Month(2026, 10)) == "关于 2026 年 10 月党支部工作完成情况的通报"
