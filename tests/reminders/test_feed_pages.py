"""One's own calendar links: making, replacing, ending; the token is seen once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.models import Organisation, Post
from branches.rules import Role
from reminders.actions.feeds import LinkEnded, TooManyLinks, make_feed, remake_feed, revoke_feed
from reminders.feed_rules import MOST_LINKS, digest_of
from reminders.models import CalendarFeed
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.reminders.feed_scene import fetch

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
URL = "/w/reminders/feeds/"


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> User:
    stop_clock(monkeypatch, TODAY)
    return make_holder(make_organisation(name="红土坡烟站党支部"))


@pytest.fixture
def own(client: Client, worker: User) -> Client:
    client.force_login(worker)
    return client


def made_for(user: User, label: str = "我的手机") -> CalendarFeed:
    return make_feed(user, label=label, now=timezone.now()).feed


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def links_in(answer: Any) -> list[str]:
    return re.findall(r"[a-z]+://\S+?/calendar/[\w-]{43}\.ics", text_of(answer))


def events_of(user: User) -> list[tuple[str, dict[str, Any]]]:
    rows = AuditEvent.objects.filter(by=user, event__startswith="reminders.feed").order_by("pk")
    return [(row.event, row.detail) for row in rows]


# --- actions --------------------------------------------------------------------------------------


def test_a_link_is_made_with_the_digest_alone(worker: User) -> None:
    first = make_feed(worker, label=" 我的手机 ", now=timezone.now())
    second = make_feed(worker, label="我的手机", now=timezone.now())
    assert (first.feed.label, first.feed.user, first.feed.digest) == (
        "我的手机",
        worker,
        digest_of(first.token),
    )
    assert first.token != second.token
    assert events_of(worker) == [("reminders.feed_made", {"label": "我的手机"})] * 2


def test_so_many_links_and_no_more(worker: User) -> None:
    made = [made_for(worker) for _ in range(MOST_LINKS)]
    with pytest.raises(TooManyLinks, match="最多同时使用 5 个链接"):
        made_for(worker)
    made_for(make_user())
    revoke_feed(made[0], now=timezone.now())
    made_for(worker)
    assert CalendarFeed.objects.of(worker).in_use().count() == MOST_LINKS


def test_a_link_ends_once(worker: User) -> None:
    feed = made_for(worker)
    revoke_feed(feed, now=timezone.now())
    for again in (revoke_feed, remake_feed):
        with pytest.raises(LinkEnded, match="已经停用"):
            again(feed, now=timezone.now())
    assert [event for event, _ in events_of(worker)] == ["reminders.feed_made", "reminders.feed_revoked"]


def test_a_new_link_takes_the_place_of_the_old(worker: User) -> None:
    for _ in range(MOST_LINKS - 1):
        made_for(worker)
    old = make_feed(worker, label="平板", now=timezone.now())
    new = remake_feed(old.feed, now=timezone.now())
    found = [fetch(f"/calendar/{each.token}.ics").status_code for each in (old, new)]
    assert (new.feed.label, found) == ("平板", [404, 200])
    assert CalendarFeed.objects.of(worker).in_use().count() == MOST_LINKS
    assert events_of(worker)[-1] == ("reminders.feed_remade", {"label": "平板", "instead_of": old.feed.pk})


# --- pages ----------------------------------------------------------------------------------------


def test_the_page_lists_the_links_in_use_with_their_days(own: Client, worker: User) -> None:
    made_for(make_user(), "别人的手机")
    revoke_feed(made_for(worker, "旧手机"), now=timezone.now())
    at = timezone.now().replace(year=2026, month=3, day=5, hour=4)
    CalendarFeed.objects.filter(pk=made_for(worker, "手机").pk).update(made_at=at, used_on=TODAY)
    CalendarFeed.objects.filter(pk=made_for(worker, "电脑").pk).update(made_at=at)
    shown = re.findall(r"<b>(.*?)</b>\s*<p[^>]*>(.*?)</p>", text_of(own.get(URL)), re.DOTALL)
    assert shown == [
        ("手机", "2026 年 3 月 5 日 建立 · 最近读取 2026 年 11 月 18 日"),
        ("电脑", "2026 年 3 月 5 日 建立 · 还没有读取过"),
    ]


@pytest.mark.parametrize("links", [1, 3])
def test_the_page_asks_the_same_for_many_links(
    own: Client, worker: User, links: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(links):
        made_for(worker)
    made_for(make_user(), "别人的手机")
    own.get(URL)
    with django_assert_num_queries(4):
        assert "别人的手机" not in text_of(own.get(URL))


def test_the_link_is_shown_once_in_both_spellings(own: Client, worker: User, settings: LazySettings) -> None:
    settings.PORTAL_URL = "https://portal.example"
    answer = own.post(URL + "add/", {"label": "我的手机"})
    https, webcal = sorted(set(links_in(answer)))
    assert (https.partition("//")[2], webcal.partition(":")[0]) == (webcal.partition("//")[2], "webcal")
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert fetch(https.removeprefix("https://portal.example")).status_code == 200
    assert links_in(own.get(URL)) == []


def test_without_a_known_address_the_link_begins_as_the_page_does(
    own: Client, settings: LazySettings
) -> None:
    settings.PORTAL_URL = ""
    answer = own.post(URL + "add/", {"label": "我的手机"})
    assert {link.partition("/calendar/")[0] for link in links_in(answer)} == {
        "http://testserver",
        "webcal://testserver",
    }


@pytest.mark.parametrize(
    ("label", "sentence"),
    [("", "请填写用在哪里。"), ("  ", "请填写用在哪里。"), ("长" * 41, "请写短一些，40 个字以内。")],
)
def test_what_was_typed_stays_beside_the_reason(own: Client, worker: User, label: str, sentence: str) -> None:
    answer = own.post(URL + "add/", {"label": label})
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert answer.context["form"]["label"].value() == label
    assert not CalendarFeed.objects.exists()


def test_a_sixth_link_is_refused_in_words(own: Client, worker: User) -> None:
    for _ in range(MOST_LINKS):
        made_for(worker)
    assert "最多同时使用 5 个链接" in text_of(own.get(URL))
    answer = own.post(URL + "add/", {"label": "电脑"})
    assert (answer.status_code, "请先停用不用的" in text_of(answer)) == (422, True)


def test_a_link_is_replaced_from_its_page(own: Client, worker: User) -> None:
    feed = made_for(worker)
    assert "原来的链接马上失效" in text_of(own.get(f"{URL}{feed.pk}/remake/"))
    assert CalendarFeed.objects.in_use().get() == feed
    assert len(set(links_in(own.post(f"{URL}{feed.pk}/remake/")))) == 2
    assert own.post(f"{URL}{feed.pk}/remake/").status_code == 404


def test_a_link_is_ended_from_its_page(own: Client, worker: User) -> None:
    feed = made_for(worker)
    assert "停用“我的手机”的日历链接" in text_of(own.get(f"{URL}{feed.pk}/revoke/"))
    answer = own.post(f"{URL}{feed.pk}/revoke/", follow=True)
    assert "“我的手机”的日历链接已停用。" in text_of(answer)
    assert not CalendarFeed.objects.in_use().exists()


@pytest.mark.parametrize("step", ["remake", "revoke"])
def test_nobody_touches_the_link_of_somebody_else(own: Client, step: str) -> None:
    foreign = made_for(make_user())
    answers = [own.get(f"{URL}{foreign.pk}/{step}/"), own.post(f"{URL}{foreign.pk}/{step}/")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert CalendarFeed.objects.in_use().get() == foreign


def test_who_has_left_can_still_end_a_link_and_make_none(own: Client, worker: User) -> None:
    feed = made_for(worker)
    Post.objects.update(until=TODAY - timedelta(days=1))
    assert "您目前没有在任的支部工作" in text_of(own.get(URL))
    refused = [own.post(URL + "add/", {"label": "电脑"}), own.post(f"{URL}{feed.pk}/remake/")]
    assert [answer.status_code for answer in refused] == [403, 403]
    assert own.post(f"{URL}{feed.pk}/revoke/").status_code == 302
    assert not CalendarFeed.objects.in_use().exists()


def test_overseers_make_no_link(client: Client, worker: User) -> None:
    place: Organisation = make_organisation(kind="committee")
    client.force_login(make_holder(place, Role.COMMITTEE_STAFF))
    assert client.post(URL + "add/", {"label": "电脑"}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"), [("post", ""), ("put", "add/"), ("put", "1/remake/"), ("delete", "1/revoke/")]
)
def test_wrong_methods(own: Client, method: str, path: str) -> None:
    assert getattr(own, method)(URL + path).status_code == 405


def test_the_way_there_stands_on_the_account_page_and_on_the_list(own: Client) -> None:
    for path in ("/w/account/", "/w/reminders/"):
        assert f'href="{URL}"' in text_of(own.get(path))


def test_who_comes_back_to_the_address_of_the_form_is_led_to_the_list(own: Client) -> None:
    assert own.get(URL + "add/").headers["Location"] == URL
