"""The half-page record: what each kind asks, what is refused with which words, what an answer holds."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from branches.models import Member, Organisation
from branches.rules import MemberStatus, Role
from records.actions import RecordData
from records.models import Record, Talk
from records.rules import RecordKind
from reminders.actions.items import close_item, return_item
from reminders.forms.record_kinds import KIND_FIELDS
from reminders.forms.records import RecordForm
from reminders.forms.settling import checklist_of
from reminders.models import ReminderItem
from reminders.queries.item_detail import hours_table
from reminders.rules import ItemState
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
HELD = "2026-11-18"
HOSTILE = "<script>alert(1)</script>"
TWICE = "同一表决事项填写了两次，请留下一次。"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def branch() -> Organisation:
    return make_organisation(facts_changed=False)


@pytest.fixture
def people(branch: Organisation) -> list[Member]:
    """Two full members, the first of them secretary, and a probationary one."""
    found = [
        make_member(branch, code="1", name="雷彩霞"),
        make_member(branch, code="2", name="冯春兰"),
        make_member(branch, code="3", name="唐志明", status=MemberStatus.PROBATIONARY),
    ]
    make_post(branch, Role.SECRETARY, member=found[0])
    return found


@pytest.fixture
def worker(branch: Organisation, client: Client, monkeypatch: pytest.MonkeyPatch) -> User:
    stop_clock(monkeypatch, TODAY)
    user = make_holder(branch)
    client.force_login(user)
    return user


def url(item: ReminderItem, step: str = "close") -> str:
    return f"/w/reminders/items/{item.pk}/{step}/"


def ticked(*present: Member, listed: Sequence[Member] = ()) -> dict[str, list[int]]:
    return {"present": [p.pk for p in present], "listed": [p.pk for p in (listed or present)]}


def meeting(people: Sequence[Member], **fields: Any) -> dict[str, Any]:
    return {"held_on": HELD, "topics": "讨论分工", **ticked(*people), **fields}


# -- one tap ---------------------------------------------------------------------------------------


def test_one_tap_finishes_a_date_only_item_today(client: Client, branch: Organisation, worker: User) -> None:
    item = make_item(branch)
    response = client.post(url(item), {"quick": "1"})
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/w/reminders/?organisation={branch.code}#item-{item.pk}",
    )
    item.refresh_from_db()
    assert (item.state, item.done_on, item.done_by) == (ItemState.DONE, TODAY, worker)
    assert "已完成：主题党日" in client.get("/w/reminders/").content.decode()


def test_a_second_tap_says_so_and_makes_no_second_record(
    client: Client, branch: Organisation, worker: User
) -> None:
    item = make_item(branch)
    client.post(url(item), {"quick": "1"})
    client.post(url(item), {"quick": "1"})
    assert Record.objects.count() == 1
    assert "这一项已经办结，没有重复登记。" in client.get("/w/reminders/").content.decode()


def test_a_date_typed_later_keeps_the_true_date(client: Client, branch: Organisation, worker: User) -> None:
    item = make_item(branch)
    client.post(url(item), {"held_on": "2026-11-03"})
    record = Record.objects.get()
    assert record.held_on == date(2026, 11, 3)
    assert record.entered_by == worker


def test_with_htmx_the_row_the_numbers_and_the_words_come_back(
    client: Client, branch: Organisation, worker: User
) -> None:
    item = make_item(branch)
    response = client.post(url(item), {"quick": "1"}, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count(f'<li id="item-{item.pk}" class="item done">') == 1
    assert text.count('<div id="month-numbers" hx-swap-oob="true">') == 1
    assert 'hx-swap-oob="innerHTML">已完成：主题党日</p>' in text
    assert "1 / 1 项 · 100%" in text


def test_an_answer_belongs_to_the_month_that_is_shown(
    client: Client, branch: Organisation, worker: User
) -> None:
    item = make_item(branch, due=date(2026, 10, 30))
    make_item(branch, due=date(2026, 10, 31))
    text = client.post(url(item) + "?month=2026-10", {"quick": "1"}, headers=HTMX).content.decode()
    assert "1 / 2 项 · 50%" in text
    back = client.post(url(item, "undo") + "?month=2026-10")
    assert back.headers["Location"] == f"/w/reminders/?month=2026-10#item-{item.pk}"


# -- half a page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(KIND_FIELDS))
def test_every_kind_has_a_form_that_opens(
    client: Client, branch: Organisation, people: list[Member], worker: User, kind: RecordKind
) -> None:
    item = make_item(branch, kind=kind)
    page, fragment = client.get(url(item)), client.get(url(item), headers=HTMX)
    assert page.templates[0].name == "reminders/item_close.html"
    assert fragment.templates[0].name == "reminders/_item_form.html"
    assert fragment["HX-Retarget"] == f"#item-{item.pk}-form"
    assert page.content.decode().count('type="date"') == 1


def test_a_meeting_is_recorded_with_names_and_reasons(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.MEETING)
    data = meeting(
        people,
        **ticked(people[0], people[2], listed=people),
        place="会议室",
        host="雷彩霞",
        resolutions="按分工办理",
        checked=["1"],
    )
    client.post(url(item), {**data, f"reason_{people[1].pk}": " 出差 ", f"reason_{people[0].pk}": "不记"})
    record = Record.objects.get()
    assert (record.place, record.host, record.topics, record.resolutions) == (
        "会议室",
        "雷彩霞",
        "讨论分工",
        "按分工办理",
    )
    assert (record.eligible_count, record.present_count) == (3, 2)
    assert record.checked == ["日期随意"]
    assert list(record.attendances.order_by("member__code").values_list("present", "reason")) == [
        (True, ""),
        (False, "出差"),
        (True, ""),
    ]


def test_errors_come_back_with_everything_that_was_typed(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.MEETING)
    data = {"held_on": "2026-11-23", "place": "会议室", "topics": "", **ticked(people[1], listed=people)}
    for headers, template in ((None, "item_close.html"), (HTMX, "_item_form.html")):
        response = client.post(url(item), data, headers=headers)
        text = response.content.decode()
        assert response.status_code == 422
        assert response.templates[0].name == f"reminders/{template}"
        assert "日期不能晚于今天，请改为实际开展的日期。" in text
        assert 'value="会议室"' in text
        form = response.context["form"]
        assert [row.present for row in form.attendance] == [False, True, False]
    assert Record.objects.count() == 0


def test_nobody_present_is_refused(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.MEETING)
    response = client.post(url(item), meeting((), listed=[p.pk for p in people]))
    assert response.context["form"].errors["present"] == ["请至少勾选一名到会人员。"]


def test_another_day_with_other_people_is_asked_again(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    newcomer = make_member(branch, code="4", since=date(2026, 11, 20))
    item = make_item(branch, kind=RecordKind.MEETING)
    response = client.post(url(item), meeting([*people, newcomer]))
    form = response.context["form"]
    assert form.errors["present"][-1] == "这一天的党员名单与刚才不同，已重新列出，请再核对一次。"
    assert [row.option.member for row in form.attendance] == people
    assert client.post(url(item), meeting(people)).status_code == 302


def test_a_committee_meeting_lists_the_committee(branch: Organisation, people: list[Member]) -> None:
    make_post(branch, Role.ORGANISATION_COMMISSIONER, member=people[1])
    item = make_item(branch, kind=RecordKind.MEETING, applies_when=["has_committee"])
    form = RecordForm(item=item, on=TODAY)
    assert [row.option.member for row in form.attendance] == people[:2]


def test_a_vote_has_full_members_as_denominator(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.VOTE, subject_name="唐志明", name="预备党员转正")
    assert RecordForm(item=item, on=TODAY)["matter_0"].value() == "预备党员转正（唐志明）"
    data = meeting(people, matter_0="转正", yes_0="2", matter_1="其他", yes_1="1", no_1="1")
    client.post(url(item), data)
    votes = Record.objects.get().votes.order_by("pk")
    assert [(v.matter, v.eligible, v.present, v.yes, v.no, v.passed) for v in votes] == [
        ("转正", 2, 2, 2, 0, True),
        ("其他", 2, 2, 1, 1, False),
    ]


@pytest.mark.parametrize(
    ("votes", "field", "words"),
    [
        ({"matter_0": "甲", "yes_0": "3"}, "yes_0", "赞成、反对、弃权合计多于实到人数，请核对。"),
        ({"matter_0": "甲", "yes_0": "1", "matter_1": "甲", "yes_1": "1"}, "matter_0", TWICE),
        ({"matter_0": "", "yes_0": "1"}, "matter_0", "这个字段是必填项。"),
    ],
)
def test_impossible_votes_are_explained_at_their_field(
    client: Client,
    branch: Organisation,
    people: list[Member],
    worker: User,
    votes: dict[str, str],
    field: str,
    words: str,
) -> None:
    item = make_item(branch, kind=RecordKind.VOTE)
    response = client.post(url(item), meeting(people, **votes))
    assert response.context["form"].errors[field] == [words]
    assert Record.objects.count() == 0


def test_one_themed_party_day_with_a_lecture_closes_three_items(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    day = make_item(branch, name="主题党日", kind=RecordKind.ACTIVITY)
    lecture = make_item(branch, name="党课", kind=RecordKind.LECTURE)
    hours = make_item(branch, name="学时", kind=RecordKind.HOURS)
    data = {"held_on": HELD, "title": "廉洁教育", "hours": "2", **ticked(*people)}
    refused = client.post(url(day), {**data, "also": [lecture.pk, hours.pk]})
    assert refused.context["form"].errors["host"] == ["同时登记“党课”，请填写这一栏。"]
    response = client.post(url(day), {**data, "also": [lecture.pk, hours.pk], "host": "雷彩霞"}, headers=HTMX)
    text = response.content.decode()
    assert text.count('<li id="item-') == 3
    assert text.count('class="item done" hx-swap-oob="true"') == 2
    assert "已完成：主题党日、党课、学时" in text
    record = Record.objects.get()
    assert (record.kind, record.title, record.host, str(record.hours)) == (
        "activity",
        "廉洁教育",
        "雷彩霞",
        "2.0",
    )
    for item in (day, lecture, hours):
        item.refresh_from_db()
    assert {item.record_id for item in (day, lecture, hours)} == {record.pk}


def test_only_fitting_items_of_this_month_are_offered_and_none_is_ticked(
    branch: Organisation, people: list[Member]
) -> None:
    day = make_item(branch, kind=RecordKind.ACTIVITY)
    lecture = make_item(branch, name="党课", kind=RecordKind.LECTURE)
    meeting_ = make_item(branch, name="党员大会", kind=RecordKind.MEETING)
    make_item(branch, name="支委会", kind=RecordKind.MEETING, applies_when=["has_committee"])
    make_item(branch, name="党费")
    make_done(branch, name="已完成", done_on=TODAY, kind=RecordKind.LECTURE)
    make_item(
        branch, name="尚未开始", kind=RecordKind.LECTURE, due=date(2026, 12, 31), opens=date(2026, 12, 1)
    )
    december: dict[str, Any] = {"due": date(2026, 12, 31), "remind": date(2026, 12, 1)}
    make_item(branch, name="十二月", kind=RecordKind.LECTURE, opens=TODAY, **december)
    make_item(make_organisation(), name="别的支部", kind=RecordKind.LECTURE)
    form = RecordForm(item=day, on=TODAY)
    assert form.offered == [lecture, meeting_]
    assert form["also"].value() is None
    assert form.extra_names == ["host", "topics"]
    assert RecordForm(item=make_item(branch), on=TODAY).offered == []


def test_one_activity_does_a_duty_once(branch: Organisation, people: list[Member]) -> None:
    october: dict[str, Any] = {"due": date(2026, 10, 30), "kind": RecordKind.LECTURE}
    last = make_item(branch, name="党课", period="2026Q3", **october)
    make_item(branch, action=last.action, period="2026Q4")
    day = make_item(branch, kind=RecordKind.ACTIVITY)
    make_item(branch, action=day.action, due=date(2026, 10, 30))
    meeting_ = make_item(branch, name="党员大会", kind=RecordKind.MEETING)
    form = RecordForm(item=day, on=TODAY)
    assert form.offered == [last, meeting_]
    also: Any = form.fields["also"]
    assert [label for _, label in also.choices] == ["党课（2026 年第三季度）", "党员大会"]


def test_a_foreign_item_cannot_be_closed_along(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    day = make_item(branch, kind=RecordKind.ACTIVITY)
    make_item(branch, kind=RecordKind.LECTURE)
    foreign = make_item(make_organisation(), kind=RecordKind.LECTURE)
    data = {"held_on": HELD, "title": "主题", "also": [foreign.pk], **ticked(*people)}
    assert client.post(url(day), data).status_code == 422
    foreign.refresh_from_db()
    assert foreign.state == ItemState.OPEN


def test_a_returned_item_brings_back_what_was_typed(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.MEETING)
    client.post(url(item), meeting(people, **ticked(people[0], listed=people), place="会议室"))
    item.refresh_from_db()
    return_item(item, checklist_line="定主题", reason="补正", by=worker)
    form = RecordForm(item=item, on=TODAY)
    assert (form["place"].value(), form["held_on"].value()) == ("会议室", date(2026, 11, 18))
    assert [row.present for row in form.attendance] == [True, False, False]


def test_a_sensitive_item_asks_for_the_date_alone(branch: Organisation, people: list[Member]) -> None:
    item = make_item(branch, kind=RecordKind.MEETING, sensitive=True)
    assert list(RecordForm(item=item, on=TODAY).fields) == ["held_on"]


def test_a_checklist_needs_a_tick_and_keeps_the_lines(
    client: Client, branch: Organisation, worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.CHECKLIST)
    assert client.post(url(item), {"held_on": HELD}).context["form"].errors["steps"] == ["请至少勾选一项。"]
    client.post(url(item), {"held_on": HELD, "steps": ["0", "2"]})
    assert Record.objects.get().checked == ["定主题", "登记"]


def test_hours_are_shown_from_records_against_the_minimum(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    lecture = make_item(branch, kind=RecordKind.LECTURE)
    data = {
        "held_on": HELD,
        "title": "题目",
        "host": "某人",
        "hours": "3",
        **ticked(people[0], listed=people),
    }
    client.post(url(lecture), data)
    item = make_item(branch, kind=RecordKind.HOURS, due_rule={"min_hours": 2}, opens=date(2026, 1, 1))
    table = hours_table(item, on=TODAY)
    assert [(row.name, row.hours, row.enough) for row in table.rows] == [
        ("雷彩霞", Decimal(3), True),
        ("冯春兰", Decimal(0), False),
        ("唐志明", Decimal(0), False),
    ]
    assert "要求不少于 2 学时，还有 2 人未满" in client.get(url(item)).content.decode()
    committee = make_item(
        branch, kind=RecordKind.HOURS, applies_when=["role:secretary"], opens=date(2026, 1, 1)
    )
    assert [row.name for row in hours_table(committee, on=TODAY).rows] == ["雷彩霞"]
    person = make_item(
        branch, kind=RecordKind.HOURS, subject=f"member:{people[1].pk}", opens=date(2026, 1, 1)
    )
    assert [row.name for row in hours_table(person, on=TODAY).rows] == ["冯春兰"]


def test_missing_hours_are_explained_before_the_item_is_closed(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.HOURS, due_rule={"min_hours": 2}, opens=date(2026, 1, 1))
    assert "学时未满的有 3 人：雷彩霞、冯春兰、唐志明。" in client.get(url(item)).content.decode()
    for data in ({"held_on": HELD}, {"held_on": HELD, "shortfall": "  "}, {"quick": "1"}):
        refused = client.post(url(item), data)
        assert refused.status_code == 422
        assert refused.context["form"].errors == {
            "shortfall": ["还有 3 人学时未满，请用一句话写明原因和补学安排。"]
        }
    assert Record.objects.count() == 0
    client.post(url(item), {"held_on": HELD, "shortfall": "外派学习，12 月补学"})
    assert Record.objects.get().resolutions == "外派学习，12 月补学"
    detail = client.get(f"/w/reminders/items/{item.pk}/").content.decode()
    assert "<dt>未达学时的原因和安排</dt><dd>外派学习，12 月补学</dd>" in detail
    item.refresh_from_db()
    assert item.state == ItemState.DONE
    return_item(item, checklist_line="登记", reason="补正", by=worker)
    assert RecordForm(item=item, on=TODAY)["shortfall"].value() == "外派学习，12 月补学"


def test_hours_are_offered_with_an_activity_only_when_nobody_lacks_any(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    hours = make_item(branch, kind=RecordKind.HOURS, due_rule={"min_hours": 2}, opens=date(2026, 1, 1))
    day, lecture = make_item(branch, kind=RecordKind.ACTIVITY), make_item(branch, kind=RecordKind.LECTURE)
    assert RecordForm(item=day, on=TODAY).offered == [lecture]
    data = {"held_on": HELD, "title": "题目", "host": "某人", "hours": "2", **ticked(*people)}
    client.post(url(lecture), data)
    assert RecordForm(item=day, on=TODAY).offered == [hours]
    assert list(RecordForm(item=hours, on=TODAY).fields) == ["held_on"]


# -- talks -------------------------------------------------------------------------------------------


def talk_item(branch: Organisation) -> ReminderItem:
    return make_item(
        branch, name="谈心谈话", kind=RecordKind.TALK_COVERAGE, opens=date(2026, 1, 1), due=date(2026, 12, 31)
    )


def test_talks_are_ticked_and_the_item_is_done_when_nobody_is_missing(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    secretary, second, third = people
    item = talk_item(branch)
    data = {"held_on": HELD, f"talk_{second.pk}": "on", f"category_{second.pk}": "hardship"}
    text = client.post(url(item), data, headers=HTMX).content.decode()
    assert "已登记，尚未全部完成：谈心谈话" in text
    assert "谈心谈话（还差 1 人）" in text
    client.post(url(item), {"held_on": HELD, f"talk_{third.pk}": "on", f"talker_{third.pk}": secretary.pk})
    item.refresh_from_db()
    assert item.state == ItemState.DONE
    assert list(Talk.objects.order_by("pk").values_list("talker", "partner", "category")) == [
        (secretary.pk, second.pk, "hardship"),
        (secretary.pk, third.pk, "thinking"),
    ]


def test_talks_without_a_tick_or_in_the_future_are_refused(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = talk_item(branch)
    nothing = client.post(url(item), {"held_on": HELD})
    assert nothing.context["form"].non_field_errors() == ["请勾选已经谈过话的党员。"]
    future = client.post(url(item), {"held_on": "2026-12-01", f"talk_{people[1].pk}": "on"})
    assert future.context["form"].errors["held_on"] == ["日期不能晚于今天，请改为实际谈话的日期。"]
    stranger = make_member(make_organisation())
    data = {"held_on": HELD, f"talk_{people[1].pk}": "on", f"talker_{people[1].pk}": stranger.pk}
    assert client.post(url(item), data).status_code == 422
    assert Talk.objects.count() == 0


def test_a_covered_year_is_confirmed_with_a_date(client: Client, branch: Organisation, worker: User) -> None:
    item = talk_item(branch)
    assert "已经覆盖每名党员" in client.get(url(item)).content.decode()
    client.post(url(item), {"held_on": HELD})
    item.refresh_from_db()
    assert item.state == ItemState.DONE


# -- the other steps ----------------------------------------------------------------------------------


def test_undo_not_applicable_and_return_lead_back_to_the_list(
    client: Client, branch: Organisation, worker: User
) -> None:
    item = make_item(branch)
    back = f"/w/reminders/?organisation={branch.code}#item-{item.pk}"
    assert client.get(url(item, "not-applicable")).context["form"].is_bound is False
    refused = client.post(url(item, "not-applicable"), {"reason": ""})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    assert client.post(url(item, "not-applicable"), {"reason": "没有此类情况"}).headers["Location"] == back
    item.refresh_from_db()
    assert (item.state, item.reason) == (ItemState.NOT_APPLICABLE, "没有此类情况")
    assert client.post(url(item, "not-applicable"), {"reason": "又一次"}).headers["Location"] == back
    assert client.post(url(item, "undo")).headers["Location"] == back
    item.refresh_from_db()
    assert item.state == ItemState.OPEN
    assert client.post(url(item, "undo"), headers=HTMX).status_code == 200


def test_staff_return_with_a_line_of_the_checklist(
    client: Client, branch: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clock(monkeypatch, TODAY)
    staff = make_holder(branch, Role.GENERAL_BRANCH_STAFF)
    item = make_item(branch, minimal_record="写明到会人数")
    client.force_login(staff)
    assert client.post(url(item, "return"), {}).status_code == 302  # not done yet: nothing to send back
    close_item(item, data=RecordData(kind=RecordKind.DATE_ONLY, held_on=TODAY), by=staff, on=TODAY)
    assert checklist_of(item) == [
        "写明到会人数",
        "定主题",
        "开展",
        "登记",
        "不应出现：只有照片没有内容",
        "不应出现：日期随意",
    ]
    assert client.get(url(item, "return")).context["form"].is_bound is False
    assert client.post(url(item, "return"), {"checklist_line": "编造的", "reason": "因"}).status_code == 422
    client.post(url(item, "return"), {"checklist_line": "定主题", "reason": "没有主题"})
    item.refresh_from_db()
    assert item.state == ItemState.RETURNED


@pytest.mark.parametrize("step", ["close", "undo", "not-applicable", "return"])
def test_a_foreign_item_is_404_a_reader_is_refused_and_get_is_not_post(
    client: Client, branch: Organisation, worker: User, step: str
) -> None:
    foreign, own = make_item(make_organisation()), make_item(branch)
    expected = {"return": 403}.get(step, 404)
    assert client.post(url(foreign, step)).status_code == expected
    if step == "undo":
        assert client.get(url(own, step)).status_code == 405
    else:
        assert client.put(url(own, step)).status_code == 405
    client.force_login(make_holder(branch, Role.COMMITTEE_STAFF))
    assert client.post(url(own, step)).status_code == 403
    foreign.refresh_from_db()
    assert foreign.state == ItemState.OPEN


def test_the_detail_page_tells_the_whole_story(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(branch, kind=RecordKind.MEETING)
    client.post(url(item), meeting(people, **ticked(people[0], listed=people), place="会议室"))
    item.refresh_from_db()
    Organisation.objects.update(facts_changed=False)
    detail = client.get(f"/w/reminders/items/{item.pk}/").context["detail"]
    assert (detail.record.place, detail.present, detail.absent) == (
        "会议室",
        ["雷彩霞"],
        ["冯春兰", "唐志明"],
    )
    assert client.post(f"/w/reminders/items/{item.pk}/").status_code == 405
    foreign = make_item(make_organisation())
    assert client.get(f"/w/reminders/items/{foreign.pk}/").status_code == 404
    client.force_login(make_user())
    assert client.get(f"/w/reminders/items/{item.pk}/").status_code == 403


def test_hostile_text_shows_as_text_everywhere(
    client: Client, branch: Organisation, people: list[Member], worker: User
) -> None:
    item = make_item(
        branch,
        name=HOSTILE,
        kind=RecordKind.MEETING,
        steps=[HOSTILE],
        common_mistakes=[{"mistake": HOSTILE, "rectification": HOSTILE}],
        legal_basis=[{"document": HOSTILE, "article": HOSTILE, "note": HOSTILE}],
        minimal_record=HOSTILE,
        responsible_name=HOSTILE[:40],
    )
    typed = dict.fromkeys(("place", "topics", "resolutions"), HOSTILE) | {"host": HOSTILE}
    data = meeting(people, **ticked(people[0], listed=people)) | typed | {f"reason_{people[1].pk}": HOSTILE}
    pages = [
        client.get("/w/reminders/"),
        client.get(url(item)),
        client.post(url(item), {**data, "held_on": HOSTILE}),
        client.post(url(item), data, headers=HTMX),
        client.get("/w/reminders/"),
        client.get(f"/w/reminders/items/{item.pk}/"),
        client.post(url(item, "undo"), headers=HTMX),
        client.post(url(item, "not-applicable"), {"reason": HOSTILE * 20}),
    ]
    for page in pages:
        text = page.content.decode()
        assert HOSTILE not in text
        assert escape(HOSTILE) in text
    assert Record.objects.get().host == HOSTILE
