"""Where a measure stands, the shipped template, and the drawing."""

from datetime import date
from decimal import Decimal

import pytest

from burden.actions.measure_document import numeral
from burden.charts import Trend, trend_chart
from burden.rules.measures import Goal, missing_period, moved_deadline, rose, standing_of
from burden.rules.measures_template import template_measures
from burden.rules.measures_vocabulary import Cadence, Direction, ItemKind, MeasureStatus, Origin
from burden.rules.schemes import share_of
from periods.months import Month

MET, UNDER_WAY, MISSED, EMPTY = (
    MeasureStatus.MET,
    MeasureStatus.UNDER_WAY,
    MeasureStatus.MISSED,
    MeasureStatus.EMPTY,
)


def goal(
    cadence: Cadence = Cadence.MONTHLY,
    direction: Direction = Direction.AT_MOST,
    deadline: date = date(2026, 12, 31),
) -> Goal:
    return Goal(2026, direction, Decimal(30), deadline, cadence)


def points(**months: int) -> dict[Month, Decimal]:
    """m10=30 is October."""
    return {Month(2026, int(name[1:])): Decimal(value) for name, value in months.items()}


@pytest.mark.parametrize(
    ("aim", "said", "on", "status"),
    [
        (goal(), points(m10=30), date(2026, 11, 18), MET),
        (goal(), points(m10=31), date(2026, 11, 18), UNDER_WAY),
        (goal(direction=Direction.AT_LEAST), points(m10=30), date(2026, 11, 18), MET),
        (goal(direction=Direction.AT_LEAST), points(m10=29), date(2026, 11, 18), UNDER_WAY),
        # The last day of the deadline still counts.
        (goal(deadline=date(2026, 11, 18)), points(m10=31), date(2026, 11, 18), UNDER_WAY),
        (goal(deadline=date(2026, 11, 17)), points(m10=31), date(2026, 11, 18), MISSED),
        # October may be entered until the tenth of November.
        (goal(), points(m9=30), date(2026, 11, 10), MET),
        (goal(), points(m9=30), date(2026, 11, 11), EMPTY),
        (goal(), points(), date(2026, 2, 10), UNDER_WAY),
        (goal(), points(), date(2026, 2, 11), EMPTY),
        # A value of the running month does for the period before it only where that is the same period.
        (goal(Cadence.QUARTERLY), points(m7=30), date(2026, 11, 18), MET),
        (goal(Cadence.QUARTERLY), points(m6=30), date(2026, 11, 18), EMPTY),
        (goal(Cadence.HALF_YEARLY), points(m6=30), date(2026, 11, 18), MET),
        (goal(Cadence.YEARLY), points(), date(2027, 1, 10), UNDER_WAY),
        (goal(Cadence.YEARLY), points(), date(2027, 1, 11), EMPTY),
        (goal(), {Month(2025, 12): Decimal(1)}, date(2026, 1, 20), UNDER_WAY),
        # What is not yet is not looked at.
        (goal(), points(m10=31, m12=1), date(2026, 11, 18), UNDER_WAY),
    ],
)
def test_the_state_follows_target_deadline_and_cadence(
    aim: Goal, said: dict[Month, Decimal], on: date, status: MeasureStatus
) -> None:
    assert standing_of(aim, said, on=on).status == status


def test_what_is_missing_is_named() -> None:
    assert missing_period(goal(), set(), on=date(2026, 11, 18)) == "10 月"
    assert missing_period(goal(Cadence.QUARTERLY), set(), on=date(2026, 11, 18)) == "三季度"
    assert missing_period(goal(Cadence.HALF_YEARLY), set(), on=date(2026, 11, 18)) == "上半年"
    assert missing_period(goal(Cadence.YEARLY), set(), on=date(2027, 2, 1)) == "全年"


def test_the_template_holds_twenty_measures_and_one_figure_of_the_case() -> None:
    measures = template_measures()
    assert len({measure.code for measure in measures}) == len(measures) == 20
    first = measures[0]
    assert (first.code, first.baseline, first.target, first.unit) == (
        "ledger_weight_30",
        Decimal(60),
        Decimal(30),
        "%",
    )
    assert sum(measure.origin == Origin.CASE for measure in measures) == 13
    assert {measure.adopted for measure in measures if measure.origin == Origin.PROPOSAL} == {False}
    assert all(measure.basis and measure.formula and measure.doing for measure in measures)
    assert first.columns(2028)["deadline"] == date(2028, 12, 31)


def test_words_of_change_and_numbers() -> None:
    assert rose(Decimal(60), Decimal("30.00"), "%") == "降了 30 个百分点"
    assert rose(Decimal(0), Decimal("4.50"), "小时") == "升了 4.5 小时"
    assert rose(Decimal(3), Decimal("3.00"), "次") == "没有变化"
    assert moved_deadline(date(2024, 2, 29), 2025) == date(2025, 2, 28)
    assert [numeral(n) for n in (1, 10, 12, 20, 21)] == ["一", "十", "十二", "二十", "二十一"]


def test_the_share_of_traces_counts_points_and_items() -> None:
    share = share_of(
        [(Decimal(40), ItemKind.TRACE), (Decimal(20), ItemKind.TRACE), (Decimal(30), ItemKind.RESULT)]
    )
    assert (share.of_points, share.of_items) == (Decimal("66.7"), Decimal("66.7"))
    assert (share.above(Decimal(66)), share.above(Decimal("66.7")), share.above(None)) == (True, False, False)
    assert share_of([]).of_points == 0


def test_the_drawing_says_every_value_and_the_target() -> None:
    drawn = Trend("占比", "%", points(m9=36, m10=30), Decimal(30), "不高于 30%", Decimal(60))
    svg = trend_chart(drawn, title="走势", uid="x")
    assert "2026 年 9 月 36%、2026 年 10 月 30%。目标不高于 30%。" in svg
    assert "灰线：起点 60%" in svg
    assert svg.count("<circle") == 2


def test_of_many_months_the_latest_are_drawn_and_one_point_is_enough() -> None:
    long = {Month(2023, 1).plus(n): Decimal(n) for n in range(40)}
    drawn = Trend("次数", "次", long, Decimal(0), "不高于 0 次")
    assert trend_chart(drawn, title="走势", uid="x").count("<circle") == 24
    single = Trend("次数", "次", points(m1=0), Decimal(0), "不高于 0 次")
    assert trend_chart(single, title="走势", uid="x").count("<circle") == 1
