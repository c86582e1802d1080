"""Findings of many branches together, beside the figures of the error bank."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from branches.models import Organisation
from errorbank.models import ErrorEntry
from errorbank.queries.board import (
    CategoryCount,
    RepeatedEntry,
    categories,
    findings_behind,
    repeat_shares,
    repeats,
)
from errorbank.queries.figures import lines_by_category, picture_of
from errorbank.rules import ErrorCategory
from errorbank.rules.figures import Share, Span
from periods.months import Month
from tests.factories.branches import make_organisation
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import ON, Scene

Counter = Callable[[int], AbstractContextManager[object]]
NOW = Span.of(Month.of(ON), on=ON)
MONTHS = NOW.months


@pytest.fixture
def entry(scene: Scene) -> ErrorEntry:
    """Found in March and again in June in the first branch, in October in the second; beside what counts
    nowhere: another branch's, one reported by the branch itself, one too long ago."""
    entry = make_entry("M001", problem="会议记录不全")
    make_finding(scene.first, entry=entry, on=date(2026, 3, 2))
    # It happened in May and was written down in June.
    make_finding(scene.first, entry=entry, on=date(2026, 6, 3), happened_on=date(2026, 5, 28))
    make_finding(scene.second, entry=entry, on=date(2026, 10, 5))
    make_finding(scene.first, entry=make_entry(category=ErrorCategory.DUES), on=date(2026, 7, 1))
    make_finding(scene.foreign_branch, entry=entry, on=date(2026, 10, 6))
    make_finding(scene.second, entry=entry, on=date(2026, 11, 2), self_reported=True)
    make_finding(scene.second, on=date(2025, 11, 30))
    return entry


def test_categories_in_the_order_of_the_bank(scene: Scene, entry: ErrorEntry) -> None:
    places = Organisation.objects.within(scene.general)
    found = categories(places, NOW)
    order = list(ErrorCategory)
    assert sorted(found, key=lambda row: order.index(ErrorCategory(row.category))) == found
    assert {row.category: row for row in found} == {
        "meetings": CategoryCount("meetings", ErrorCategory.MEETINGS.label, 3, 1, 2),
        "dues": CategoryCount("dues", ErrorCategory.DUES.label, 1, 0, 1),
    }


def test_what_comes_back_is_named_with_its_branches(scene: Scene, entry: ErrorEntry) -> None:
    places = Organisation.objects.within(scene.general)
    assert repeats(places, NOW) == [RepeatedEntry(entry.pk, "M001", "会议记录不全", 2, 3, 1)]
    assert repeats(places, Span.of(Month(2026, 4), on=ON)) == []


@pytest.mark.parametrize("month", MONTHS)
def test_every_month_says_what_the_figures_say(scene: Scene, entry: ErrorEntry, month: Month) -> None:
    places, span = Organisation.objects.within(scene.general), Span.of(month, on=ON)
    picture = picture_of(places, span)
    assert repeat_shares(places, MONTHS)[month] == picture.repeats
    assert {row.category: (row.found, row.repeated) for row in categories(places, span)} == {
        line.key: (len(line.picture.of("occurred")), len(line.picture.of("repeated")))
        for line in lines_by_category(picture)
        if line.picture.of("occurred")
    }
    listed = findings_behind(places, span), findings_behind(places, span, repeated=True)
    assert [found.count() for found in listed] == [picture.repeats.whole, picture.repeats.part]


def test_a_share_grows_with_what_is_written_down(scene: Scene, entry: ErrorEntry) -> None:
    shares = repeat_shares(Organisation.objects.within(scene.general), MONTHS)
    asked = [Month(2026, number) for number in (1, 5, 6, 11)]
    assert [shares[month] for month in asked] == [Share(0, 1), Share(0, 2), Share(1, 3), Share(1, 4)]
    assert repeat_shares(Organisation.objects.all(), []) == {}


@pytest.mark.parametrize("branches", [1, 3])
def test_one_statement_each(scene: Scene, branches: int, django_assert_num_queries: Counter) -> None:
    entry = make_entry()
    for _ in range(branches):
        branch = make_organisation(parent=scene.general)
        for day in (date(2026, 9, 1), date(2026, 10, 1)):
            make_finding(branch, entry=entry, on=day)
    places = Organisation.objects.within(scene.general)
    with django_assert_num_queries(1):
        assert [row.places for row in categories(places, NOW)] == [branches]
    with django_assert_num_queries(1):
        assert [(row.branches, row.times) for row in repeats(places, NOW)] == [(branches, 2 * branches)]
    with django_assert_num_queries(1):
        assert repeat_shares(places, MONTHS)[MONTHS[-1]] == Share(branches, 2 * branches)
