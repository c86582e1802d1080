"""A double click sends a form once; a page that stays lets it be sent again."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import SignIn
from factors import actions
from tests.browser.conftest import OpenPage
from tests.browser.harness import login
from tests.factories.accounts import make_account
from tests.factors.phone import make_phone

pytestmark = pytest.mark.django_db(transaction=True)
PROFILE = "/w/account/"
# As long as static/portal.js holds a form back, and a little more.
HELD_MS = 5_100
BETWEEN_CLICKS_MS = 120


def posts_of(page: Page) -> list[str]:
    """Fills itself with the address of every POST that the page sends."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    return sent


def double_click(page: Page, button: Locator) -> None:
    """As a hand does it: two clicks with a moment between, which wait for no answer."""
    box = button.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(*middle)
    page.wait_for_timeout(BETWEEN_CLICKS_MS)
    page.mouse.click(*middle)


def save_button(page: Page) -> Locator:
    button = page.locator("main form").get_by_role("button", name="保存")
    button.scroll_into_view_if_needed()
    return button


def test_a_double_click_on_the_code_signs_in(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = make_phone(at=timezone.now() - timedelta(minutes=5))
    page, prove = open_page(), actions.prove

    def slowly(*args: Any, **options: Any) -> actions.Proof:
        answer = prove(*args, **options)
        time.sleep(0.5)  # the second click comes while the first is under way
        return answer

    monkeypatch.setattr(actions, "prove", slowly)
    login(page, "worker03")
    expect(page).to_have_title("输入动态码 · 党务工作台")
    page.get_by_label("动态码").fill(phone.code(steps=0))
    sent = posts_of(page)
    double_click(page, page.get_by_role("button", name="继续"))
    expect(page.get_by_role("button", name="继续")).to_have_count(0)
    page.goto(PROFILE)
    expect(page).to_have_title("我的账号 · 党务工作台")
    assert len(sent) == 1
    outcomes = list(SignIn.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == [SignIn.Outcome.PASSWORD_RIGHT, SignIn.Outcome.CODE_RIGHT]


def test_a_form_saves_on_every_page_anew(desktop: Page) -> None:
    make_account()
    login(desktop, "worker03")
    sent = posts_of(desktop)
    for times in (1, 2):
        desktop.goto(PROFILE)
        save_button(desktop).click()
        expect(desktop.get_by_text("显示设置已保存，只影响这台设备。")).to_be_visible()
        assert len(sent) == times


def test_a_form_is_sent_once_and_again_where_the_page_stays(desktop: Page) -> None:
    """As when the answer is a file: 204 leaves the page in place as well."""
    make_account()
    login(desktop, "worker03")
    desktop.goto(PROFILE)
    sent, save = posts_of(desktop), save_button(desktop)
    desktop.route(
        f"**{PROFILE}",
        lambda route: route.fulfill(status=204) if route.request.method == "POST" else route.continue_(),
    )
    double_click(desktop, save)
    desktop.wait_for_timeout(500)
    assert len(sent) == 1
    desktop.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    save.click()
    desktop.wait_for_timeout(HELD_MS)
    assert len(sent) == 2
    save.click()
    desktop.wait_for_timeout(500)
    assert len(sent) == 3
