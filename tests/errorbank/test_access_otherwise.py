"""Who comes in by something else than a post of today: a rotation month, standing in, a post that ended."""

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.rules import GrantKind
from errorbank.models import Finding, Recheck
from errorbank.rules import RecheckState, Severity, Source
from tests.errorbank.test_finding_inspections import inspected
from tests.factories.branches import make_holder, make_post, make_user
from tests.factories.errorbank import make_closed, make_finding
from tests.reminders.scene import ON, Scene

ERRORS = "/w/errors/"
DAY = timedelta(days=1)


def granted(kind: GrantKind, place: Organisation, *, since: date = ON, until: date = ON + 30 * DAY) -> User:
    user = make_user()
    AccessGrant.objects.create(kind=kind, user=user, organisation=place, since=since, until=until, reason="x")
    return user


def status(user: User, address: str, **posted: object) -> int:
    client = Client()
    client.force_login(user)
    answer = client.post(f"{ERRORS}{address}", posted) if posted else client.get(f"{ERRORS}{address}")
    return answer.status_code


def problem(place: Organisation) -> dict[str, object]:
    return {
        "targets": [place.pk],
        "problem": "缺签到",
        "category": "meetings",
        "severity": "general",
        "happened_on": "2026-11-10",
    }


def test_a_rotation_inspector_writes_down_what_was_seen_there_and_nothing_else(scene: Scene) -> None:
    inspector = granted(GrantKind.ROTATION, scene.first)
    look = inspected(scene, source=Source.ROTATION)
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    elsewhere = make_finding(scene.second, by=scene.staff, on=ON)
    assert status(inspector, f"findings/{finding.pk}/") == 200
    assert status(inspector, f"findings/{elsewhere.pk}/") == 404
    for step in ("submit", "return", "close", "accept", "reassign"):
        assert status(inspector, f"findings/{finding.pk}/{step}/") == 403, step
    assert status(inspector, f"inspections/{look.pk}/record/", **problem(scene.second)) == 422
    assert status(inspector, f"inspections/{look.pk}/record/", **problem(scene.first)) == 302
    for address in ("inspections/add/", "rechecks/", "proposals/"):
        assert status(inspector, address) == 403, address
    assert Finding.objects.filter(organisation=scene.second).get() == elsewhere


def test_whoever_stands_in_mends_and_does_not_review(scene: Scene) -> None:
    deputy = granted(GrantKind.STAND_IN, scene.first)
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    elsewhere = make_finding(scene.second, by=scene.staff, on=ON)
    assert status(deputy, f"findings/{elsewhere.pk}/submit/", text="已补") == 404
    assert status(deputy, f"findings/{finding.pk}/submit/", text="已补") == 302
    for step in ("return", "close", "accept", "reassign"):
        assert status(deputy, f"findings/{finding.pk}/{step}/") == 403, step


@pytest.mark.parametrize("address", ["", "findings/", "findings/{pk}/", "findings/{pk}/submit/", "rechecks/"])
def test_a_post_or_grant_that_ended_opens_nothing(scene: Scene, address: str) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    Post.objects.filter(user=scene.worker).update(until=ON - DAY)
    gone = granted(GrantKind.STAND_IN, scene.first, since=ON - 9 * DAY, until=ON - DAY)
    soon = granted(GrantKind.STAND_IN, scene.first, since=ON + DAY)
    target = address.format(pk=finding.pk)
    assert [status(user, target) for user in (scene.worker, gone, soon)] == [403] * 3


def test_a_verifier_who_lost_the_post_answers_nothing(scene: Scene) -> None:
    neighbour = make_holder(scene.second)
    finding = make_closed(
        scene.first, fixer=scene.worker, closer=scene.staff, on=ON - 30 * DAY, severity=Severity.SERIOUS
    )
    recheck = Recheck.objects.waiting().get(finding=finding)
    Recheck.objects.filter(pk=recheck.pk).update(verifier=neighbour, verifier_name=neighbour.name)
    assert status(neighbour, f"rechecks/{recheck.pk}/") == 200
    Post.objects.filter(user=neighbour).update(until=ON - DAY)
    assert status(neighbour, f"rechecks/{recheck.pk}/", answer="pass", result="齐全") == 403
    make_post(scene.foreign_branch, user=neighbour)
    assert status(neighbour, f"rechecks/{recheck.pk}/", answer="pass", result="齐全") == 422
    recheck.refresh_from_db()
    assert recheck.state == RecheckState.WAITING


@pytest.mark.parametrize(
    "typed",
    [
        {"problem": "长" * 201},
        {"problem": "零\x00字节"},
        {"happened_on": "2026-02-30"},
        {"happened_on": "9999-12-31"},
        {"deadline_on": "0001-01-01"},
        {"severity": "deadly"},
        {"category": "x" * 9000},
        {"targets": [10**30]},
        {"targets": ["x"]},
    ],
)
def test_hostile_input_is_refused_in_words(scene: Scene, typed: dict[str, object]) -> None:
    look = inspected(scene)
    given = {**problem(scene.first), **typed}
    assert status(scene.staff, f"inspections/{look.pk}/record/", **given) == 422
    assert Finding.objects.count() == 0


@pytest.mark.parametrize(
    "asked", ["q=%25", "q=_", "q=%5C", "page=99999999999999999999", "category=%27--", "page=-1"]
)
def test_hostile_questions_find_nothing_and_break_nothing(scene: Scene, asked: str) -> None:
    client = Client()
    client.force_login(scene.staff)
    answer = client.get(f"{ERRORS}?{asked}")
    assert (answer.status_code, len(answer.context["page"].object_list)) == (200, 0)
