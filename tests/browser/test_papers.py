"""From an upload to a filled form: staff at the desk, a worker on the phone."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from records.models import Record
from records.rules import GENERAL_MEETING
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login
from tests.factories.accounts import PASSWORD
from tests.factories.branches import make_member, make_post, make_tree
from tests.factories.records import make_held
from tests.papers.opened import document, lines_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting() -> Record:
    """A meeting of the branch of worker01, below the general branch of staff01; its place is not known."""
    _, general, (branch, _) = make_tree()
    Organisation.objects.update(facts_changed=False)
    for name, place, role in (
        ("staff01", general, Role.GENERAL_BRANCH_STAFF),
        ("worker01", branch, Role.WORKER),
    ):
        make_post(place, role, user=User.objects.create_user(name, password=PASSWORD, name=name))
    people = (make_member(branch, name="刘建国"), make_member(branch, name="王小梅"))
    held = timezone.localdate() - timedelta(days=3)
    return make_held(branch, GENERAL_MEETING, on=held, present=people, title="学习全会精神")


def upload(page: Page, content: bytes) -> None:
    page.get_by_label("模板名称").fill("大会记录表")
    page.get_by_label("文件", exact=False).last.set_input_files(
        {"name": "大会记录表.docx", "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="上传模板").click()


def test_a_form_is_uploaded_at_the_desk_and_filled_on_the_phone(
    meeting: Record, open_page: OpenPage, tmp_path: Path
) -> None:
    desk = open_page("desktop")
    login(desk, "staff01")
    desk.goto("/w/papers/templates/add/")
    assert_accessible(desk)
    upload(desk, document("{{ 会议时间 }}"))
    expect(desk.get_by_role("alert")).to_contain_text("“会议时间”（相近的有“会议类型”")
    assert_accessible(desk)
    upload(desk, document("{{ 组织名称 }}", "{{ 会议主题 }}，{{ 地点 }}"))
    expect(desk.locator("h1")).to_have_text("大会记录表")
    assert_accessible(desk)

    phone = open_page("phone", dark=True)
    login(phone, "worker01")
    phone.goto("/w/papers/")
    assert_accessible(phone)
    phone.get_by_role("link", name="套用：大会记录表").tap()
    expect(phone.locator("h2").first).to_have_text("选一次会议")
    assert_accessible(phone)
    phone.get_by_role("link", name="学习全会精神").tap()
    expect(phone.locator("h2").first).to_have_text("将填入的内容")
    assert_accessible(phone)
    phone.get_by_role("button", name="生成 Word 文件").tap()
    expect(phone.locator(".error-summary")).to_contain_text("还没有登记：“地点”")
    phone.get_by_label("留空，打印后手写").check()
    with phone.expect_download() as download:
        phone.get_by_role("button", name="生成 Word 文件").tap()
    saved = tmp_path / "filled.docx"
    download.value.save_as(saved)
    assert lines_of(saved.read_bytes()) == [meeting.organisation.name, "学习全会精神，＿＿＿＿＿＿"]
    assert download.value.suggested_filename.startswith(f"会议记录_{meeting.organisation.name}_")
    phone.goto("/w/papers/meeting/")
    assert_accessible(phone)
