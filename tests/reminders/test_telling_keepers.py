"""What cannot wait for the digest: an item came back, a special task was sent or withdrawn."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from notices.models import Channel, Delivery, Message
from notices.rules import ChannelKind, DeliveryState, Level
from reminders.actions.items import return_item
from reminders.actions.tasks_special import TaskAlreadySent, TaskData, send_task, withdraw_task
from reminders.models import ReminderItem, SpecialTask
from reminders.notice_events import ITEM_RETURNED, TASK_SENT, TASK_WITHDRAWN, item_subject, task_subject
from tests.factories.branches import make_holder, make_organisation, make_post, make_user
from tests.factories.items import make_done
from tests.reminders.digest_scene import stand_in
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def told() -> dict[User, list[str]]:
    found: dict[User, list[str]] = {}
    for message in Message.objects.select_related("recipient").order_by("pk"):
        found.setdefault(message.recipient, []).append(message.lines.get().text)
    return found


# ---- an item sent back ---------------------------------------------------------------------------------


def send_back(item: ReminderItem, by: User) -> None:
    return_item(item, checklist_line="定主题", reason="没有写议定事项", by=by)


def test_the_keepers_and_who_closed_it_are_told_and_nobody_else(scene: Scene) -> None:
    secretary = make_holder(scene.first, Role.SECRETARY)
    make_holder(scene.first, Role.PUBLICITY_COMMISSIONER)
    make_holder(scene.second)
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    item = make_done(scene.first, name="支委会", done_on=ON, done_by=colleague)
    send_back(item, scene.staff)
    words = ["支委会：没有写议定事项"]
    assert told() == {scene.worker: words, secretary: words, colleague: words}
    message = Message.objects.filter(recipient=scene.worker).get()
    assert (message.event, message.level) == (ITEM_RETURNED, Level.URGENT)
    assert (message.title, message.intro) == (f"{scene.first.name}有一项退回", "对照：定主题")
    line = message.lines.get()
    assert (line.subject, line.url) == (item_subject(item.pk), f"/w/reminders/items/{item.pk}/")


def test_nothing_of_it_leaves_the_portal_but_the_kind_of_matter(scene: Scene) -> None:
    item = make_done(scene.first, name="转正讨论", subject_name="雷彩霞", done_on=ON)
    send_back(item, scene.staff)
    message = Message.objects.get()
    assert (message.outside_title, message.lines.get().outside_text) == (
        "有一项退回",
        "转正讨论，请补正后重新登记",
    )


def test_who_closed_it_and_has_left_or_is_on_leave_is_not_told(scene: Scene) -> None:
    left = make_holder(scene.first, until=date(2026, 11, 17))
    send_back(make_done(scene.first, done_on=ON, done_by=left), scene.staff)
    assert list(told()) == [scene.worker]
    Message.objects.all().delete()
    deputy = make_user()
    stand_in(scene.first, scene.worker.posts.get(), since=ON, until=ON, user=deputy)
    send_back(make_done(scene.first, done_on=ON, done_by=scene.worker), scene.staff)
    assert list(told()) == [deputy]


def test_each_return_is_told_and_nobody_is_told_of_their_own(scene: Scene) -> None:
    item = make_done(scene.general, name="年度计划", done_on=ON, done_by=scene.staff)
    send_back(item, scene.staff)
    assert told() == {}
    mine = make_done(scene.first, done_on=ON)
    send_back(mine, scene.staff)
    ReminderItem.objects.filter(pk=mine.pk).update(state="done", done_on=ON)
    send_back(mine, scene.staff)
    assert [len(lines) for lines in told().values()] == [2]


# ---- special tasks -------------------------------------------------------------------------------------


def send(scene: Scene, *targets: Organisation) -> SpecialTask:
    data = TaskData(
        token="0123456789abcdef",
        name="消防安全自查",
        why="分公司通知",
        start=ON,
        end=date(2026, 11, 27),
        minutes=60,
        record_kind="date_only",
    )
    return send_task(scene.general, data=data, targets=targets or [scene.first], by=scene.staff, on=ON)


def test_a_sent_task_is_told_to_the_keepers_of_its_branches(scene: Scene) -> None:
    make_holder(scene.second)
    task = send(scene)
    assert told() == {scene.worker: ["消防安全自查，11 月 27 日 周五前完成"]}
    message = Message.objects.get()
    assert (message.event, message.level, message.title) == (TASK_SENT, Level.URGENT, "新的专项工作")
    line = message.lines.get()
    assert (line.subject, line.outside_text) == (task_subject(task.pk), "专项工作，11 月 27 日 周五前完成")


def test_one_message_however_many_branches_are_ones_own(scene: Scene) -> None:
    make_post(scene.second, user=scene.worker)
    make_post(scene.first, Role.SECRETARY, user=scene.worker)
    send(scene, scene.first, scene.second, scene.general)
    assert told() == {scene.worker: ["消防安全自查，11 月 27 日 周五前完成（您的 2 个支部）"]}


def test_a_refused_task_tells_nobody(scene: Scene) -> None:
    send(scene)
    with pytest.raises(TaskAlreadySent), transaction.atomic():
        send(scene)
    assert Message.objects.count() == 1


def test_a_withdrawn_task_is_told_and_its_sending_need_not_leave(scene: Scene) -> None:
    Channel.objects.create(
        user=scene.worker, kind=ChannelKind.EMAIL, label="邮箱", target_sealed=b"-", target_digest="1"
    )
    task = send(scene)
    withdraw_task(task, reason="改期", by=scene.staff, at=NOW)
    assert told()[scene.worker][1:] == ["消防安全自查已撤回：改期"]
    withdrawn = Message.objects.get(event=TASK_WITHDRAWN)
    assert withdrawn.lines.get().outside_text == "一项专项工作已撤回，不用再办"
    states = Delivery.objects.order_by("pk").values_list("message__event", "state")
    assert list(states) == [(TASK_SENT, DeliveryState.CANCELLED), (TASK_WITHDRAWN, DeliveryState.WAITING)]


@pytest.mark.parametrize("count", [1, 30])
def test_sending_to_many_branches_is_the_same_work(
    scene: Scene, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    places = [make_organisation(parent=scene.general) for _ in range(count)]
    for place in places:
        Post.objects.create(organisation=place, role=Role.WORKER, user=make_user(), since=ON)
    with django_assert_num_queries(21):
        send(scene, *places)
    assert Message.objects.count() == count
