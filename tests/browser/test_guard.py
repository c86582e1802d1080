"""The guard itself: every kind of trouble it must see was once made on purpose."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.harness import Guard, assert_accessible

pytestmark = [pytest.mark.urls("tests.accounts.urls"), pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ("void (location.href = 'http://127.0.0.2:9/away')", "left the host: http://127.0.0.2:9/away"),
        ("console.error('oh')", "console: oh"),
        ("setTimeout(() => { throw new Error('lost') })", "script error: lost"),
        (
            "document.head.append(Object.assign(document.createElement('script'), {src: '/none.js'}))",
            "lost asset: 404",
        ),
        ("document.body.setAttribute('style', 'color: red')", "console: Applying inline style violates"),
    ],
)
def test_the_guard_sees(browser: Browser, live_server: LiveServer, script: str, trouble: str) -> None:
    context = browser.new_context(base_url=live_server.url)
    guard = Guard(context, live_server.url, ())
    page = context.new_page()
    page.goto("/")
    page.evaluate(script)
    page.wait_for_timeout(300)
    context.close()
    assert [seen[: len(trouble)] for seen in guard.troubles][:1] == [trouble]


@pytest.mark.parametrize(
    "html",
    [
        "<p style='color:#bbb'>faint</p>",
        "<img src='/static/icon.svg'>",
        "<button style='height:20px'>small</button>",
        "<p style='width:5000px'>wide</p>",
    ],
)
def test_the_look_at_accessibility_sees(browser: Browser, live_server: LiveServer, html: str) -> None:
    context = browser.new_context(base_url=live_server.url, bypass_csp=True)
    page = context.new_page()
    page.goto("/")
    assert_accessible(page)
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)
    with pytest.raises(AssertionError):
        assert_accessible(page)
    context.close()
