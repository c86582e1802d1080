"""Weeks, sections and words of the digest."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periods.labels import week_bounds
from reminders.digest_rules import (
    Matter,
    Section,
    below_words,
    heading,
    horizon,
    matter_words,
    section_of,
    summary,
    week_key,
)

ON = date(2026, 11, 18)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("due", "section"),
    [
        (date(2026, 11, 17), Section.OVERDUE),
        (ON, Section.TODAY),
        (date(2026, 11, 19), Section.WEEK),
        (date(2026, 11, 22), Section.WEEK),
        (date(2026, 11, 23), Section.LATER),
    ],
)
def test_sections(due: date, section: Section) -> None:
    assert section_of(due, ON) == section


@given(on=DAYS, ahead=st.integers(-400, 400))
def test_every_day_up_to_the_horizon_has_its_section(on: date, ahead: int) -> None:
    due = on + timedelta(days=ahead)
    sunday = week_bounds(on)[1]
    expected = (
        Section.OVERDUE
        if due < on
        else Section.TODAY
        if due == on
        else Section.WEEK
        if due <= sunday
        else Section.LATER
    )
    assert section_of(due, on) == expected
    beyond = due > sunday + timedelta(days=14)
    assert (heading(Matter("主题党日", due), on) == "以后") == beyond
    assert horizon(on).weekday() == 6


@given(on=DAYS)
def test_a_week_has_one_key_and_the_next_another(on: date) -> None:
    monday = week_bounds(on)[0]
    keys = {week_key(monday + timedelta(days=n)) for n in range(7)}
    assert keys == {week_key(on)}
    assert week_key(monday + timedelta(days=7)) != week_key(on)
    assert week_key(on) == f"{monday + timedelta(days=3):%G-W%V}"


@pytest.mark.parametrize(
    ("matter", "words"),
    [
        (Matter("党课", ON), "【今天到期】党课（11 月 18 日 周三截止）"),
        (Matter("党课", date(2028, 2, 29)), "【以后】党课（2028 年 2 月 29 日 周二截止）"),
        (
            Matter("党课", date(2026, 11, 17), returned=True),
            "【退回 · 已逾期 1 天】党课（11 月 17 日 周二截止）",
        ),
        (Matter("政审", ON, advised=True), "【建议今天办理】政审（建议 11 月 18 日 周三前办理）"),
        (Matter("党课", ON, place="第一党支部"), "【今天到期】第一党支部：党课（11 月 18 日 周三截止）"),
    ],
)
def test_words(matter: Matter, words: str) -> None:
    assert matter_words(matter, ON) == words


def test_the_summary_counts_what_there_is() -> None:
    days = (date(2026, 11, 2), date(2026, 11, 3), ON, date(2026, 11, 30))
    assert summary([Matter("党课", day) for day in days], ON) == "已逾期 2 项，今天到期 1 项，今后两周 1 项。"
    assert summary([], ON) == ""
    assert below_words(3, 5) == "3 个支部有 5 项逾期"
