"""The public address of a calendar: what it shows to whom, and what happens when it is asked again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.rules import GrantKind, OrganisationKind, Role
from records.actions import RecordData
from records.rules import RecordKind
from reminders.actions.feeds import revoke_feed
from reminders.actions.items import close_item, mark_not_applicable, undo_item
from reminders.models import CalendarFeed, ReminderItem
from reminders.rules import Category, ItemState
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_organisation, make_tree, make_user
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_action
from tests.reminders.feed_scene import address_of, events, fetch, titles

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DUE = date(2026, 11, 30)


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    stop_clock(monkeypatch, TODAY)
    return make_organisation(name="红土坡烟站党支部", facts_changed=False)


@pytest.fixture
def worker(branch: Organisation) -> User:
    return make_holder(branch)


@pytest.fixture
def address(worker: User) -> str:
    return address_of(worker)


def withdrawn(branch: Organisation, days_ago: int, **fields: Any) -> ReminderItem:
    at = datetime(2026, 11, 18, 1, tzinfo=UTC) - timedelta(days=days_ago)
    given = {"state": ItemState.WITHDRAWN, "reason": "不再适用", "revision": 1, "changed_at": at}
    return make_item(branch, **{**given, **fields})


def test_open_and_done_items_of_the_window_are_shown_by_their_day(branch: Organisation, address: str) -> None:
    make_item(branch, name="早过了", due=TODAY - timedelta(days=61))
    make_item(branch, name="六十天前", due=TODAY - timedelta(days=60))
    make_done(branch, name="主题党日", done_on=TODAY, due=DUE)
    make_item(branch, name="退回的", due=date(2026, 12, 1), state=ItemState.RETURNED)
    make_item(branch, name="四百天后", due=TODAY + timedelta(days=400))
    make_item(branch, name="太远", due=TODAY + timedelta(days=401))
    assert titles(address) == ["六十天前", "已完成：主题党日", "退回的", "四百天后"]


def test_what_was_never_shown_or_fell_away_long_ago_is_absent(branch: Organisation, address: str) -> None:
    make_item(branch, name="联合前已办结", state=ItemState.NOT_APPLICABLE, reason="联合前已办结")
    withdrawn(branch, 61, name="早已撤下")
    withdrawn(branch, 60, name="撤下")
    assert [(str(e["SUMMARY"]), str(e["STATUS"])) for e in events(fetch(address))] == [
        ("已取消：撤下", "CANCELLED")
    ]


def test_no_foreign_branch_and_nobodys_name(branch: Organisation, worker: User, address: str) -> None:
    make_item(make_organisation(name="外单位党支部"), name="外单位的事")
    make_item(
        branch,
        name="积极分子考察",
        subject="member:3",
        subject_name="韩冬梅",
        note="韩冬梅缺席",
        responsible_name="雷彩霞",
        minimal_record="考察意见",
    )
    done = make_item(branch, name="民主评议党员", due=DUE)
    close_item(done, data=RecordData(RecordKind.MEETING, TODAY, title="评议结果"), by=worker, on=TODAY)
    mark_not_applicable(make_item(branch, name="换届"), reason="韩冬梅已转出", by=worker, on=TODAY)
    answer = fetch(address).content.decode().replace("\r\n ", "")
    hidden = ["外单位", "韩冬梅", "雷彩霞", worker.name, worker.username, "考察意见", "评议结果", "转出"]
    assert [word for word in hidden if word in answer] == []
    assert titles(address) == ["积极分子考察", "已完成：民主评议党员", "已取消：换届"]


def test_what_somebody_typed_is_said_by_its_category(branch: Organisation, address: str) -> None:
    """A special task's name may hold anything; the link is read by whoever has it."""
    typed = make_action(organisation=branch, name="核实韩冬梅的材料", category=Category.MEETING)
    make_item(branch, action=typed)
    make_item(branch, name="党课")
    assert sorted(titles(address)) == sorted([f"一项{Category.MEETING.label}", "党课"])
    assert "韩冬梅" not in fetch(address).content.decode().replace("\r\n ", "")


def test_the_way_to_the_item_needs_the_portals_own_address(
    branch: Organisation, address: str, settings: LazySettings
) -> None:
    item = make_item(branch)
    settings.PORTAL_URL = ""
    assert "URL" not in events(fetch(address))[0]
    settings.PORTAL_URL = "https://portal.example"
    assert str(events(fetch(address))[0]["URL"]) == f"https://portal.example/w/reminders/items/{item.pk}/"


# --- whose list ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        (TODAY, None, ["主题党日"]),
        (TOMORROW, None, []),
        (date(2026, 1, 1), TODAY, ["主题党日"]),
        (date(2026, 1, 1), YESTERDAY, []),
    ],
)
def test_a_post_shows_its_list_on_its_days_alone(
    branch: Organisation, since: date, until: date | None, shown: list[str]
) -> None:
    make_item(branch)
    assert titles(address_of(make_holder(branch, since=since, until=until))) == shown


@pytest.mark.parametrize(
    ("kind", "since", "until", "shown"),
    [
        (GrantKind.STAND_IN, TODAY, TODAY, ["主题党日"]),
        (GrantKind.STAND_IN, TOMORROW, TOMORROW, []),
        (GrantKind.STAND_IN, YESTERDAY, YESTERDAY, []),
        (GrantKind.ROTATION, TODAY, TODAY, []),
        (GrantKind.HANDOVER, TODAY, TODAY, []),
    ],
)
def test_a_stand_in_sees_the_list_during_the_days_and_no_other_grant_does(
    branch: Organisation, kind: GrantKind, since: date, until: date, shown: list[str]
) -> None:
    make_item(branch)
    user = make_user()
    AccessGrant.objects.create(
        user=user, organisation=branch, kind=kind, since=since, until=until, reason="请假代办"
    )
    assert titles(address_of(user)) == shown


def test_staff_get_their_own_list_and_not_every_branch_below(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch, TODAY)
    _, general, branches = make_tree()
    make_item(general, name="总支的")
    make_item(branches[0], name="支部的")
    address = address_of(make_holder(general, Role.GENERAL_BRANCH_STAFF))
    assert titles(address) == ["总支的"]


def test_overseers_and_administrators_keep_no_list(branch: Organisation) -> None:
    committee = make_organisation(kind=OrganisationKind.COMMITTEE)
    make_item(committee)
    assert [titles(address_of(make_holder(committee, role))) for role in (Role.COMMITTEE_STAFF,)] == [[]]
    assert titles(address_of(make_holder(committee, Role.ADMINISTRATOR))) == []


def test_a_dissolved_branch_shows_nothing(branch: Organisation, address: str) -> None:
    make_item(branch)
    Organisation.objects.filter(pk=branch.pk).update(dissolved_on=TODAY)
    assert titles(address) == []


def test_two_posts_stand_in_one_calendar_each_item_once(branch: Organisation, worker: User) -> None:
    other = make_organisation(name="第二党支部")
    Post.objects.create(organisation=other, role=Role.SECRETARY, user=worker, since=date(2026, 1, 1))
    Post.objects.create(organisation=branch, role=Role.SECRETARY, user=worker, since=date(2026, 1, 1))
    make_item(branch)
    make_item(other, name="党课")
    assert titles(address_of(worker)) == ["主题党日 · 红土坡烟站党支部", "党课 · 第二党支部"]


# --- who may ask, and how -----------------------------------------------------------------------


def test_whatever_is_wrong_the_answer_is_the_same(worker: User, address: str) -> None:
    gone = address_of(worker)
    revoke_feed(CalendarFeed.objects.latest("pk"), now=timezone.now())
    other = make_user(is_active=False)
    disabled = address_of(other)
    wrong = [
        gone,
        disabled,
        address.removesuffix(".ics"),
        address.replace(".ics", ".ICS"),
        address + "/",
        "/calendar/unknown.ics",
        "/calendar/.ics",
        "/calendar/" + "x" * 3000 + ".ics",
        "/calendar/../w/.ics",
        "/calendar/中文；'--.ics",
    ]
    answers = {
        (a.status_code, a.content, tuple(sorted(a.headers.items()))) for a in (fetch(path) for path in wrong)
    }
    assert len(answers) == 1
    status, body, _ = answers.pop()
    assert (status, body) == (404, "没有这个日历链接。\n".encode())
    assert fetch(address).status_code == 200


def test_only_the_digest_of_a_token_is_kept(worker: User, address: str) -> None:
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    kept = CalendarFeed.objects.get()
    assert len(token) == 43
    assert token not in str(vars(kept))
    assert fetch(f"/calendar/{kept.digest}.ics").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_is_read_and_nothing_else(address: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = getattr(client, method)(address)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_nobody_is_asked_for_and_no_cookie_is_set(branch: Organisation, address: str) -> None:
    make_item(branch)
    for answer in (fetch(address), fetch("/calendar/unknown.ics")):
        assert not answer.cookies
        assert "Vary" not in answer.headers
        assert not answer.wsgi_request.session.accessed
        assert not hasattr(answer.wsgi_request, "_cached_user")


def test_what_goes_with_the_answer(address: str) -> None:
    answer = fetch(address)
    names = ("Content-Type", "Cache-Control", "Referrer-Policy", "X-Robots-Tag")
    assert [answer.headers[name] for name in names] == [
        "text/calendar; charset=utf-8",
        "private, no-cache",
        "no-referrer",
        "noindex, nofollow",
    ]


def test_head_is_answered_without_a_body(branch: Organisation, address: str) -> None:
    make_item(branch)
    head, whole = Client().head(address), fetch(address)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])


# --- asked again -----------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(branch: Organisation, address: str) -> None:
    make_item(branch)
    first = fetch(address)
    again = fetch(address, if_none_match=first.headers["ETag"])
    weak = fetch(address, if_none_match=f'"other", W/{first.headers["ETag"]}')
    assert [(a.status_code, a.content) for a in (again, weak)] == [(304, b""), (304, b"")]
    assert {name: again.headers[name] for name in ("ETag", "Cache-Control", "Referrer-Policy")} == {
        name: first.headers[name] for name in ("ETag", "Cache-Control", "Referrer-Policy")
    }


def test_a_date_alone_never_says_that_nothing_has_changed(branch: Organisation, address: str) -> None:
    """When a post ends, items leave the feed and no item has changed: only the tag knows."""
    make_item(branch)
    first = fetch(address)
    Post.objects.update(until=YESTERDAY)
    again = fetch(address, if_modified_since=first.headers["Last-Modified"])
    assert (again.status_code, events(again)) == (200, [])


def test_every_change_changes_the_tag(branch: Organisation, worker: User, address: str) -> None:
    item = make_item(branch)
    tags = [fetch(address).headers["ETag"]]
    close_item(item, data=RecordData(RecordKind.DATE_ONLY, TODAY), by=worker, on=TODAY)
    tags.append(fetch(address).headers["ETag"])
    undo_item(item, by=worker, on=TODAY)
    tags.append(fetch(address).headers["ETag"])
    make_item(branch, name="党课")
    tags.append(fetch(address).headers["ETag"])
    Organisation.objects.filter(pk=branch.pk).update(name="新名称党支部")
    tags.append(fetch(address).headers["ETag"])
    assert len(set(tags)) == 5
    assert fetch(address, if_none_match=tags[-2]).status_code == 200


def test_last_modified_is_the_latest_change(branch: Organisation, worker: User, address: str) -> None:
    at = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    item = make_item(branch)
    ReminderItem.objects.filter(pk=item.pk).update(changed_at=at)
    assert fetch(address).headers["Last-Modified"] == "Wed, 02 Jan 2030 03:04:05 GMT"


def test_the_day_of_the_last_reading_is_kept_and_no_hour(address: str) -> None:
    assert CalendarFeed.objects.get().used_on is None
    tag = fetch(address).headers["ETag"]
    assert CalendarFeed.objects.get().used_on == TODAY
    CalendarFeed.objects.update(used_on=YESTERDAY)
    assert fetch(address, if_none_match=tag).status_code == 304
    assert CalendarFeed.objects.get().used_on == TODAY


@pytest.mark.parametrize("items", [1, 3])
def test_two_statements_and_a_third_once_a_day(
    branch: Organisation, address: str, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_item(make_organisation(), name="外单位的事")
    for n in range(items):
        make_item(branch, name=f"事项{n}")
    with django_assert_num_queries(3):
        assert titles(address) == [f"事项{n}" for n in range(items)]
    with django_assert_num_queries(2):
        tag = fetch(address).headers["ETag"]
    with django_assert_num_queries(2):
        assert fetch(address, if_none_match=tag).status_code == 304
    with django_assert_num_queries(1):
        assert fetch("/calendar/unknown.ics").status_code == 404
