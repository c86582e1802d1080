"""The figures: what each counts, that a past month stays as it was, and that a number opens its list."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta

import pytest

from branches.rules import Role
from errorbank.actions.findings import accept_finding, reassign_finding, return_finding, submit_finding
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.models import Finding, FindingStep
from errorbank.queries.figures import chosen_cases, lines_by_branch, picture_of
from errorbank.rules import FindingState, Severity, StepKind
from errorbank.rules.figures import FIGURES, PILES, Case, Share, Span, state_by
from periods.months import Month
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_closed, make_entry, make_finding
from tests.reminders.scene import ON, Scene

URL, LIST = "/w/errors/figures/", "/w/errors/figures/list/"
NOW = Span.of(Month.of(ON), on=ON)
Counter = Callable[[int], AbstractContextManager[object]]


def count(scene: Scene, figure: str, span: Span = NOW) -> int:
    return len(picture_of([scene.first, scene.second], span).of(figure))


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "暂无"), (1, 4, "4 个中 1 个"), (0, 5, "0%（0/5）"), (2, 3, "3 个中 2 个"), (4, 6, "67%（4/6）")],
)
def test_small_numbers_are_counts(part: int, whole: int, words: str) -> None:
    assert Share(part, whole).words == words


def test_states_follow_the_steps() -> None:
    steps = [StepKind.STARTED, StepKind.SUBMITTED, StepKind.REASSIGNED, StepKind.RETURNED]
    assert [state_by(steps[:n]) for n in range(5)] == [
        FindingState.OPEN,
        FindingState.RECTIFYING,
        FindingState.SUBMITTED,
        FindingState.SUBMITTED,
        FindingState.RECTIFYING,
    ]


def test_a_month_ends_on_its_last_day_or_today() -> None:
    assert Span.of(Month(2028, 2), on=date(2028, 3, 9)).day == date(2028, 2, 29)
    assert (NOW.day, NOW.window, len(NOW.months), NOW.months[-1]) == (
        ON,
        Month(2025, 12),
        12,
        Month(2026, 11),
    )


def test_closed_in_a_month_counts_by_the_closing_day(scene: Scene) -> None:
    old = make_finding(scene.first, on=date(2025, 6, 2))
    submit_finding(old, text="已补办", by=scene.worker, on=date(2026, 3, 1))
    from_before = picture_of([scene.first], Span.of(Month(2026, 2), on=ON))
    make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 3, 31))
    march, april = (Span.of(Month(2026, n), on=ON) for n in (3, 4))
    assert (count(scene, "closed", march), count(scene, "closed", april)) == (1, 0)
    assert [case.state for case in from_before.cases] == [FindingState.OPEN]


def test_a_past_month_does_not_change_by_what_comes_later(scene: Scene) -> None:
    entry = make_entry(severity=Severity.SERIOUS)
    fixed = make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 8, 3), entry=entry)
    waits = make_finding(scene.second, on=date(2026, 8, 10))
    submit_finding(waits, text="已补办", by=None, on=date(2026, 8, 20))
    span = Span.of(Month(2026, 8), on=ON)

    def numbers() -> list[int]:
        picture = picture_of([scene.first, scene.second], span)
        return [len(picture.of(name)) for name in FIGURES] + [len(picture.checks), picture.repeats.part]

    before = numbers()
    fail_recheck(fixed.rechecks.get(), result="又出现了", by=scene.staff, on=date(2026, 9, 4))
    return_finding(waits, reason="没有写结果", by=scene.staff, on=date(2026, 9, 5))
    assert numbers() == before
    assert before[: len(FIGURES)] == [1, 0, 1, 2, 2, 0, 1]


def test_overdue_put_off_and_submitted_stand_apart(scene: Scene) -> None:
    late = make_finding(scene.first, on=date(2026, 10, 1))
    put_off = make_finding(scene.first, on=date(2026, 10, 1))
    accept_finding(
        put_off, owner=scene.general, until=date(2027, 1, 1), reason="暂无条件", by=scene.staff, on=ON
    )
    sent = make_finding(scene.first, on=date(2026, 10, 1))
    submit_finding(sent, text="已补办", by=scene.worker, on=ON)
    picture = picture_of([scene.first], NOW)
    assert [case.pk for case in picture.of("overdue")] == [late.pk]
    piles = {pile.key: [c.pk for c in picture.cases if pile.holds(c, NOW)] for pile in PILES}
    assert {key: pks for key, pks in piles.items() if pks} == {
        "late": [late.pk],
        "accepted": [put_off.pk],
        "submitted": [sent.pk],
    }


def test_a_deadline_that_was_moved_later_leaves_past_months_as_they_were(scene: Scene) -> None:
    made = make_finding(scene.first, on=date(2026, 8, 3), deadline_on=date(2026, 8, 20))
    reassign_finding(
        made, post=None, deadline_on=date(2026, 10, 20), reason="等批复", by=scene.staff, on=date(2026, 9, 2)
    )
    submit_finding(made, text="已补办", by=scene.worker, on=date(2026, 9, 8))
    again = date(2026, 11, 10)
    return_finding(made, reason="没有写结果", by=scene.staff, on=date(2026, 9, 9), deadline_on=again)
    by_month = {n: count(scene, "overdue", Span.of(Month(2026, n), on=ON)) for n in range(8, 12)}
    assert by_month == {8: 1, 9: 0, 10: 0, 11: 1}
    FindingStep.objects.update(deadline_on=None)  # nothing known: the deadline of today
    assert count(scene, "overdue", Span.of(Month(2026, 8), on=ON)) == 0


def test_self_reported_ones_never_count(scene: Scene) -> None:
    make_finding(scene.first, self_reported=True, on=date(2026, 9, 1))
    picture = picture_of([scene.first], NOW)
    assert ([len(picture.of(name)) for name in FIGURES], len(picture.own)) == ([0] * len(FIGURES), 1)


def test_repeats_count_by_the_day_they_happened(scene: Scene) -> None:
    entry = make_entry()
    make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 8, 3), entry=entry)
    make_finding(scene.first, entry=entry, on=date(2026, 10, 8), happened_on=date(2026, 9, 20))
    october, september = (Span.of(Month(2026, n), on=ON) for n in (10, 9))
    assert picture_of([scene.first], october).repeats == Share(1, 2)
    assert picture_of([scene.first], september).repeats == Share(0, 1)


def test_pass_share_and_median_days(scene: Scene) -> None:
    made = [
        make_closed(
            scene.first,
            fixer=scene.worker,
            closer=scene.staff,
            on=date(2026, 9, day),
            severity=Severity.SERIOUS,
        )
        for day in (1, 2)
    ]
    pass_recheck(made[0].rechecks.get(), result="仍符合要求", by=scene.staff, on=date(2026, 10, 5))
    fail_recheck(made[1].rechecks.get(), result="又出现了", by=scene.staff, on=date(2026, 10, 6))
    Finding.objects.filter(pk=made[0].pk).update(found_on=date(2026, 8, 22))
    picture = picture_of([scene.first], NOW)
    assert (picture.passes, picture.days) == (Share(1, 2), 5)


def test_branches_stand_in_tree_order_never_by_number(scene: Scene) -> None:
    for _ in range(3):
        make_finding(scene.second)
    lines = lines_by_branch(picture_of([scene.first, scene.second], NOW), [scene.first, scene.second], on=ON)
    assert [(line.name, line.opened) for line in lines] == [(scene.first.name, 0), (scene.second.name, 3)]


def test_every_number_opens_its_list(scene: Scene) -> None:
    entry = make_entry()
    make_closed(scene.first, fixer=scene.worker, closer=scene.staff, on=date(2026, 8, 3), entry=entry)
    make_finding(scene.first, entry=entry, on=date(2026, 10, 8))
    make_finding(scene.second, on=date(2026, 11, 2))
    make_finding(scene.second, self_reported=True)
    make_finding(scene.foreign_branch)
    client = signed_in(scene.staff)
    page = client.get(URL).content.decode()
    links = re.findall(r'href="([^"]*figures/list/\?[^"]*)"[^>]*>(\d+)<', page)
    assert len(links) > 8
    for url, number in links:
        answer = client.get(url.replace("&amp;", "&"))
        assert (url, answer.context["page"].paginator.count) == (url, int(number))


def test_a_branch_sees_its_own_figures_and_no_other(scene: Scene) -> None:
    make_finding(scene.first, problem="本支部的问题")
    make_finding(scene.second, problem="别的支部的问题")
    client = signed_in(scene.worker)
    page = client.get(URL).content.decode()
    assert (scene.first.name in page, scene.second.name in page, "各支部</h2>" in page) == (
        True,
        False,
        False,
    )
    listed = client.get(f"{LIST}?figure=open").content.decode()
    assert ("本支部的问题" in listed, "别的支部的问题" in listed) == (True, False)
    assert client.get(f"{URL}?organisation={scene.second.code}").status_code == 404
    assert client.get(f"{LIST}?figure=open&organisation={scene.second.code}").status_code == 404


@pytest.mark.parametrize("query", ["month=2026-13", "month=2026-12", "month=1999-12", "organisation=XX"])
def test_what_cannot_be_asked(scene: Scene, query: str) -> None:
    assert signed_in(scene.staff).get(f"{URL}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["", "figure=nothing", "figure=open&category=nothing"])
def test_no_such_list(scene: Scene, query: str) -> None:
    assert signed_in(scene.staff).get(f"{LIST}?{query}").status_code == 404


@pytest.mark.parametrize("url", [URL, f"{LIST}?figure=open"])
def test_refused_and_wrong_method(scene: Scene, url: str) -> None:
    assert signed_in(scene.staff).post(url).status_code == 405
    assert signed_in(make_holder(scene.first, Role.ADMINISTRATOR)).get(url).status_code == 403


@pytest.mark.parametrize("findings", [1, 3])
@pytest.mark.parametrize(("url", "statements"), [(URL, 10), (f"{LIST}?figure=open", 12)])
def test_statements_do_not_grow(
    scene: Scene, django_assert_num_queries: Counter, findings: int, url: str, statements: int
) -> None:
    for n in range(findings):
        make_finding(scene.first, on=date(2026, 10, 1) + timedelta(days=n))
    client = signed_in(scene.staff)
    with django_assert_num_queries(statements):
        client.get(url)


def test_no_row_is_read_once_a_branch_or_once_a_number(scene: Scene) -> None:
    """The rows of all branches are dealt out in one go, and a figure is looked for once."""
    for place in (scene.first, scene.first, scene.second):
        make_finding(place)
    looked: list[int] = []

    class Watched(list[Case]):
        def __iter__(self) -> Iterator[Case]:
            looked.append(len(self))
            return super().__iter__()

    picture = replace(picture_of([scene.first, scene.second], NOW), cases=Watched())
    picture.cases.extend(picture_of([scene.first, scene.second], NOW).cases)
    assert [
        len(line.picture.cases) for line in lines_by_branch(picture, [scene.first, scene.second], on=ON)
    ] == [2, 1]
    assert (len(picture.of("open")), len(picture.of("open"))) == (3, 3)
    assert looked == [3, 3]


def test_unknown_category_has_no_list() -> None:
    assert chosen_cases(picture_of([], NOW), "open", "meetings") == []


def test_every_number_stands_in_its_drawing(scene: Scene) -> None:
    for n in range(3):
        make_finding(scene.first, on=date(2026, 10, 1 + n))
    page = signed_in(scene.staff).get(URL)
    drawn = {
        name: re.findall(r"<title>([^<]*个)</title>", str(page.context[name]))
        for name in ("bar_chart", "trend_chart")
    }
    assert drawn["bar_chart"] == ["三会一课 已逾期 3 个"]
    assert (len(drawn["trend_chart"]), drawn["trend_chart"][-4]) == (24, "2026 年 10 月发现 3 个")
