"""A policy is tried on past data, adopted from a day on, and never changed."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from branches.models import Organisation
from incentives.actions.policies import PolicyData, adopt_policy
from incentives.forms.policies import PolicyForm
from incentives.models import WeightPolicy
from incentives.queries.policies import policy_of
from incentives.queries.records import workers_of, year_records
from incentives.rules.policies import PolicyState, numbers_of, shipped
from tests.factories.branches import make_user
from tests.reminders.scene import ON, Scene, make_scene

PAGE, VERSIONS = reverse("incentives:policy_try"), reverse("incentives:policy_list")


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def typed(scene: Scene, **changes: str) -> dict[str, object]:
    form = PolicyForm(user=scene.staff, on=ON)
    shown = {name: field.initial for name, field in form.fields.items() if field.initial is not None}
    more = {"organisation": scene.general.pk, "year": "2026", "since": "2026-11-18", "note": "试行"}
    return {**shown, **more, **changes}


def test_the_form_starts_from_the_suggestion(scene: Scene) -> None:
    form = PolicyForm(typed(scene), user=scene.staff, on=ON)
    assert form.is_valid(), form.errors
    assert numbers_of(form.numbers) == numbers_of(shipped()["numbers"])


def test_a_trial_changes_nothing_and_says_whether_the_money_suffices(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    assert client.get(PAGE).status_code == 200
    tried = client.post(PAGE, typed(scene, base="700.00", budget="650"))
    found = tried.context["scenario"]
    assert (str(found.before), str(found.after), str(found.over)) == ("600.00", "700.00", "50.00")
    assert [old.worker.user for old, _ in found.rows] == [scene.worker]
    assert WeightPolicy.objects.count() == 0


def test_adopting_holds_from_its_day_and_once(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    data = typed(scene, base="700.00", adopt="yes")
    assert client.post(PAGE, data).headers["Location"] == reverse("incentives:record_list")
    assert str(policy_of(scene.first, on=ON).numbers.base) == "700.00"
    assert str(policy_of(scene.foreign_branch, on=ON).numbers.base) == "600.00"
    again = client.post(PAGE, data)
    assert (again.status_code, "已经有一版" in again.content.decode()) == (422, True)
    past = client.post(PAGE, {**data, "since": "2026-11-17"})
    assert (past.status_code, "不回头改" in past.content.decode()) == (422, True)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        WeightPolicy.objects.update(note="改")


def test_numbers_that_do_not_fit_come_back_with_a_reason(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    refused = client.post(PAGE, typed(scene, points_workload="很多"))
    assert (refused.status_code, "填成数字" in refused.content.decode()) == (422, True)
    share = client.post(PAGE, typed(scene, share_on_time="0.60", share_satisfaction="0.10"))
    assert (share.status_code, "看结果不少于看过程" in share.content.decode()) == (422, True)


def test_only_staff_of_the_place(scene: Scene, client: Client) -> None:
    for user in (scene.worker, scene.overseer):
        client.force_login(user)
        assert client.get(PAGE).status_code == 403
    client.force_login(scene.foreign_staff)
    assert client.post(PAGE, typed(scene)).status_code == 422
    assert client.delete(PAGE).status_code == 405


def adopted(scene: Scene, place: Organisation, note: str, day: date = ON) -> WeightPolicy:
    data = PolicyData(day, "激励办法", "第三条", note, shipped()["numbers"])
    return adopt_policy(place, data=data, by=scene.staff, on=ON)


def states(client: Client) -> list[tuple[str, str]]:
    return [(each.policy.note, each.state) for each in client.get(VERSIONS).context["versions"]]


def test_everybody_who_is_graded_reads_the_versions_that_hold_for_them(scene: Scene, client: Client) -> None:
    suggestion = shipped()["note"]
    client.force_login(scene.worker)
    assert states(client) == [(suggestion, PolicyState.IN_FORCE)]
    adopted(scene, scene.foreign_general, "外单位")
    adopted(scene, scene.general, "今天起")
    adopted(scene, scene.general, "明年起", date(2027, 1, 1))
    expected = [
        ("明年起", PolicyState.COMING),
        ("今天起", PolicyState.IN_FORCE),
        (suggestion, PolicyState.REPLACED),
    ]
    for user in (scene.worker, scene.staff):
        client.force_login(user)
        assert states(client) == expected
    client.force_login(make_user())
    assert client.get(VERSIONS).status_code == 403
    client.force_login(scene.staff)
    assert client.post(VERSIONS).status_code == 405


@pytest.mark.parametrize("more", [1, 3])
def test_the_versions_cost_the_same_however_many(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(more):
        adopted(scene, scene.general, f"第 {n} 版", date(2026, 12, n + 1))
    client.force_login(scene.worker)
    with django_assert_num_queries(8):
        assert len(client.get(VERSIONS).context["versions"]) == more + 1


def test_a_year_is_graded_by_what_was_known_on_its_first_day(scene: Scene) -> None:
    """The first own version counts at once, the next one from the next year; weights follow the day."""
    first = adopted(scene, scene.general, "第一版")
    second = adopted(scene, scene.general, "第二版", date(2027, 6, 1))
    graded = {}
    for year in (2026, 2027, 2028):
        on = date(year, 12, 31)
        found = year_records(workers_of([scene.first], year, on=on), year, on=on)
        graded[year] = [record.policy.row for record in found]
    assert graded == {2026: [first], 2027: [first], 2028: [second]}
    assert policy_of(scene.first, on=date(2027, 12, 31)).row == second
