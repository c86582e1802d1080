"""The door: nobody is known behind it, whatever happens there is told nobody."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.signals import got_request_exception
from django.test import Client
from django.utils import timezone

from burden.box.door import BODY_LIMIT, TOKEN, is_recent, token_of
from burden.box.silence import is_below, names_it
from partyaffairs.logs import leave_visits_out
from tests.box.visitor import ORIGIN, Visitor

pytestmark = pytest.mark.urls("tests.box.urls")
QUIET = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


class Collector(logging.Handler):
    """A handler somebody adds to the root, as error collectors do, without any filter of ours."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture
def collector() -> Iterator[Collector]:
    added, heard = Collector(), []

    def hear(**details: Any) -> None:
        heard.append(details)
        added.said.append("got_request_exception")

    logging.getLogger().addHandler(added)
    got_request_exception.connect(hear)
    yield added
    got_request_exception.disconnect(hear)
    logging.getLogger().removeHandler(added)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.mark.parametrize(
    ("kind", "status"),
    [("crash", 500), ("missing", 404), ("refused", 403), ("suspicious", 400), ("bad", 400)],
)
def test_trouble_is_a_plain_page_and_told_nobody(
    kind: str,
    status: int,
    visitor: Visitor,
    collector: Collector,
    settings: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    settings.ADMINS = [("Administrator", "admin@example.com")]
    response = visitor.send(f"/box/trouble/{kind}/", {"text": "CANARY"})
    assert response.status_code == status
    assert "CANARY" not in response.content.decode()
    assert "<title>意见</title>" in response.content.decode()
    assert {name: response[name] for name in QUIET} == QUIET
    assert (collector.said, mail.outbox, "".join(capfd.readouterr())) == ([], [], "")


def test_the_collector_does_hear_of_other_pages(collector: Collector) -> None:
    Client().get("/nowhere/")
    assert collector.said == ["Not Found: /nowhere/"]


@pytest.mark.parametrize("path", ["/box", "/box/nowhere/", "/Box/", "/boxes", "/box/%00/", "/box/%ff"])
def test_a_slip_of_the_finger_leaves_no_line(path: str, visitor: Visitor, collector: Collector) -> None:
    assert visitor.get(path).status_code in {301, 404}
    assert collector.said == []


def test_what_a_view_says_or_sets_stays_inside(
    visitor: Visitor, collector: Collector, capfd: pytest.CaptureFixture[str]
) -> None:
    visitor.cookies["sessionid"] = "CANARY"
    response = visitor.get(
        "/box/chatty/",
        headers={"user-agent": "CANARY", "x-forwarded-for": "10.1.2.3", "accept-language": "zh"},
    )
    assert response.status_code == 200
    body = response.content.decode()
    assert "CANARY" not in body
    assert body.partition("<!--")[0].endswith("{}")
    assert not [n for n in ("USER_AGENT", "COOKIE", "FORWARDED", "LANGUAGE", "127.0.0.1") if n in body]
    assert (response.cookies.output(), response.has_header("Vary")) == ("", False)
    assert (collector.said, "".join(capfd.readouterr())) == ([], "")


def test_no_middleware_looks_at_a_visit(visitor: Visitor) -> None:
    said, _, _ = visitor.get("/box/read/").content.decode().partition("<!--")
    assert said == "[False, False, False, False]"


@pytest.mark.django_db
def test_no_statement_is_asked_for_a_cookie(visitor: Visitor, django_assert_num_queries: Any) -> None:
    visitor.cookies["sessionid"] = "made-up"
    with django_assert_num_queries(0):
        assert visitor.get("/box/read/").status_code == 200


def test_a_page_without_the_decorator_is_not_found(visitor: Visitor) -> None:
    response = visitor.get("/box/forgotten/")
    assert (response.status_code, "CANARY" in response.content.decode()) == (404, False)


def test_a_quiet_page_reached_another_way_does_not_run(visitor: Visitor) -> None:
    response = visitor.get("/w/astray/")
    assert (response.status_code, "系统设置还没有完成" in response.content.decode()) == (503, True)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "trace"])
def test_other_methods_are_refused(method: str, visitor: Visitor, collector: Collector) -> None:
    response = getattr(visitor, method)("/box/chatty/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
    assert collector.said == []


def test_a_page_to_read_takes_no_form(visitor: Visitor) -> None:
    response = visitor.send("/box/read/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ORIGIN}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "https://testserver"}, 403),
        ({"origin": "null"}, 403),
        ({"referer": f"{ORIGIN}/"}, 200),
        ({"referer": f"{ORIGIN}.evil.example/"}, 403),
        ({}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, 200),
        ({"origin": ORIGIN, "sec-fetch-site": "same-site"}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://portal.example.com"}, 200),
        ({"origin": "https://a.example.org"}, 200),
        ({"origin": "https://aexample.org"}, 403),
    ],
)
def test_a_form_comes_from_our_own_page(
    headers: dict[str, str], status: int, visitor: Visitor, settings: Any, collector: Collector
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://portal.example.com", "https://*.example.org"]
    body = {TOKEN: token_of(timezone.localdate())}
    assert visitor.form("/box/chatty/", body, **headers).status_code == status
    assert collector.said == []


def test_a_strange_host_is_refused(visitor: Visitor, settings: Any, collector: Collector) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    assert visitor.get("/box/read/", headers={"host": "evil.example"}).status_code == 400
    assert collector.said == []


def test_only_small_forms_are_read(visitor: Visitor, collector: Collector) -> None:
    headers = {"origin": ORIGIN}
    assert visitor.post("/box/chatty/", {"text": "x"}, headers=headers).status_code == 415
    assert visitor.send("/box/chatty/", {"text": "x" * BODY_LIMIT}).status_code == 413
    assert visitor.send("/box/chatty/", {"text": "x" * (BODY_LIMIT - 100)}).status_code == 200
    assert visitor.send("/box/chatty/", {f"f{n}": "1" for n in range(3000)}).status_code == 400
    forged = {"content_type": "application/x-www-form-urlencoded", "headers": headers, "CONTENT_LENGTH": "-1"}
    assert visitor.post("/box/chatty/", "a=1", **forged).status_code == 413  # type: ignore[arg-type]
    gbk = "application/x-www-form-urlencoded; charset=gbk"
    assert visitor.post("/box/chatty/", "a=1", content_type=gbk, headers=headers).status_code == 400
    assert collector.said == []


def test_a_form_from_an_earlier_day_is_offered_again_with_what_was_typed(visitor: Visitor) -> None:
    old = token_of(timezone.localdate() - timedelta(days=2))
    typed = {TOKEN: old, "text": '一行\r\n"两行" <b>', "step": "check"}
    response = visitor.form("/box/chatty/", typed, origin=ORIGIN)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'name="text" value="一行\r\n&quot;两行&quot; &lt;b&gt;"' in page
    assert f'name="door" value="{token_of(timezone.localdate())}"' in page
    assert page.count('name="door"') == 1


def test_the_token_is_everybodys_and_holds_over_midnight() -> None:
    day = date(2026, 12, 31)
    assert is_recent(token_of(day), on=day)
    assert is_recent(token_of(day), on=day + timedelta(days=1))
    assert not is_recent(token_of(day), on=day + timedelta(days=2))
    assert not is_recent(token_of(day), on=day - timedelta(days=1))
    assert not is_recent("", on=day)
    assert not is_recent("意见", on=day)


def test_https_is_asked_for_in_production(visitor: Visitor, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 1000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SECURE_SSL_REDIRECT", True)
        fresh = Visitor()
        response = fresh.get("/box/read/")
        assert (response.status_code, response["Location"]) == (301, "https://testserver/box/read/")
        assert fresh.get("/box/read/", secure=True)["Strict-Transport-Security"].startswith("max-age=1000")


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Not Found: /box/", False),
        ('"POST /box/ HTTP/1.1" 200', False),
        ("GET https://portal.example.com/box/receipt/", False),
        ("referrer=http://10.1.1.1/BOX", False),
        ("Error handling request /box/wall/", False),
        ("Not Found: /w/burden/box/", True),
        ("Not Found: /toolbox/", True),
        ("a box of letters", True),
    ],
)
def test_which_lines_name_a_visit(words: str, kept: bool) -> None:
    assert names_it(words) is not kept


def test_which_paths_count_as_a_visit() -> None:
    assert [is_below(path) for path in ("/box/", "/Box", "//box/x", "/w/burden/box/", "/")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_the_filter_is_put_on_each_speaker_once() -> None:
    before = len(logging.getLogger("gunicorn.error").filters)
    leave_visits_out()
    assert (before, len(logging.getLogger("gunicorn.error").filters)) == (1, 1)
