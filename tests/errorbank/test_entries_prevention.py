"""What an item and its record form say about errors: the branch's own first, nothing twice or foreign."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from errorbank.queries.prevention import prevention_for
from errorbank.rules import Severity
from records.models import Record
from tests.factories.branches import make_member
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import ON, Scene, central_action, make_item

Counter = Callable[[int], AbstractContextManager[object]]
CODE = "general_meeting"
LINKED: dict[str, Any] = {"action_codes": [CODE]}


def test_own_findings_come_first_then_serious_ones(scene: Scene) -> None:
    make_entry("E1", problem="一般的", **LINKED)
    make_entry("E2", problem="严重的", severity=Severity.SERIOUS, **LINKED)
    had = make_entry("E3", problem="本支部有过的", **LINKED)
    make_entry("E4", problem="别的事项的", action_codes=["party_lecture"])
    make_entry("E5", problem="外单位的", organisation=scene.foreign_branch, **LINKED)
    make_entry("E6", problem="二支部的", organisation=scene.second, **LINKED)
    make_finding(scene.first, entry=had, on=ON - timedelta(days=40))
    make_finding(scene.first, entry=had, on=ON - timedelta(days=10))
    rows = prevention_for(scene.first, CODE, on=ON)
    assert [(row.problem, row.seen_on) for row in rows] == [
        ("本支部有过的", ON - timedelta(days=10)),
        ("严重的", None),
        ("一般的", None),
    ]
    foreign = prevention_for(scene.foreign_branch, CODE, on=ON)
    assert [(row.problem, row.is_own) for row in foreign] == [
        ("严重的", False),
        ("一般的", False),
        ("本支部有过的", False),
        ("外单位的", False),
    ]


def test_what_the_page_says_already_is_left_out_but_never_an_own_one(scene: Scene) -> None:
    had = make_entry(problem="没有写票数", **LINKED)
    make_entry(problem="没有写人数", **LINKED)
    known = ["没有写票数。", "没有写人数"]
    assert prevention_for(scene.first, CODE, on=ON, known=known) == []
    make_finding(scene.first, entry=had, on=ON)
    assert [row.problem for row in prevention_for(scene.first, CODE, on=ON, known=known)] == ["没有写票数"]


@pytest.mark.parametrize("rows", [1, 3])
def test_two_statements(scene: Scene, rows: int, django_assert_num_queries: Counter) -> None:
    for _ in range(rows):
        make_finding(scene.first, entry=make_entry(**LINKED), on=ON)
    with django_assert_num_queries(2):
        assert len(prevention_for(scene.first, CODE, on=ON)) == rows


def test_long_ago_is_no_longer_held_before_anybody(scene: Scene) -> None:
    entry = make_entry(**LINKED)
    make_finding(scene.first, entry=entry, on=ON - timedelta(days=731))
    assert [row.seen_on for row in prevention_for(scene.first, CODE, on=ON)] == [None]


def test_the_item_shows_five_and_folds_the_rest(scene: Scene, client: Client) -> None:
    item = make_item(scene.first, central_action(CODE))
    for number in range(7):
        make_entry(problem=f"毛病{number}", measure=f"办法{number}", **LINKED)
    client.force_login(scene.worker)
    page = client.get(reverse("reminders:item_detail", args=[item.pk])).content.decode()
    block, _, folded = page.partition("另外 2 条")
    assert (block.count("毛病"), folded.count("毛病"), "办法0" in block) == (5, 2, True)


def test_the_record_form_asks_and_keeps_what_was_checked(scene: Scene, client: Client) -> None:
    mistakes = [{"mistake": "不写票数", "rectification": "补写"}]
    action = central_action(CODE, record_kind="meeting", common_mistakes=mistakes)
    item = make_item(scene.first, action)
    make_entry(problem="不写票数", **LINKED)
    had = make_entry(problem="没有签到", measure="当场签到", **LINKED)
    make_finding(scene.first, entry=had, on=ON)
    member = make_member(scene.first)
    client.force_login(scene.worker)
    url = reverse("reminders:item_close", args=[item.pk])
    answer = client.get(url)
    form = answer.context["form"]
    assert form.fields["checked"].choices == [("0", "没有签到"), ("1", "不写票数")]
    assert "整改：当场签到" in answer.content.decode()
    typed = {"held_on": ON.isoformat(), "topics": "学习", "checked": ["0"]}
    people = {"present": [str(o.pk) for o in form.options], "listed": [str(o.pk) for o in form.options]}
    client.post(url, {**typed, **people})
    assert (member.pk in [o.pk for o in form.options], Record.objects.get().checked) == (True, ["没有签到"])
