"""Help as pages: from a screen to its words and back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from guide.queries import all_entries
from tests.factories.branches import make_user

Counter = Callable[[int], AbstractContextManager[object]]
LIST = "/w/help/"
# Session, account, and what one holds: the least of any signed-in page.
STATEMENTS = 3


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append({name: value or "" for name, value in attrs})

    def to(self, part: str) -> list[str]:
        return [link["href"] for link in self.found if part in link.get("href", "")]


def page(client: Client, url: str, **more: str) -> str:
    answer = client.get(url, headers=more or None)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_ones_own_areas_first(client: Client, django_assert_num_queries: Counter) -> None:
    with django_assert_num_queries(STATEMENTS):
        text = page(client, LIST)
    assert text.index("登记并完成一项") < text.index("其他岗位用的") < text.index("发送一项专项工作")
    assert Links(text).to("/w/help/tour/") == ["/w/help/tour/worker/"]


def test_searching_finds_and_says_when_it_does_not(
    client: Client, django_assert_num_queries: Counter
) -> None:
    with django_assert_num_queries(STATEMENTS):
        found = page(client, f"{LIST}?q=撤销重来")
    assert "/w/help/item_undo/" in Links(found).to("item_undo")
    assert "没有找到相符的说明。" in page(client, f"{LIST}?q=宇宙飞船")
    hostile = page(client, f"{LIST}?q=<script>alert(1)</script>&back=//evil.example/")
    assert ("<script>alert" in hostile, Links(hostile).to("//evil")) == (False, [])


def test_an_entry_carries_the_way_back_along(client: Client, django_assert_num_queries: Counter) -> None:
    with django_assert_num_queries(STATEMENTS):
        text = page(client, f"{LIST}item_close/?back=/w/reminders/%3Fmonth%3D2026-11")
    links = Links(text)
    assert links.to("/w/reminders/?month=2026-11") == ["/w/reminders/?month=2026-11"]
    assert links.to("/w/help/item_undo/") == ["/w/help/item_undo/?back=%2Fw%2Freminders%2F%3Fmonth%3D2026-11"]
    assert "返回刚才的页面" not in page(client, f"{LIST}item_close/")


@pytest.mark.parametrize("code", sorted(all_entries()))
def test_every_entry_is_a_page(client: Client, code: str) -> None:
    entry = all_entries()[code]
    text = page(client, reverse("guide:help_page", args=[code]))
    assert f"<h1>{entry.title}</h1>" in text
    assert text.count("<dt>") == len(entry.questions)
    assert [code for code in entry.see_also if f"/w/help/{code}/" not in text] == []


def test_an_unknown_entry_is_not_found(client: Client) -> None:
    assert client.get(f"{LIST}nothing/").status_code == 404


def test_from_a_screen_to_its_entry(client: Client, django_assert_num_queries: Counter) -> None:
    with django_assert_num_queries(2):
        answer = client.get(f"{LIST}here/?screen=reminders:item_return&back=/w/reminders/")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/w/help/item_return/?back=%2Fw%2Freminders%2F",
    )
    assert client.get(f"{LIST}here/?screen=no:such").headers["Location"] == LIST
    assert client.get(f"{LIST}here/?screen=x&back=https://evil.example/").headers["Location"] == (
        f"{LIST}?back=%2Fw%2F"
    )


def test_scripts_get_the_entry_alone_to_open_above_the_page(client: Client) -> None:
    part = page(client, f"{LIST}here/?screen=reminders:month_list", **{"HX-Request": "true"})
    assert ("<html" in part, "帮助：看本月清单" in part, part.count("data-focus")) == (False, True, 1)
    nothing = page(client, f"{LIST}here/?screen=no:such", **{"HX-Request": "true"})
    assert "这一页还没有单独的说明。" in nothing


def test_every_page_leads_to_its_own_help_and_asks_nothing_for_it(client: Client) -> None:
    links = Links(page(client, "/w/account/?x=1")).found
    [link] = [one for one in links if one.get("href", "").startswith("/w/help/here/")]
    assert link["href"] == "/w/help/here/?screen=accounts%3Aprofile&back=%2Fw%2Faccount%2F%3Fx%3D1"
    assert link["hx-get"] == link["href"]


def test_help_on_help_is_a_page_of_its_own(client: Client) -> None:
    [link] = [one for one in Links(page(client, LIST)).found if "help/here" in one.get("href", "")]
    assert "hx-get" not in link


def test_an_answer_to_a_form_is_no_place_to_come_back_to(client: Client) -> None:
    text = client.post("/w/account/password/confirm/", {"password": "wrong"}).content.decode()
    assert Links(text).to("/w/help/here/") == ["/w/help/here/?screen=accounts%3Apassword_confirm"]
    assert '<input type="hidden" name="next" value="">' in text


def test_who_owes_a_new_password_has_no_other_way(db: None) -> None:
    client = Client()
    client.force_login(make_user(must_change_password=True))
    assert Links(page(client, "/w/account/password/")).to("/w/help/") == []


@pytest.mark.parametrize("path", ["", "item_close/", "here/"])
def test_help_is_only_read_and_only_by_the_signed_in(client: Client, path: str) -> None:
    assert client.post(f"{LIST}{path}").status_code == 405
    assert Client().get(f"{LIST}{path}").headers["Location"].startswith("/w/account/login/")
