"""Figures of finished years, frozen; quoted words; the wall."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from burden.box.figures import count, freeze_before
from burden.box.marks import Answered
from burden.box.phrases import phrases
from burden.box.quotes import shared_runs
from burden.models import BoxAnswer, BoxFigure, BoxTally, FigureTable
from burden.queries.box_wall import answers, figures
from burden.rules.suppression import published


def answered(category: str, outcome: str, number: int) -> list[Answered]:
    return [Answered(category, outcome)] * number


@pytest.mark.django_db
def test_a_year_is_shown_when_it_is_over_in_groups_of_five_and_more() -> None:
    count(2025, answered("multi_form_filling", "adopted", 8) + answered("urgent_deadlines", "explained", 3))
    count(2025, answered("urgent_deadlines", "referred", 4) + answered("excessive_trace", "explained", 2))
    freeze_before(2025)
    assert (figures(), BoxTally.objects.count()) == ([], 1)
    freeze_before(2026)
    category, outcome = figures()
    assert (category.year, category.title) == (2025, "按类别")
    assert [row.about for row in category.lines] == [10, 10]
    assert [(row.label, row.about) for row in outcome.lines] == [("已采纳", 10), ("已解释、已转办", 10)]
    assert BoxTally.objects.count() == 0


@pytest.mark.django_db
def test_a_frozen_year_never_changes_and_a_small_one_shows_nothing() -> None:
    count(2024, answered("multi_form_filling", "adopted", 4))
    count(2025, answered("multi_form_filling", "adopted", 12))
    freeze_before(2026)
    before = list(BoxFigure.objects.order_by("name").values())
    freeze_before(2026), freeze_before(2027)
    assert list(BoxFigure.objects.order_by("name").values()) == before
    assert {row["year"] for row in before} == {2025}


@pytest.mark.django_db
def test_every_shown_group_comes_from_the_rules_of_small_numbers() -> None:
    cells = {"adopted": 7, "explained": 11, "referred": 2}
    count(2025, [one for outcome, n in cells.items() for one in answered("other", outcome, n)])
    freeze_before(2026)
    shown = BoxFigure.objects.filter(table=FigureTable.OUTCOME).order_by("position")
    groups = [(tuple(row.keys), row.about) for row in shown]
    assert groups == [tuple(group) for group in published(cells, ordered=False)]


@pytest.mark.django_db
def test_the_row_of_a_running_year_has_one_size_and_says_nothing() -> None:
    count(2026, [])
    empty = bytes(BoxTally.objects.get().sealed)
    count(2026, answered("multi_form_filling", "adopted", 30))
    full = bytes(BoxTally.objects.get().sealed)
    assert len(empty) == len(full)
    assert b"adopted" not in full


@pytest.mark.django_db
def test_a_year_frozen_by_a_clock_that_was_ahead_stays_as_published() -> None:
    count(2025, answered("multi_form_filling", "adopted", 12))
    freeze_before(2026)
    before = list(BoxFigure.objects.order_by("name").values())
    count(2025, answered("multi_form_filling", "adopted", 7))
    freeze_before(2026)
    assert (list(BoxFigure.objects.order_by("name").values()), BoxTally.objects.count()) == (before, 0)


@pytest.mark.django_db
def test_no_figure_under_five_and_no_answer_of_a_day_can_be_stored() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        BoxFigure.objects.create(name="x", year=2025, table="outcome", position=0, keys=[], about=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        BoxAnswer.objects.create(month=date(2026, 11, 2), category="other", outcome="adopted", words="好")


@pytest.mark.django_db
def test_the_wall_is_by_month_and_kind() -> None:
    for month, kind, words in (
        (10, "other", "丙"),
        (11, "urgent_deadlines", "乙"),
        (11, "excessive_trace", "甲"),
    ):
        BoxAnswer.objects.create(month=date(2026, month, 1), category=kind, outcome="adopted", words=words)
    assert [one.words for one in answers()] == ["甲", "乙", "丙"]
    assert [one.words for one in answers(2025)] == []


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("同类检查今后合并。", ()),
        ("表格在四个平台各填一遍，今后合并。", ("在四个平台各填一遍",)),
        ("四个平台各填一遍同样的，表格", ("四个平台各填一遍同样的表格",)),
        ("各填一遍同样的", ()),
        ("", ()),
    ],
)
def test_a_shared_run_of_eight_is_found(words: str, runs: tuple[str, ...]) -> None:
    assert shared_runs("每周三要在四个平台各填一遍同样的表格，请合并成一张。", words) == runs


def test_phrases_are_for_every_outcome_and_say_nothing_of_the_writer() -> None:
    assert [len(said) > 1 for said in phrases().values()] == [True, True, True]
    assert [words for said in phrases().values() for words in said if "您" in words or "你" in words] == []
