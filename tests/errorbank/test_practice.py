"""This week's five: what comes when, that it is one's own, and that it can be forgotten."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEvent
from branches.rules import Role
from errorbank.actions.practice import PracticeRefused, forget_practice, rate_entry
from errorbank.models import ErrorEntry, PracticeCard
from errorbank.queries.practice import choices_for, week_of
from errorbank.rules import ErrorCategory, Severity
from errorbank.rules.practice import Remembered, reviewed
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import HOSTILE, ON, Scene, central_action, make_item

URL = "/w/errors/practice/"
GOOD, HARD, AGAIN = Remembered.GOOD, Remembered.HARD, Remembered.AGAIN
MONDAY = ON - timedelta(days=ON.weekday())
Counter = Callable[[int], AbstractContextManager[object]]


def codes(entries: list[ErrorEntry]) -> list[str]:
    return [entry.code for entry in entries]


def test_intervals_grow_while_it_is_remembered_and_start_again_when_forgotten() -> None:
    memory: dict[str, Any] = {}
    day, intervals = date(2028, 2, 29), []
    for _ in range(4):
        memory, due = reviewed(memory, GOOD, number=1, on=day)
        intervals.append((due - day).days)
        day = due
    assert intervals == sorted(set(intervals))
    _, due = reviewed(memory, AGAIN, number=1, on=day)
    assert (due - day).days < intervals[1] < intervals[3]


def test_a_vague_memory_comes_sooner_than_a_good_one_and_later_than_none() -> None:
    days = [reviewed({}, answer, number=1, on=ON)[1] for answer in (AGAIN, HARD, GOOD)]
    assert days == sorted(days)
    assert (days[0] > ON, days[0] < days[2]) == (True, True)


def test_five_a_week_and_five_others_next_week(scene: Scene) -> None:
    for _ in range(12):
        make_entry()
    seen = []
    for n in range(5, 0, -1):
        week = week_of(scene.worker, on=ON)
        assert (len(week.left), week.done) == (n, 5 - n)
        seen.append(week.left[0].pk)
        rate_entry(scene.worker, week.left[0], remembered=GOOD, on=ON)
    assert week_of(scene.worker, on=ON).left == []
    assert len(set(seen)) == 5
    other = ErrorEntry.objects.exclude(pk__in=seen)[0]
    with pytest.raises(PracticeRefused, match="本周五题已经练完"):
        rate_entry(scene.worker, other, remembered=GOOD, on=MONDAY + timedelta(days=6))
    later = week_of(scene.worker, on=MONDAY + timedelta(days=7))
    assert (later.done, len(later.left)) == (0, 5)
    assert [entry.pk in seen for entry in later.left] == [True, True, True, False, False]


def test_the_same_entry_counts_once_a_week(scene: Scene) -> None:
    entry = make_entry()
    card = rate_entry(scene.worker, entry, remembered=AGAIN, on=ON)
    with pytest.raises(PracticeRefused, match="本周已经练过"):
        rate_entry(scene.worker, entry, remembered=GOOD, on=ON)
    kept = PracticeCard.objects.get()
    assert (kept.memory, kept.due_on, kept.seen_on) == (card.memory, card.due_on, ON)


def test_own_findings_first_then_what_is_to_be_done_then_what_is_serious(scene: Scene) -> None:
    make_entry("P4")
    make_entry("P3", severity=Severity.SERIOUS)
    make_entry("P2", action_codes=["general_meeting"])
    mine, others = make_entry("P1"), make_entry("P5", severity=Severity.SERIOUS)
    make_finding(scene.first, entry=mine)
    make_finding(scene.second, entry=others)
    make_item(scene.first, central_action())
    found = codes(week_of(scene.worker, on=ON).left)
    assert (found[:2], set(found[2:4]), found[4]) == (["P1", "P2"], {"P3", "P5"}, "P4")


def test_foreign_and_retired_entries_never_come(scene: Scene) -> None:
    make_entry("MINE", organisation=scene.general)
    foreign = make_entry("FOREIGN", organisation=scene.foreign_general)
    retired = make_entry("RETIRED")
    ErrorEntry.objects.filter(pk=retired.pk).update(retired_at="2026-11-01T00:00Z")
    assert codes(week_of(scene.worker, on=ON).left) == ["MINE"]
    client = signed_in(scene.worker)
    for pk in (foreign.pk, retired.pk):
        assert client.get(f"{URL}{pk}/").status_code == 404
        assert client.post(f"{URL}{pk}/rate/", {"remembered": "good"}).status_code == 404


def test_choices_are_the_right_answer_among_two_of_the_same_category(scene: Scene) -> None:
    entry = make_entry(why_wrong="对的原因")
    make_entry(why_wrong="别类的原因", category=ErrorCategory.DUES)
    assert choices_for(entry, scene.worker, on=ON) == []
    for n in range(4):
        make_entry(why_wrong=f"别的原因{n}")
    found = [choice.why_wrong for choice in choices_for(entry, scene.worker, on=ON)]
    assert (len(found), found.count("对的原因"), "别类的原因" in found) == (3, 1, False)


def test_nobody_sees_anothers_practice(scene: Scene) -> None:
    entry = make_entry()
    rate_entry(scene.worker, entry, remembered=AGAIN, on=ON)
    assert codes(week_of(scene.staff, on=ON).left) == [entry.code]
    assert AuditEvent.objects.filter(event__contains="practi").count() == 0
    assert forget_practice(scene.staff) == 0
    assert PracticeCard.objects.get().user == scene.worker


def chosen(client: Client, entry: ErrorEntry, choice: str) -> str:
    """The page after a choice; its address says nothing of what was chosen."""
    answer = client.post(f"{URL}{entry.pk}/", {"choice": choice}, follow=True)
    assert answer.redirect_chain == [(f"{URL}{entry.pk}/", 302)]
    return answer.content.decode()


def test_what_was_chosen_is_kept_until_it_is_rated_and_belongs_to_one_entry(scene: Scene) -> None:
    entry, other = make_entry(), make_entry()
    client = signed_in(scene.worker)
    chosen(client, entry, str(entry.published_id))
    pages = [client.get(f"{URL}{one.pk}/").content.decode() for one in (entry, entry, other)]
    assert ["选对了" in page for page in pages] == [True, True, False]
    client.post(f"{URL}{entry.pk}/rate/", {"remembered": "good"})
    assert "选对了" not in client.get(f"{URL}{entry.pk}/").content.decode()
    assert "选对了" not in client.get(f"{URL}{entry.pk}/?choice={entry.published_id}").content.decode()


def test_the_whole_way_in_two_clicks_an_entry(scene: Scene) -> None:
    entry = make_entry(problem=f"问题{HOSTILE}", why_wrong="对的原因", right_example="这样做")
    for n in range(2):
        make_entry(why_wrong=f"别的原因{n}", organisation=scene.foreign_general)
    client = signed_in(scene.worker)
    page = client.get(URL).content.decode()
    assert ("哪里不对？" in page, HOSTILE in page, "对的原因" in page) == (True, False, False)
    right, wrong, plain = (chosen(client, entry, n) for n in (str(entry.published_id), "0", ""))
    assert ["选对了" in p for p in (right, wrong, plain)] == [True, False, False]
    assert ["再看一看" in p for p in (right, wrong, plain)] == [False, True, False]
    assert PracticeCard.objects.count() == 0
    answer = client.post(f"{URL}{entry.pk}/rate/", {"remembered": "hard"}, follow=True)
    assert (answer.redirect_chain, "本周五题已经练完" in answer.content.decode()) == ([(URL, 302)], True)
    assert PracticeCard.objects.get().entry == entry


def test_an_answer_nobody_knows_changes_nothing(scene: Scene) -> None:
    entry = make_entry()
    answer = signed_in(scene.worker).post(f"{URL}{entry.pk}/rate/", {"remembered": "easy"}, follow=True)
    assert "请在“记得、有点模糊、忘了”中选一个。" in answer.content.decode()
    assert PracticeCard.objects.count() == 0


def test_everything_can_be_forgotten(scene: Scene) -> None:
    entry = make_entry()
    for user in (scene.worker, scene.staff):
        rate_entry(user, entry, remembered=GOOD, on=ON)
    answer = signed_in(scene.worker).post(f"{URL}forget/", follow=True)
    assert "您的自测记录已全部删除。" in answer.content.decode()
    assert list(PracticeCard.objects.values_list("user", flat=True)) == [scene.staff.pk]


def test_refused_and_wrong_method(scene: Scene) -> None:
    entry = make_entry()
    without = signed_in(make_holder(scene.first, Role.ADMINISTRATOR))
    client = signed_in(scene.worker)
    assert [without.get(f"{URL}{path}").status_code for path in ("", f"{entry.pk}/")] == [403, 403]
    assert [without.post(f"{URL}{p}").status_code for p in ("forget/", f"{entry.pk}/rate/")] == [403, 403]
    assert [client.post(URL).status_code, client.put(f"{URL}{entry.pk}/").status_code] == [405, 405]
    assert [client.get(f"{URL}{p}").status_code for p in ("forget/", f"{entry.pk}/rate/")] == [405, 405]


@pytest.mark.parametrize("entries", [1, 3])
def test_statements_do_not_grow(scene: Scene, django_assert_num_queries: Counter, entries: int) -> None:
    for _ in range(entries):
        make_entry(action_codes=["general_meeting"])
    make_item(scene.first, central_action())
    client = signed_in(scene.worker)
    with django_assert_num_queries(12):
        client.get(URL)
