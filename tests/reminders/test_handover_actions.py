"""Checking, confirming, signing, choosing, cancelling: once, twice, refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.posts import end_post
from branches.models import Organisation, Post
from branches.rules import Role
from notices.models import Message
from periods.months import Month
from reminders.actions.handover import (
    HandoverRefused,
    cancel_handover,
    check_handover,
    choose_mentor,
    choose_newcomer,
    confirm_lines,
    note_line,
    open_due_handovers,
    open_handover,
    sign_handover,
    signed_content,
)
from reminders.actions.items import mark_not_applicable
from reminders.actions.refresh import refresh
from reminders.handover_rules import Capacity, HandoverState, Part
from reminders.models import Handover, HandoverSignature
from reminders.notice_events import HANDOVER_WAITS
from reminders.rules import ItemState
from tests.factories.branches import make_holder, make_post, make_user
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_action
from tests.reminders.handovers import (
    DAY,
    LAST_DAY,
    NOW,
    ON,
    Scene,
    confirmed,
    current,
    make_scene,
    mine,
    opened,
    signed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """The newcomer is there already, so that nobody has to wait."""
    return make_scene(newcomer_since=ON - DAY)


def sign(handover: Handover, capacity: Capacity, by: User, **given: Any) -> Handover:
    return sign_handover(handover, capacity=capacity, by=by, on=ON, now=NOW, **given)


def waits(user: User) -> list[str]:
    """What this person was asked to do, the latest last."""
    found = Message.objects.filter(recipient=user, event="reminders.handover_waits").order_by("pk")
    return [title.split("：")[0] for title in found.values_list("title", flat=True)]


class TestChecking:
    def test_the_leaver_checks_once(self, scene: Scene) -> None:
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        assert handover.state == HandoverState.CHECKED
        assert handover.checked_at is not None
        assert waits(scene.newcomer) == ["请逐条确认交接清单"]
        with pytest.raises(HandoverRefused, match="已经核对过"):
            check_handover(handover, by=scene.leaver, on=ON)

    def test_staff_check_for_an_absent_leaver_with_a_reason(self, scene: Scene) -> None:
        handover = opened()
        with pytest.raises(HandoverRefused, match="请填写原因"):
            check_handover(handover, by=scene.staff, on=ON, absence_reason=" ")
        check_handover(handover, by=scene.staff, on=ON, absence_reason="住院")
        event = AuditEvent.objects.get(event="reminders.handover_checked")
        assert (event.by, event.detail) == (scene.staff, {"absence_reason": "住院"})

    @pytest.mark.parametrize("who", ["newcomer", "secretary"])
    def test_nobody_else_checks(self, scene: Scene, who: str) -> None:
        handover = opened()
        with pytest.raises(HandoverRefused, match="由移交人核对"):
            check_handover(handover, by=getattr(scene, who), on=ON, absence_reason="代办")
        foreign = make_holder(Organisation.objects.get(parent=None), Role.COMMITTEE_STAFF)
        with pytest.raises(HandoverRefused, match="由移交人核对"):
            check_handover(handover, by=foreign, on=ON, absence_reason="代办")

    def test_without_a_newcomer_staff_are_asked_to_name_one(self) -> None:
        scene = make_scene(newcomer_since=date(2027, 6, 1))
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        assert waits(scene.staff) == ["请确定接收人"]

    def test_notes_are_the_leaver_s(self, scene: Scene) -> None:
        line = opened().lines.order_by("pk")[0]
        assert note_line(line, note="  钥匙在书记处 ", by=scene.leaver).note == "钥匙在书记处"
        with pytest.raises(HandoverRefused, match="由移交人填写"):
            note_line(line, note="改", by=scene.staff)

    def test_a_note_to_a_confirmed_line_is_confirmed_again(self, scene: Scene) -> None:
        handover = confirmed(scene)
        line = handover.lines.order_by("pk")[0]
        note_line(line, note=line.note, by=scene.leaver)
        handover.refresh_from_db()
        assert handover.state == HandoverState.CONFIRMED
        note_line(line, note="补充", by=scene.leaver)
        handover.refresh_from_db()
        assert handover.state == HandoverState.CHECKED
        assert list(handover.lines.filter(confirmed_at=None)) == [line]


class TestConfirming:
    def test_line_by_line_until_all_are(self, scene: Scene) -> None:
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        first, *rest = current(handover)
        confirm_lines(handover, confirmed=[first], questions={}, by=scene.newcomer, on=ON)
        assert handover.state == HandoverState.CHECKED
        assert handover.lines.exclude(confirmed_at=None).count() == 1
        confirm_lines(handover, confirmed=rest, questions={}, by=scene.newcomer, on=ON)
        assert handover.state == HandoverState.CONFIRMED
        assert [waits(user)[-1] for user in (scene.leaver, scene.newcomer, scene.staff)] == [
            "请在交接单上签字"
        ] * 3
        with pytest.raises(HandoverRefused, match="已经全部确认"):
            confirm_lines(handover, confirmed=rest, questions={}, by=scene.newcomer, on=ON)

    def test_a_question_waits_for_its_answer(self, scene: Scene) -> None:
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        lines = current(handover)
        asked = {lines[0]: "台账放在哪里？"}
        confirm_lines(handover, confirmed=lines[1:], questions=asked, by=scene.newcomer, on=ON)
        line = handover.lines.get(pk=lines[0])
        assert (line.question, line.confirmed_at) == ("台账放在哪里？", None)
        assert handover.state == HandoverState.CHECKED
        assert waits(scene.leaver) == ["接收人对 1 条有疑问，请补充说明"]
        confirm_lines(handover, confirmed=[], questions=asked, by=scene.newcomer, on=ON)
        assert len(waits(scene.leaver)) == 1
        note_line(line, note="在资料柜", by=scene.leaver)
        confirm_lines(handover, confirmed=[line.pk], questions={}, by=scene.newcomer, on=ON)
        assert handover.state == HandoverState.CONFIRMED

    def test_only_the_newcomer_confirms_and_only_what_was_checked(self, scene: Scene) -> None:
        handover = opened()
        lines = current(handover)
        with pytest.raises(HandoverRefused, match="还没有核对完"):
            confirm_lines(handover, confirmed=lines, questions={}, by=scene.newcomer, on=ON)
        check_handover(handover, by=scene.leaver, on=ON)
        for user in (scene.leaver, scene.staff, scene.secretary):
            with pytest.raises(HandoverRefused, match="由接收人逐条确认"):
                confirm_lines(handover, confirmed=lines, questions={}, by=user, on=ON)

    def test_a_newcomer_begins_with_the_post(self) -> None:
        scene = make_scene()
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        with pytest.raises(HandoverRefused, match="由接收人逐条确认"):
            confirm_lines(handover, confirmed=[], questions={}, by=scene.newcomer, on=ON)
        begun = LAST_DAY + DAY
        confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.newcomer, on=begun)
        assert handover.state == HandoverState.CONFIRMED

    def test_lines_of_another_handover_are_not_touched(self, scene: Scene) -> None:
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        post = make_post(scene.other, Role.WORKER)
        other = open_handover(post, last_day=ON, by=scene.staff, on=ON)
        foreign = current(other)
        confirm_lines(
            handover,
            confirmed=foreign,
            questions={foreign[0]: "？"},
            by=scene.newcomer,
            on=ON,
        )
        assert other.lines.exclude(confirmed_at=None).count() == 0
        assert other.lines.exclude(question="").count() == 0


class TestSigning:
    def test_three_signatures_change_hands(self, scene: Scene) -> None:
        open_item, closed = (
            mine(scene),
            make_done(
                scene.branch,
                done_on=ON - 30 * DAY,
                responsible_post=scene.leaver_post,
                responsible_name=scene.leaver.name,
            ),
        )
        colleague = make_post(scene.branch, Role.WORKER, since=date(2019, 1, 1))
        others = make_item(scene.branch, responsible_post=colleague, responsible_name="同事")
        handover = signed(scene)
        assert handover.state == HandoverState.SIGNED
        assert handover.changed_hands_at == NOW
        names = []
        for item in (open_item, closed, others):
            item.refresh_from_db()
            names.append((item.responsible_post, item.responsible_name))
        assert names == [
            (scene.newcomer_post, "王接任"),
            (scene.leaver_post, "李离任"),
            (colleague, "同事"),
        ]
        scene.branch.refresh_from_db()
        assert scene.branch.facts_changed
        done = AuditEvent.objects.get(event="reminders.handover_done")
        assert done.detail == {"items": 1, "to": scene.newcomer_post.pk}

    def test_the_past_keeps_the_old_name(self, scene: Scene) -> None:
        item = mine(scene)
        mark_not_applicable(item, reason="停办", by=scene.leaver, on=ON)
        signed(scene)
        item.refresh_from_db()
        assert (item.state, item.responsible_name) == (ItemState.NOT_APPLICABLE, "李离任")

    def test_all_three_sign_the_same_content(self, scene: Scene) -> None:
        mine(scene)
        handover = signed(scene)
        contents = set(handover.signatures.values_list("content", flat=True))
        assert contents == {signed_content(handover)}
        rows = list(handover.signatures.order_by("pk").values_list("capacity", "name", "in_absence"))
        assert rows == [
            (Capacity.LEAVER, "李离任", False),
            (Capacity.NEWCOMER, "王接任", False),
            (Capacity.WITNESS, "孙干部", False),
        ]

    def test_any_order_and_nothing_moves_before_the_last(self, scene: Scene) -> None:
        item = mine(scene)
        handover = confirmed(scene)
        sign(handover, Capacity.WITNESS, scene.staff)
        sign(handover, Capacity.NEWCOMER, scene.newcomer)
        item.refresh_from_db()
        assert (handover.state, item.responsible_name) == (HandoverState.CONFIRMED, "李离任")
        sign(handover, Capacity.LEAVER, scene.leaver)
        assert handover.state == HandoverState.SIGNED

    def test_nobody_signs_twice(self, scene: Scene) -> None:
        handover = confirmed(scene)
        sign(handover, Capacity.LEAVER, scene.leaver)
        with pytest.raises(HandoverRefused, match="移交人已经签过字"):
            sign(handover, Capacity.LEAVER, scene.leaver)
        with pytest.raises(HandoverRefused, match="移交人已经签过字"):
            sign(handover, Capacity.LEAVER, scene.staff, absence_reason="出差")
        assert HandoverSignature.objects.count() == 1

    def test_each_signs_in_the_own_capacity(self, scene: Scene) -> None:
        handover = confirmed(scene)
        wrong = [
            (Capacity.LEAVER, scene.newcomer, "由移交人本人签字"),
            (Capacity.NEWCOMER, scene.staff, "由接收人本人签字"),
            (Capacity.NEWCOMER, scene.leaver, "由接收人本人签字"),
            (Capacity.WITNESS, scene.leaver, "监交人由党总支"),
            (Capacity.WITNESS, scene.newcomer, "监交人由党总支"),
            (Capacity.WITNESS, scene.secretary, "监交人由党总支"),
        ]
        for capacity, user, words in wrong:
            with pytest.raises(HandoverRefused, match=words):
                sign(handover, capacity, user, absence_reason="代签")
        assert HandoverSignature.objects.count() == 0

    def test_staff_who_take_over_do_not_witness(self, scene: Scene) -> None:
        Post.objects.filter(pk=scene.newcomer_post.pk).update(user=scene.staff)
        handover = opened()
        check_handover(handover, by=scene.leaver, on=ON)
        confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.staff, on=ON)
        with pytest.raises(HandoverRefused, match="监交人"):
            sign(handover, Capacity.WITNESS, scene.staff)

    def test_staff_sign_for_an_absent_leaver_with_a_reason(self, scene: Scene) -> None:
        handover = confirmed(scene)
        with pytest.raises(HandoverRefused, match="请填写原因"):
            sign(handover, Capacity.LEAVER, scene.staff)
        sign(handover, Capacity.LEAVER, scene.staff, absence_reason="已调往外地")
        row = handover.signatures.get()
        assert (row.user, row.in_absence, row.reason) == (scene.staff, True, "已调往外地")
        # Many general branches have one member of staff alone: who signed for the leaver may witness.
        sign(handover, Capacity.NEWCOMER, scene.newcomer)
        sign(handover, Capacity.WITNESS, scene.staff)
        assert handover.state == HandoverState.SIGNED

    def test_nothing_is_signed_before_all_is_confirmed(self, scene: Scene) -> None:
        handover = opened()
        with pytest.raises(HandoverRefused, match="还有内容没有确认"):
            sign(handover, Capacity.LEAVER, scene.leaver)

    def test_what_changed_since_is_confirmed_first_and_that_is_kept(self, scene: Scene) -> None:
        handover = confirmed(scene)
        mine(scene, name="刚刚新增")
        with pytest.raises(HandoverRefused, match="还有内容没有确认"):
            sign(handover, Capacity.LEAVER, scene.leaver)
        handover.refresh_from_db()
        assert handover.state == HandoverState.CHECKED
        assert handover.lines.filter(title="刚刚新增", part=Part.OPEN_ITEMS).count() == 1
        assert waits(scene.newcomer)[-1] == "请逐条确认交接清单"

    def test_a_closing_in_between_does_not_block(self, scene: Scene) -> None:
        item = mine(scene)
        handover = confirmed(scene)
        sign(handover, Capacity.LEAVER, scene.leaver)
        mark_not_applicable(item, reason="停办", by=scene.leaver, on=ON)
        sign(handover, Capacity.NEWCOMER, scene.newcomer)
        sign(handover, Capacity.WITNESS, scene.staff)
        assert handover.state == HandoverState.SIGNED
        assert len(set(handover.signatures.values_list("content", flat=True))) == 1

    def test_after_the_first_signature_words_and_people_stand(self, scene: Scene) -> None:
        handover = confirmed(scene)
        sign(handover, Capacity.LEAVER, scene.leaver)
        line = handover.lines.order_by("pk")[0]
        with pytest.raises(HandoverRefused, match="已有人签字"):
            note_line(line, note="晚了", by=scene.leaver)
        other = make_post(scene.branch, Role.WORKER, since=ON)
        with pytest.raises(HandoverRefused, match="已有人签字"):
            choose_newcomer(handover, post=other, by=scene.staff, on=ON)

    def test_a_newcomer_who_left_again_takes_nothing_over(self, scene: Scene) -> None:
        handover = confirmed(scene)
        sign(handover, Capacity.LEAVER, scene.leaver)
        sign(handover, Capacity.NEWCOMER, scene.newcomer)
        end_post(scene.newcomer_post, on=ON - DAY, by=None)
        with pytest.raises(HandoverRefused, match="接收人已不在任"):
            sign(handover, Capacity.WITNESS, scene.staff)
        assert handover.signatures.count() == 2

    def test_a_signed_handover_is_over(self, scene: Scene) -> None:
        handover = signed(scene)
        line = handover.lines.order_by("pk")[0]
        for act in (
            lambda: sign(handover, Capacity.WITNESS, scene.staff),
            lambda: check_handover(handover, by=scene.leaver, on=ON),
            lambda: confirm_lines(handover, confirmed=[], questions={}, by=scene.newcomer, on=ON),
            lambda: note_line(line, note="晚了", by=scene.leaver),
            lambda: cancel_handover(handover, reason="误操作", by=scene.staff, on=ON),
            lambda: choose_mentor(handover, post=scene.leaver_post, by=scene.staff, on=ON),
        ):
            with pytest.raises(HandoverRefused, match="交接已经完成"):
                act()
        assert open_due_handovers(on=ON) == []

    def test_the_catalogue_s_own_item_is_done_by_the_signatures(self) -> None:
        scene = make_scene(last_day=ON - 3 * DAY)
        rule = {"kind": "event_offset", "anchor": "worker_changed", "due_offset": {"days": 7}}
        make_action("handover", name="党务人员交接", due_rule=rule)
        month = Month.of(ON)
        refresh(month, on=ON)
        item = scene.branch.reminder_items.get(subject=f"post:{scene.leaver_post.pk}")
        handover = signed(scene)
        assert handover.lines.filter(title__startswith="党务人员交接").count() == 0
        refresh(month, on=ON)
        item.refresh_from_db()
        assert (item.state, item.done_on, item.settled_by, item.reason) == (
            ItemState.DONE,
            ON,
            f"handover:{handover.pk}",
            "三方已在交接单上签字，自动办结",
        )
        assert refresh(month, on=ON + DAY).created == 0

    def test_everybody_hears_that_it_is_done(self, scene: Scene) -> None:
        signed(scene)
        over = Message.objects.filter(title__startswith="交接已完成")
        assert {message.recipient for message in over} == {
            scene.leaver,
            scene.newcomer,
            scene.secretary,
            scene.staff,
        }
        assert {message.intro for message in over} == {"未办结事项已转给王接任。"}


class TestChoosing:
    def test_staff_choose_among_the_holders_of_the_post(self) -> None:
        scene = make_scene()
        rival = make_post(scene.branch, Role.WORKER, since=LAST_DAY)
        handover = opened()
        assert handover.newcomer_name == ""
        choose_newcomer(handover, post=rival, by=scene.staff, on=ON)
        assert handover.newcomer_post == rival
        with pytest.raises(HandoverRefused, match="接收人已经是"):
            choose_newcomer(handover, post=rival, by=scene.staff, on=ON)
        foreign = make_post(scene.other, Role.WORKER)
        for post in (foreign, scene.leaver_post):
            with pytest.raises(HandoverRefused, match="请从本支部担任同一职务"):
                choose_newcomer(handover, post=post, by=scene.staff, on=ON)

    def test_another_newcomer_confirms_anew(self, scene: Scene) -> None:
        handover = confirmed(scene)
        other = make_post(scene.branch, Role.WORKER, user=make_user(), since=ON)
        choose_newcomer(handover, post=other, by=scene.staff, on=ON)
        assert handover.state == HandoverState.CHECKED
        assert handover.lines.exclude(confirmed_at=None).count() == 0
        assert Message.objects.filter(recipient=other.user).count() == 1

    def test_a_mentor_is_an_experienced_colleague_of_a_sister_branch(self, scene: Scene) -> None:
        handover = opened()
        sister = make_post(scene.other, Role.WORKER, user=make_user(name="钱同行"), since=ON - 366 * DAY)
        choose_mentor(handover, post=sister, by=scene.staff, on=ON)
        assert (handover.mentor, handover.mentor_name) == (sister, "钱同行")
        young = make_post(scene.other, Role.WORKER, since=ON - timedelta(days=300))
        for post in (young, scene.newcomer_post):
            with pytest.raises(HandoverRefused, match="任职满一年"):
                choose_mentor(handover, post=post, by=scene.staff, on=ON)


class TestCancelling:
    def test_once_with_a_reason(self, scene: Scene) -> None:
        handover = opened()
        with pytest.raises(HandoverRefused, match="请填写撤销的原因"):
            cancel_handover(handover, reason=" ", by=scene.staff, on=ON)
        cancel_handover(handover, reason="职务延续", by=scene.staff, on=ON)
        assert (handover.state, handover.reason, handover.cancelled_by) == (
            HandoverState.CANCELLED,
            "职务延续",
            scene.staff,
        )
        assert handover.grant is None
        with pytest.raises(HandoverRefused, match="交接已撤销（职务延续）"):
            cancel_handover(handover, reason="再撤一次", by=scene.staff, on=ON)

    def test_staff_may_open_it_again(self, scene: Scene) -> None:
        cancel_handover(opened(), reason="误操作", by=scene.staff, on=ON)
        again = open_handover(scene.leaver_post, last_day=LAST_DAY, by=scene.staff, on=ON)
        assert again.lines.filter(part=Part.CONTACTS).count() > 0


def test_the_committee_witnesses_for_an_office_whose_only_staff_leaves() -> None:
    scene = make_scene()
    committee = scene.general.parent
    assert committee is not None
    overseer, successor = make_holder(committee, Role.COMMITTEE_STAFF), make_user(name="钱干部")
    make_post(scene.general, Role.GENERAL_BRANCH_STAFF, user=successor, since=ON)
    handover = open_handover(scene.staff.posts.get(), last_day=ON, by=scene.staff, on=ON)
    check_handover(handover, by=scene.staff, on=ON)
    confirm_lines(handover, confirmed=current(handover), questions={}, by=successor, on=ON)
    for capacity, user in zip(Capacity, (scene.staff, successor, overseer), strict=True):
        sign_handover(handover, capacity=capacity, by=user, on=ON, now=NOW)
    assert handover.state == HandoverState.SIGNED
    told = Message.objects.filter(recipient=overseer, event=HANDOVER_WAITS).order_by("pk")
    assert [title.partition("：")[0] for title in told.values_list("title", flat=True)] == [
        "请在交接单上签字",
        "交接已完成",
    ]


def test_the_committee_witnesses_no_branch() -> None:
    scene = make_scene(newcomer_since=ON)
    committee = scene.general.parent
    assert committee is not None
    overseer, handover = make_holder(committee, Role.COMMITTEE_STAFF), confirmed(scene)
    with pytest.raises(HandoverRefused, match="监交人由党总支党务干部担任"):
        sign_handover(handover, capacity=Capacity.WITNESS, by=overseer, on=ON, now=NOW)
    assert Message.objects.filter(recipient=overseer).count() == 0
