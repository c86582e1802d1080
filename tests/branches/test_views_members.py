"""Pages of people, posts, terms and groups."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from branches.actions.members import add_event, correct_event
from branches.models import Member, MemberEvent
from branches.rules import EventKind, MemberStatus, Role
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_group, make_member, make_post

BASE = "/w/organisations/"
HOSTILE = "<img src=x onerror=alert(1)>"
Counter = Callable[[int], AbstractContextManager[object]]
NEW = {"code": "M100", "name": "唐志明", "status": "full", "since": "2026-01-01"}


def test_register_a_member(house: House) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}{house.br03.pk}/members/add/"
    assert 'value="M005"' in client.get(url).content.decode()
    answer = client.post(url, {**NEW, "name": HOSTILE, "joined_on": "2010-07-01", "assigned": "on"})
    assert answer.headers["Location"] == f"{BASE}{house.br03.pk}/"
    member = Member.objects.get(code="M100")
    assert (member.assigned, member.joined_on) == (True, date(2010, 7, 1))
    page = client.get(f"{BASE}{house.br03.pk}/").content.decode()
    assert (HOSTILE in page, "&lt;img src=x" in page) == (False, True)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "M003", "名册编号“M003”已有人使用，请换一个编号。"),
        ("since", "2199-01-01", "还没有到，请在办理之后登记。"),
        ("since", "昨天", "没有认出日期，请写成“2026-11-13”这样的形式。"),
        ("status", "boss", "选择一个有效的选项"),
        ("joined_on", "2026-02-01", "唐志明的入党日期晚于登记为正式党员的日期，请核对。"),
        ("name", "", "请填写姓名。"),
    ],
)
def test_register_refused_keeps_what_was_typed(house: House, field: str, value: str, sentence: str) -> None:
    answer = signed_in(house.staff).post(
        f"{BASE}{house.br03.pk}/members/add/", {**NEW, "home_department": "专卖科", field: value}
    )
    page = answer.content.decode()
    assert (answer.status_code, Member.objects.count()) == (422, 2)
    assert sentence in page
    assert 'value="专卖科"' in page


def test_the_member_page_strikes_out_what_was_corrected(house: House) -> None:
    wrong = add_event(house.ours, kind=EventKind.RETIRED, on=date(2026, 1, 1), by=house.staff, note=HOSTILE)
    correct_event(wrong, reason="记错人", by=house.staff, replacement=None)
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    page = signed_in(house.staff).get(f"{BASE}members/{house.ours.pk}/").content.decode()
    assert "<s>2026-01-01 退休</s>" in page
    assert f"更正原因：记错人（{house.staff.name}" in page
    assert "登记变动" in page
    assert HOSTILE not in page
    read_only = signed_in(house.worker).get(f"{BASE}members/{house.ours.pk}/").content.decode()
    assert "<s>2026-01-01 退休</s>" in read_only
    assert "登记变动" not in read_only


def test_the_member_page_costs_the_same_for_many_events(
    house: House, django_assert_num_queries: Counter
) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}members/{house.ours.pk}/"
    client.get(url)
    with django_assert_num_queries(9):
        client.get(url)
    for year in (2020, 2021, 2022):
        add_event(house.ours, kind=EventKind.REMINDER_NEEDED, on=date(year, 1, 1), by=house.staff)
    with django_assert_num_queries(9):
        client.get(url)


def test_a_planned_departure_shows_as_planned(house: House) -> None:
    add_event(house.ours, kind=EventKind.RETIRED, on=date(2199, 1, 31), by=house.staff)
    page = signed_in(house.staff).get(f"{BASE}members/{house.ours.pk}/").content.decode()
    assert "计划中" in page
    branch = signed_in(house.staff).get(f"{BASE}{house.br03.pk}/").content.decode()
    assert "2199-01-31 起变动" in branch


def test_edit_a_member(house: House) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}members/{house.ours.pk}/edit/"
    data = {"code": "M003", "name": "雷彩云", "home_department": "专卖科"}
    assert client.post(url, data).headers["Location"] == f"{BASE}members/{house.ours.pk}/"
    house.ours.refresh_from_db()
    assert (house.ours.name, house.ours.joined_on) == ("雷彩云", None)
    answer = client.post(url, {**data, "code": "M004"})
    assert answer.status_code == 422
    assert "名册编号“M004”已有人使用，请换一个编号。" in answer.content.decode()


def test_enter_an_event(house: House) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}members/{house.ours.pk}/events/add/"
    data = {"kind": "moved_in", "on": "2026-02-01", "organisation": house.br04.pk}
    assert client.post(url, data).headers["Location"] == f"{BASE}members/{house.ours.pk}/"
    assert [m.code for m in Member.objects.in_branch(house.br04, on=date(2026, 2, 1)).order_by("code")] == [
        "M003",
        "M004",
    ]
    answer = client.post(url, data)
    assert answer.status_code == 422
    assert "2026-02-01 的“组织关系转入”已经登记过。" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"kind": "converted", "on": "2026-02-01"}, "与此前身份“正式党员”不符，请核对日期和先后顺序。"),
        ({"kind": "moved_in", "on": "2026-02-01"}, "组织关系转入请选择转入的党支部。"),
        ({"kind": "registered", "on": "2026-02-01"}, "选择一个有效的选项"),
        ({"kind": "deceased", "on": "2199-02-01"}, "“去世”的日期 2199-02-01 还没有到，请在办理之后登记。"),
        ({"kind": "", "on": ""}, "请选择变动。"),
        ({"kind": "retired", "on": "2026-02-01", "months": "6"}, "其他变动不填。"),
    ],
)
def test_events_refused_in_words(house: House, data: dict[str, str], sentence: str) -> None:
    answer = signed_in(house.staff).post(
        f"{BASE}members/{house.ours.pk}/events/add/", {**data, "note": "原来写的"}
    )
    page = answer.content.decode()
    assert (answer.status_code, MemberEvent.objects.count()) == (422, 2)
    assert sentence in page
    assert 'value="原来写的"' in page


def test_the_answer_names_the_posts_that_end_and_stay_ended(house: House) -> None:
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    client = signed_in(house.staff)
    data = {"kind": "moved_out", "on": "2026-02-01"}
    page = client.post(f"{BASE}members/{house.ours.pk}/events/add/", data, follow=True).content.decode()
    assert "任职随之结束：红土坡党支部书记（至 2026-01-31）。" in page
    event = house.ours.events.get(kind="moved_out")
    void = {**data, "void": "on", "reason": "没有转"}
    page = client.post(f"{BASE}events/{event.pk}/correct/", void, follow=True).content.decode()
    assert "原来随之结束的任职没有恢复，需要的请重新登记。" in page


def test_a_branch_beyond_ones_reach_is_no_choice(house: House) -> None:
    foreign = make_post(house.committee, Role.COMMITTEE_STAFF).organisation
    data = {"kind": "moved_in", "on": "2026-02-01", "organisation": foreign.pk}
    answer = signed_in(house.staff).post(f"{BASE}members/{house.ours.pk}/events/add/", data)
    assert answer.status_code == 422


def test_correct_an_event(house: House) -> None:
    client = signed_in(house.staff)
    event = house.ours.events.get()
    url = f"{BASE}events/{event.pk}/correct/"
    data = {
        "kind": "registered",
        "on": "2016-01-01",
        "organisation": house.br03.pk,
        "status": "full",
        "reason": "日期抄错",
    }
    assert client.post(url, data).headers["Location"] == f"{BASE}members/{house.ours.pk}/"
    assert list(house.ours.memberships.values_list("since", "status")) == [(date(2016, 1, 1), "full")]
    assert client.get(url).status_code == 404


def test_a_correction_wants_a_reason(house: House) -> None:
    event = house.ours.events.get()
    answer = signed_in(house.staff).post(f"{BASE}events/{event.pk}/correct/", {"void": "on"})
    assert answer.status_code == 422
    event.refresh_from_db()
    assert event.corrected_at is None


def test_voiding_an_event_entered_by_mistake(house: House) -> None:
    event = add_event(house.ours, kind=EventKind.RETIRED, on=date(2026, 1, 1), by=house.staff)
    data = {"kind": "retired", "on": "2026-01-01", "void": "on", "reason": "记错人"}
    client = signed_in(house.staff)
    assert client.post(f"{BASE}events/{event.pk}/correct/", data).status_code == 302
    assert house.ours.memberships.get().until is None
    only = house.ours.events.standing().get()
    registered = {
        "kind": "registered",
        "on": "2015-01-01",
        "status": "full",
        "void": "on",
        "reason": "重复登记",
    }
    assert client.post(f"{BASE}events/{only.pk}/correct/", registered).headers["Location"] == BASE


def test_give_and_end_a_post(house: House) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}{house.br03.pk}/posts/add/"
    data = {"role": "secretary", "holder": f"m{house.ours.pk}", "since": "2026-01-01"}
    assert client.post(url, data).headers["Location"] == f"{BASE}{house.br03.pk}/"
    answer = client.post(url, data)
    assert answer.status_code == 422
    assert "雷彩霞2026-01-01 至今已担任“书记”，时间重叠，请核对日期。" in answer.content.decode()
    post = house.ours.posts.get()
    end = f"{BASE}posts/{post.pk}/end/"
    page = client.get(end).content.decode()
    assert ("登记雷彩霞离任" in page, "工作交接由系统自动发起" in page) == (True, True)
    assert client.post(end, {"day": "2025-12-31"}).status_code == 422
    assert client.post(end, {"day": "2026-06-30"}).status_code == 302
    post.refresh_from_db()
    assert post.until == date(2026, 6, 30)
    assert client.get(end).status_code == 404


def test_ending_a_post_that_is_not_handed_over_promises_nothing(house: House) -> None:
    post = make_post(house.br03, Role.PUBLICITY_COMMISSIONER, member=house.ours)
    page = signed_in(house.staff).get(f"{BASE}posts/{post.pk}/end/").content.decode()
    assert ("离任次日起" in page, "工作交接" in page.split("<main")[1]) == (True, False)


@pytest.mark.parametrize(
    ("role", "holder"),
    [("administrator", "m{ours}"), ("secretary", "m{theirs}"), ("worker", "u999999"), ("worker", "")],
    ids=["role above", "foreign member", "unknown", "nobody"],
)
def test_posts_out_of_reach_are_no_choice(house: House, role: str, holder: str) -> None:
    chosen = holder.format(ours=house.ours.pk, theirs=house.theirs.pk)
    answer = signed_in(house.staff).post(
        f"{BASE}{house.br03.pk}/posts/add/", {"role": role, "holder": chosen, "since": "2026-01-01"}
    )
    assert answer.status_code == 422
    assert house.br03.posts.count() == 1


def test_a_term_with_its_usual_end_and_its_extension(house: House) -> None:
    client = signed_in(house.staff)
    url = f"{BASE}{house.br03.pk}/terms/add/"
    assert client.post(url, {"elected_on": "2024-02-29"}).status_code == 302
    term = house.br03.terms.get()
    assert term.ends_on == date(2027, 2, 28)
    assert client.post(url, {"elected_on": "2024-02-29"}).status_code == 422
    extend = f"{BASE}terms/{term.pk}/extend/"
    approved = {"basis": "批复", "approved_on": "2026-11-20"}
    assert client.post(extend, {"to": "2028-03-01", **approved}).status_code == 422
    assert client.post(extend, {"to": "2028-02-28", **approved}).status_code == 302
    term.refresh_from_db()
    assert term.extended_to == date(2028, 2, 28)


def test_groups_are_formed_changed_and_ended(house: House) -> None:
    client = signed_in(house.staff)
    second = make_member(house.br03, status=MemberStatus.PROBATIONARY)
    today = timezone.localdate()
    data = {
        "name": "一组",
        "since": "2026-01-01",
        "leader": house.ours.pk,
        "members": [house.ours.pk, second.pk],
    }
    assert client.post(f"{BASE}{house.br03.pk}/groups/add/", data).status_code == 302
    group = house.br03.party_groups.get()
    assert group.seats.at(today).count() == 2
    edit = f"{BASE}groups/{group.pk}/edit/"
    assert client.post(edit, {"name": "第一组", "members": [second.pk]}).status_code == 302
    assert client.post(edit, {"name": "第一组", "members": [house.theirs.pk]}).status_code == 422
    end = f"{BASE}groups/{group.pk}/end/"
    assert client.post(end, {"day": str(today - timedelta(days=9999))}).status_code == 422
    assert client.post(end, {"day": str(today)}).status_code == 302
    group.refresh_from_db()
    ended = list(group.seats.order_by("pk").values_list("member", "until"))
    assert (group.name, group.until, ended) == (
        "第一组",
        today,
        [(house.ours.pk, today), (second.pk, today)],
    )
    assert client.get(edit).status_code == 404


PAGES = [
    "{br03}/members/add/",
    "members/{ours}/edit/",
    "members/{ours}/events/add/",
    "events/{event}/correct/",
    "{br03}/posts/add/",
    "posts/{post}/end/",
    "{br03}/terms/add/",
    "terms/{term}/extend/",
    "{br03}/groups/add/",
    "groups/{group}/edit/",
    "groups/{group}/end/",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_staff_refuse_others_and_other_methods(house: House, path: str) -> None:
    ids = {
        "br03": house.br03.pk,
        "ours": house.ours.pk,
        "event": house.ours.events.get().pk,
        "post": house.worker.posts.get().pk,
        "term": house.br03.terms.create(elected_on=date(2025, 1, 1), ends_on=date(2028, 1, 1)).pk,
        "group": house.br03.party_groups.create(name="一组", since=date(2025, 1, 1)).pk,
    }
    url = BASE + path.format(**ids)
    refused = [signed_in(user).post(url, {}).status_code for user in (house.worker, house.overseer)]
    assert refused == [403, 403]
    assert signed_in(house.staff).get(url).status_code == 200
    assert signed_in(house.staff).put(url).status_code == 405


def test_the_member_page_refuses_the_administrator_and_posts(house: House) -> None:
    url = f"{BASE}members/{house.ours.pk}/"
    assert signed_in(house.administrator).get(url).status_code == 403
    assert signed_in(house.staff).post(url).status_code == 405


def test_a_departure_says_which_group_is_left(house: House) -> None:
    make_group(house.br03, "第一党小组", leader=house.ours)
    client = signed_in(house.staff)
    data = {"kind": "moved_out", "on": "2026-02-01"}
    page = client.post(f"{BASE}members/{house.ours.pk}/events/add/", data, follow=True).content.decode()
    assert "同时退出党小组“第一党小组”。" in page
    branch = client.get(f"{BASE}{house.br03.pk}/").content.decode()
    assert ("组长 暂未确定" in branch, "组长 雷彩霞" in branch) == (True, False)
    event = house.ours.events.get(kind="moved_out")
    void = {**data, "void": "on", "reason": "没有转"}
    page = client.post(f"{BASE}events/{event.pk}/correct/", void, follow=True).content.decode()
    assert "原来随之结束的党小组没有恢复，需要的请重新登记。" in page


@pytest.mark.parametrize(
    ("status", "kind"),
    [(MemberStatus.PROBATIONARY, "revoked"), (MemberStatus.ACTIVIST, "discontinued")],
)
def test_a_way_into_the_party_that_ends_is_an_event(house: House, status: MemberStatus, kind: str) -> None:
    person = make_member(house.br03, status=status)
    client, data = signed_in(house.staff), {"kind": kind, "on": "2026-02-01"}
    assert client.post(f"{BASE}members/{house.ours.pk}/events/add/", data).status_code == 422
    assert client.post(f"{BASE}members/{person.pk}/events/add/", data).status_code == 302
    assert [span.until for span in person.memberships.all()] == [date(2026, 2, 1)]


def test_a_retirement_asks_for_the_day_of_the_document(house: House) -> None:
    page = signed_in(house.staff).get(f"{BASE}members/{house.ours.pk}/events/add/").content.decode()
    assert "退休请填批准文件写明的确切日期，不要按年龄推算" in page
