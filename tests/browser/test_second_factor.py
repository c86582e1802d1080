"""Under duty: from the password over the set-up to the own devices, and in again with a code from paper."""

from base64 import b32decode

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.models import User
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.factories.accounts import make_account
from tests.factors.phone import code_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("size", "dark"), [("phone", True), ("desktop", False)], ids=["phone", "desktop"])
def test_a_phone_is_tied_and_paper_opens(
    open_page: OpenPage, settings: Settings, size: str, dark: bool
) -> None:
    settings.SECOND_FACTOR = "required"
    make_account(short_session=True)
    page = open_page(size, dark=dark)
    login(page, "worker03")
    expect(page).to_have_title("设置动态码验证 · 党务工作台")
    assert_accessible(page)
    picture(page, f"factor_set_up_{size}")
    secret = b32decode(page.locator(".typed").inner_text().replace(" ", ""))
    page.get_by_label("动态码").fill(code_of(secret, timezone.now()))
    page.get_by_role("button", name="完成设置").click()
    expect(page.get_by_role("heading", name="动态码验证已设置好")).to_be_visible()
    assert_accessible(page)
    picture(page, f"factor_codes_{size}")
    paper = page.locator(".codes li").all_inner_texts()
    assert (len(paper), User.objects.get().second_factor_since is None) == (10, False)
    page.get_by_role("button", name="已经打印或抄下，继续").click()
    page.get_by_text("雷彩霞").first.click()
    page.get_by_role("button", name="退出登录").click()
    login(page, "worker03")
    expect(page).to_have_title("输入动态码 · 党务工作台")
    assert_accessible(page)
    page.get_by_label("动态码").fill(paper[0])
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("已用备用码登录，还剩 9 个。")).to_be_visible()
    page.goto("/w/account/sessions/")
    assert_accessible(page)
    picture(page, f"sessions_{size}")
