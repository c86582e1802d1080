"""Pages of findings: the list, one of them, every step; who may and who may not."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest

from branches.rules import Role
from errorbank.actions.findings import return_finding, submit_finding
from errorbank.models import Finding
from errorbank.notice_events import FINDING_RECORDED, FINDING_RETURNED
from errorbank.rules import CauseLevel, FindingState, Severity, Source
from notices.models import Message
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import HOSTILE, ON, Scene

BASE = "/w/errors/findings/"
Counter = Callable[[int], AbstractContextManager[object]]
LATER = (ON + timedelta(days=40)).isoformat()
STEPS = {
    "start": {},
    "submit": {"text": "已补开会议"},
    "return": {"reason": "还缺签到表"},
    "close": {"cause": CauseLevel.BRANCH.value},
    "accept": {"until": LATER, "reason": "没有场地"},
    "reassign": {"deadline_on": LATER, "reason": "人员调整"},
}
BRANCH_STEPS = ("start", "submit")


def page_of(scene: Scene, user: str, address: str = BASE) -> str:
    return signed_in(getattr(scene, user)).get(address).content.decode()


def found(scene: Scene, **fields: Any) -> Finding:
    return make_finding(scene.first, by=scene.staff, on=ON, **fields)


def submitted(scene: Scene) -> Finding:
    return submit_finding(found(scene), text="已补开会议", by=scene.worker, on=ON)


def test_the_list_shows_what_is_open_late_and_again(scene: Scene) -> None:
    entry = make_entry(problem="会议没有记录实到人数")
    old = make_finding(scene.first, entry=entry, by=scene.staff, on=date(2026, 10, 1))
    make_finding(scene.first, entry=entry, by=scene.staff, on=ON)
    make_finding(
        scene.first, by=scene.worker, on=ON, problem=HOSTILE, source=Source.SELF_CHECK, self_reported=True
    )
    page = page_of(scene, "worker")
    assert (old.deadline_on, page.count("已逾期 18 天")) == (date(2026, 10, 31), 1)
    assert (page.count("再次出现"), page.count('soon">严重<'), page.count('off">自查<')) == (1, 1, 1)
    assert (HOSTILE in page, "&lt;script&gt;alert(1)" in page) == (False, True)


def test_a_branch_sees_its_own_and_staff_all_below(scene: Scene) -> None:
    for place, name in ((scene.first, "甲"), (scene.second, "乙"), (scene.foreign_branch, "丙")):
        make_finding(place, by=scene.staff, on=ON, problem=f"{name}支部的问题")
    shown = {
        who: [name for name in "甲乙丙" if f"{name}支部的问题" in page_of(scene, who)]
        for who in ("worker", "staff", "overseer", "foreign_staff")
    }
    assert shown == {
        "worker": ["甲"],
        "staff": ["甲", "乙"],
        "overseer": ["甲", "乙"],
        "foreign_staff": ["丙"],
    }


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", ["一", "二", "三"]),
        ("?state=overdue", ["三"]),
        ("?state=submitted", ["二"]),
        ("?state=closed", []),
        ("?state=all", ["一", "二", "三"]),
        ("?severity=serious", ["一"]),
        ("?source=rotation", ["二"]),
        ("?category=dues", []),
        ("?state=nonsense&page=99", ["一", "二", "三"]),
    ],
)
def test_filters(scene: Scene, asked: str, shown: list[str]) -> None:
    found(scene, problem="问题之一", severity=Severity.SERIOUS)
    second = found(scene, problem="问题之二", source=Source.ROTATION)
    submit_finding(second, text="已改", by=scene.worker, on=ON)
    make_finding(scene.first, by=scene.staff, on=date(2026, 9, 1), problem="问题之三")
    page = page_of(scene, "staff", BASE + asked)
    assert [name for name in "一二三" if f"问题之{name}" in page] == shown


def test_the_list_costs_the_same_for_many_findings(scene: Scene, django_assert_num_queries: Counter) -> None:
    client = signed_in(scene.staff)
    found(scene)
    make_finding(scene.foreign_branch, problem="外单位的问题", on=ON)
    client.get(BASE)
    with django_assert_num_queries(7):
        client.get(BASE)
    found(scene)
    make_finding(scene.second, by=scene.staff, on=ON)
    with django_assert_num_queries(7):
        page = client.get(BASE).content.decode()
    assert (page.count('class="item'), "外单位的问题" in page) == (3, False)


def test_one_finding_tells_its_history_and_says_whose_turn_it_is(
    scene: Scene, django_assert_num_queries: Counter
) -> None:
    finding = submitted(scene)
    return_finding(finding, reason=HOSTILE, by=scene.staff, on=ON)
    page = page_of(scene, "worker", f"{BASE}{finding.pk}/")
    assert (HOSTILE in page, page.count("&lt;script&gt;alert(1)")) == (False, 2)
    assert ("提交整改结果</a>" in page, "等党支部整改" in page) == (True, False)
    assert "等党支部整改并提交结果。" in page_of(scene, "overseer", f"{BASE}{finding.pk}/")
    client = signed_in(scene.worker)
    with django_assert_num_queries(11):
        client.get(f"{BASE}{finding.pk}/")


def test_a_branch_reports_its_own_and_is_told_it_never_counts(scene: Scene) -> None:
    client = signed_in(scene.worker)
    assert "永远不计入对支部的统计和比较" in client.get(f"{BASE}add/").content.decode()
    data = {
        "organisation": scene.first.pk,
        "problem": "党小组会漏开一次",
        "category": "meetings",
        "happened_on": "2026-11-01",
    }
    answer = client.post(f"{BASE}add/", data)
    finding = Finding.objects.get()
    assert answer.headers["Location"] == f"{BASE}{finding.pk}/"
    assert (finding.self_reported, finding.source, finding.severity) == (True, "self_check", "general")
    assert not Message.objects.filter(recipient=scene.worker).exists()
    foreign = client.post(f"{BASE}add/", {**data, "organisation": scene.second.pk})
    assert (foreign.status_code, Finding.objects.count()) == (422, 1)


@pytest.mark.parametrize(("checked", "status"), [("", 422), ("on", 302)])
def test_words_of_discipline_need_a_second_look(scene: Scene, checked: str, status: int) -> None:
    data = {
        "organisation": scene.first.pk,
        "problem": "某同志受处分后未及时备案",
        "category": "meetings",
        "happened_on": "2026-11-01",
        "checked": checked,
    }
    answer = signed_in(scene.worker).post(f"{BASE}add/", data)
    assert (answer.status_code, Finding.objects.count()) == (status, int(bool(checked)))
    assert status == 302 or "某同志受处分后未及时备案" in answer.content.decode()


def test_from_the_page_to_closing(scene: Scene) -> None:
    finding = found(scene)
    worker, staff = signed_in(scene.worker), signed_in(scene.staff)
    url = f"{BASE}{finding.pk}/"
    for client, step in ((worker, "start"), (worker, "submit"), (staff, "return"), (worker, "submit")):
        assert client.post(f"{url}{step}/", STEPS[step]).headers["Location"] == url
    cause = CauseLevel.UNCLEAR_INSTRUCTION.value
    staff.post(f"{url}close/", {"cause": cause, "text": "材料齐全"})
    finding.refresh_from_db()
    assert (finding.state, finding.cause, finding.closed_on) == (FindingState.RECHECKING, cause, ON)
    assert "已销号，按计划复查" in worker.get(url).content.decode()


def test_what_cannot_be_mended_is_put_off_to_the_level_that_can(scene: Scene) -> None:
    finding = found(scene)
    url = f"{BASE}{finding.pk}/"
    client = signed_in(scene.staff)
    given = {**STEPS["accept"], "owner": scene.second.pk}
    assert client.post(f"{url}accept/", given).status_code == 422
    assert client.post(f"{url}accept/", {**given, "owner": scene.general.pk}).headers["Location"] == url
    finding.refresh_from_db()
    assert (finding.state, finding.accepted_owner) == (FindingState.ACCEPTED, scene.general)


def test_another_person_and_day(scene: Scene) -> None:
    finding = found(scene)
    secretary = make_holder(scene.first, Role.SECRETARY)
    post = scene.first.posts.get(role=Role.SECRETARY)
    url = f"{BASE}{finding.pk}/"
    signed_in(scene.staff).post(f"{url}reassign/", {**STEPS["reassign"], "post": post.pk})
    finding.refresh_from_db()
    assert (finding.responsible_name, finding.deadline_on.isoformat()) == (secretary.name, LATER)


def test_a_second_click_says_where_the_finding_is(scene: Scene) -> None:
    finding = submitted(scene)
    answer = signed_in(scene.worker).post(f"{BASE}{finding.pk}/submit/", {"text": "又提交一次"})
    page = answer.content.decode()
    assert (answer.status_code, "现在是“待审核”" in page, "又提交一次" in page) == (422, True, True)


def test_who_fixed_it_is_not_offered_to_approve_it(scene: Scene) -> None:
    finding = submit_finding(found(scene), text="代支部补办", by=scene.staff, on=ON)
    page = page_of(scene, "staff", f"{BASE}{finding.pk}/")
    assert ("审核通过，销号</a>" in page, "请由其他同志审核" in page) == (False, True)


@pytest.mark.parametrize("step", STEPS)
def test_steps_are_closed_to_others(scene: Scene, step: str) -> None:
    finding = found(scene)
    url = f"{BASE}{finding.pk}/{step}/"
    foreign = make_holder(scene.foreign_branch, Role.WORKER) if step in BRANCH_STEPS else scene.foreign_staff
    refused = scene.overseer if step in BRANCH_STEPS else scene.worker
    answers = [signed_in(user).post(url, STEPS[step]).status_code for user in (refused, foreign)]
    wrong = signed_in(scene.staff).put(url).status_code
    assert (answers, wrong) == ([403, 404], 405)
    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN


def test_reading_is_closed_to_others(scene: Scene) -> None:
    finding = found(scene)
    url = f"{BASE}{finding.pk}/"
    outsider = make_holder(scene.committee, Role.ADMINISTRATOR)
    assert [signed_in(outsider).get(each).status_code for each in (BASE, url, f"{BASE}add/")] == [403] * 3
    assert signed_in(scene.foreign_staff).get(url).status_code == 404
    assert [signed_in(scene.staff).put(each).status_code for each in (BASE, url, f"{BASE}add/")] == [405] * 3


def test_the_keepers_are_told_once_and_never_of_their_own_act(scene: Scene) -> None:
    finding = submitted(scene)
    return_finding(finding, reason="缺签到表", by=scene.staff, on=ON)
    told = Message.objects.order_by("pk").values_list("recipient", "event", "outside_title")
    assert list(told) == [
        (scene.worker.pk, FINDING_RECORDED, "有一项问题需要整改"),
        (scene.worker.pk, FINDING_RETURNED, "有一项整改结果被退回"),
    ]
    line = Message.objects.earliest("pk").lines.get()
    assert (finding.problem in line.text, finding.problem in line.outside_text) == (True, False)


def test_the_second_row_of_links_marks_the_page(scene: Scene) -> None:
    page = page_of(scene, "worker", f"{BASE}add/")
    assert page.count('<nav class="area noprint" aria-label="错题库">') == 1
    assert f'<a href="{BASE}" class="active" aria-current="page">问题整改</a>' in page
