"""A contest of the scene at any stage, with three judges of the second branch and a work of the first."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from tests.factories.branches import make_post, make_user
from tests.reminders.scene import ON, Scene
from training.actions.contest_judging import judge_work, name_judges
from training.actions.contest_works import WorkData, screen_work, submit_work
from training.actions.contests import (
    ContestData,
    close_call,
    finish_judging,
    make_contest,
    open_call,
    publish_contest,
    start_judging,
)
from training.models import Contest, Work
from training.rules.contests import ContestKind

CRITERIA = (("主题", 60), ("成效", 40))


def asked(**fields: Any) -> ContestData:
    given: dict[str, Any] = {
        "kind": ContestKind.LECTURE,
        "title": "微党课竞赛",
        "brief": "写一堂十分钟的党课。",
        "call_until": ON + timedelta(days=5),
        "judge_until": ON + timedelta(days=10),
        "awards": 1,
        "criteria": CRITERIA,
    }
    return ContestData(**{**given, **fields})


def person(place: Organisation, name: str) -> User:
    """A worker of this name."""
    user = make_user(name=name)
    make_post(place, Role.WORKER, user=user)
    return user


def drafted(scene: Scene, **fields: Any) -> Contest:
    return make_contest(scene.general, data=asked(**fields), by=scene.staff, on=ON)


def called(scene: Scene, **fields: Any) -> Contest:
    return open_call(drafted(scene, **fields), by=scene.staff, on=ON)


def handed_in(contest: Contest, place: Organisation, by: User, **fields: Any) -> Work:
    given: dict[str, Any] = {"title": "一堂好课", "body": "本支部这样讲。", "authors": [by]}
    return submit_work(contest, place, data=WorkData(**{**given, **fields}), by=by, on=ON)


def accepted(work: Work, by: User) -> Work:
    return screen_work(work, accept=True, note="", seen=work.revision, by=by)


def three(scene: Scene) -> list[User]:
    return [person(scene.second, f"评委{letter}") for letter in "甲乙丙"]


def judging(scene: Scene, judges: list[User], **fields: Any) -> tuple[Contest, Work]:
    contest = called(scene, **fields)
    work = handed_in(contest, scene.first, scene.worker)
    return started(contest, [work], judges, scene.staff), work


def started(contest: Contest, works: list[Work], judges: list[User], by: User) -> Contest:
    close_call(contest, by=by, on=ON)
    for work in works:
        accepted(work, by)
    name_judges(contest, users=judges, by=by, on=ON)
    return start_judging(contest, by=by, on=ON)


def judged(work: Work, by: User, *points: int, comment: str = "讲得清楚") -> None:
    keys = work.contest.criteria.order_by("position").values_list("pk", flat=True)
    given = {key: Decimal(value) for key, value in zip(keys, points or (80, 90), strict=True)}
    judge_work(work, points=given, comment=comment, by=by, on=ON)


def published(scene: Scene, judges: list[User], **fields: Any) -> tuple[Contest, Work]:
    contest, work = judging(scene, judges, **fields)
    for judge in judges:
        judged(work, judge)
    finish_judging(contest, by=scene.staff, on=ON)
    publish_contest(contest, by=scene.staff, on=ON)
    contest.refresh_from_db()
    work.refresh_from_db()
    return contest, work
