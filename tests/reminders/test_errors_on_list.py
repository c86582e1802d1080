"""Problems and rechecks on the month list: there while somebody has to act, gone by what is registered."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from branches.rules import Role
from errorbank.actions.findings import accept_finding, return_finding, submit_finding
from errorbank.actions.findings_write import end_acceptance
from errorbank.actions.rechecks import assign_verifier, pass_recheck
from errorbank.models import Finding, Recheck
from errorbank.rules import RecheckMode, Severity
from periods.months import Month
from reminders.actions.refresh import refresh, refresh_stale
from reminders.models import ActionVersion, ListChange, ReminderItem
from reminders.queries.direct import direct_of
from reminders.queries.item_rows import mistakes_of
from reminders.rules import ChangeKind, ItemState
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_post
from tests.factories.errorbank import make_closed, make_finding
from tests.factories.reminders import make_action
from tests.reminders.scene import ON, Scene, make_scene

CODE = "rectification_recheck"
RULE = {"kind": "event_offset", "anchor": "error_found", "due_offset": {"days": 30}}


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    make_action(CODE, due_rule=RULE, record_kind="recheck", applies_when=["open_errors"])
    return made


def run(on: date = ON) -> None:
    refresh(Month.of(on), on=on)


def items(**wanted: object) -> list[ReminderItem]:
    found = ReminderItem.objects.filter(action__code=CODE, **wanted)
    return list(found.select_related("action", "version", "organisation").order_by("-due_on", "pk"))


def found(scene: Scene, **fields: Any) -> Finding:
    return make_finding(scene.first, by=scene.staff, on=ON, **fields)


def announced(scene: Scene, *, closed: date) -> Recheck:
    """The first recheck of a serious finding, given to the staff."""
    finding = make_closed(
        scene.first, fixer=scene.worker, closer=scene.staff, on=closed, severity=Severity.SERIOUS
    )
    recheck = Recheck.objects.waiting().get(finding=finding)
    assert recheck.mode == RecheckMode.VERIFIER
    assign_verifier(recheck, user=scene.staff, by=None, on=closed)
    Recheck.objects.filter(pk=recheck.pk).update(announced_at=timezone.now())
    return recheck


def test_a_problem_stands_on_its_branchs_list_to_the_day(scene: Scene) -> None:
    # 18 December 2026 is a Friday, 28 November a Saturday: the day somebody set is never moved.
    usual, saturday = found(scene), found(scene, deadline_on=date(2026, 11, 28), problem="很长的问题" * 40)
    make_finding(scene.foreign_branch, on=ON)
    run()
    mine = items(organisation=scene.first)
    assert [(item.subject, item.due_on) for item in mine] == [
        (f"finding:{usual.pk}", date(2026, 12, 18)),
        (f"finding:{saturday.pk}", date(2026, 11, 28)),
    ]
    assert [len(item.subject_name) for item in mine] == [len(usual.problem), 60]
    assert not items(organisation=scene.second)
    run()
    assert len(items(organisation=scene.first)) == 2


def test_submitting_closes_the_item_and_returning_opens_it_again(scene: Scene) -> None:
    finding = found(scene)
    run()
    submit_finding(finding, text="已补办", by=scene.worker, on=ON)
    assert refresh_stale(on=ON) == 1
    (item,) = items()
    assert (item.state, item.settled_by, item.done_on) == (ItemState.DONE, f"finding:{finding.pk}", ON)
    change = ListChange.objects.filter(item=item, kind=ChangeKind.DONE).get()
    assert (change.reason, change.by) == ("已提交整改结果，自动办结", scene.worker)
    return_finding(finding, reason="缺材料", by=scene.staff, on=ON, deadline_on=ON + timedelta(days=5))
    refresh_stale(on=ON)
    (item,) = items()
    assert (item.state, item.due_on) == (ItemState.OPEN, ON + timedelta(days=5))
    submit_finding(finding, text="已补材料", by=scene.worker, on=ON)
    refresh_stale(on=ON)
    assert [item.state for item in items()] == [ItemState.DONE]


def test_what_is_put_off_is_off_the_list_until_its_day(scene: Scene) -> None:
    finding = found(scene)
    run()
    until = ON + timedelta(days=90)
    accept_finding(finding, owner=scene.general, until=until, reason="无场地", by=scene.staff, on=ON)
    refresh_stale(on=ON)
    change = ListChange.objects.filter(item__action__code=CODE, kind=ChangeKind.DONE).get()
    assert change.reason == "条件不具备，已同意暂缓，自动办结"


def test_a_recheck_stands_on_the_verifiers_list_and_not_on_the_fixers(scene: Scene) -> None:
    recheck = announced(scene, closed=date(2026, 10, 26))
    # A second post of the same verifier, lower down, makes no second item.
    make_post(scene.second, Role.WORKER, user=scene.staff)
    run()
    (item,) = items()
    assert (item.organisation, item.subject) == (scene.general, f"recheck:{recheck.pk}")
    assert (item.due_on, item.note) == (date(2026, 11, 25), "整改后的复查：看问题有没有再出现。")
    pass_recheck(recheck, result="没有再出现", by=scene.staff, on=ON)
    refresh_stale(on=ON)
    (item,) = items()
    assert (item.state, item.settled_by) == (ItemState.DONE, f"recheck:{recheck.pk}")


def test_a_recheck_that_nobody_was_told_of_is_on_no_list(scene: Scene) -> None:
    recheck = announced(scene, closed=date(2026, 10, 26))
    Recheck.objects.filter(pk=recheck.pk).update(announced_at=None)
    run()
    assert items() == []


def test_the_button_leads_to_the_source(scene: Scene) -> None:
    finding, recheck = found(scene), announced(scene, closed=date(2026, 10, 26))
    run()
    mine, theirs = items(organisation=scene.first)[0], items(organisation=scene.general)[0]
    way, other = direct_of(mine, scene.worker, on=ON), direct_of(theirs, scene.staff, on=ON)
    assert way is not None
    assert other is not None
    assert (way.url, way.registers) == (f"/w/errors/findings/{finding.pk}/", True)
    assert (other.url, other.registers) == (f"/w/errors/rechecks/{recheck.pk}/", True)
    assert direct_of(mine, scene.overseer, on=ON) is None
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    assert direct_of(theirs, colleague, on=ON) == other
    assert direct_of(theirs, scene.foreign_staff, on=ON) is None
    page = signed_in(scene.worker).get(f"/w/reminders/items/{mine.pk}/").content.decode()
    assert (f'href="{way.url}"' in page, "登记并完成" in page) == (True, False)


def test_the_list_says_that_it_came_back_and_why(scene: Scene) -> None:
    finding = found(scene)
    run()
    submit_finding(finding, text="已补办", by=scene.worker, on=ON)
    refresh_stale(on=ON)
    return_finding(finding, reason="缺材料", by=scene.staff, on=ON)
    refresh_stale(on=ON)
    (item,) = items()
    assert item.note == "已退回：缺材料"
    change = ListChange.objects.filter(item=item, kind=ChangeKind.RESTORED).get()
    assert change.reason == "已退回：缺材料"
    assert "已退回：缺材料" in signed_in(scene.worker).get("/w/reminders/").content.decode()


def test_what_was_put_off_comes_back_in_its_own_words(scene: Scene) -> None:
    finding = found(scene)
    run()
    accept_finding(
        finding, owner=scene.general, until=ON + timedelta(days=3), reason="无场地", by=scene.staff, on=ON
    )
    refresh_stale(on=ON)
    end_acceptance(finding, by=None, on=ON + timedelta(days=4))
    refresh_stale(on=ON + timedelta(days=4))
    (item,) = items()
    change = ListChange.objects.filter(item=item, kind=ChangeKind.RESTORED).get()
    assert (item.note, change.reason) == ("", "暂缓到期，继续整改")


def test_a_mistake_of_rechecks_is_held_before_those_who_recheck(scene: Scene) -> None:
    mistakes = [
        {"mistake": "整改销号后重犯"},
        {"mistake": "复查人与整改人同一人", "only_for": "recheck"},
    ]
    ActionVersion.objects.filter(action__code=CODE).update(common_mistakes=mistakes)
    found(scene)
    announced(scene, closed=date(2026, 10, 26))
    run()
    mine, theirs = items(organisation=scene.first)[0], items(organisation=scene.general)[0]
    assert mistakes_of(mine) == ["整改销号后重犯"]
    assert mistakes_of(theirs) == ["整改销号后重犯", "复查人与整改人同一人"]
    page = signed_in(scene.worker).get(f"/w/reminders/items/{mine.pk}/").content.decode()
    assert ("整改销号后重犯" in page, "复查人与整改人同一人" in page) == (True, False)
