"""A handover from the end of a post to the signed sheet: two on their phones, staff at the desk."""

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from records.rules import RecordKind
from reminders.actions.handover import check_handover, confirm_lines, open_due_handovers
from reminders.actions.refresh import refresh_if_stale
from reminders.handover_rules import HandoverState, LineState
from reminders.models import Handover, ReminderItem
from tests.browser.conftest import OpenPage
from tests.browser.harness import assert_accessible, login, picture
from tests.browser.looks import EVERY_LOOK
from tests.factories.accounts import PASSWORD
from tests.factories.branches import make_organisation, make_post, make_tree
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
LEAVER, NEWCOMER, STAFF = "雷彩霞", "许文杰", "段晓红"


@dataclass
class Scene:
    """Signatures carry the moment of the clock, so these journeys take place on the day they run."""

    today: date
    branch: Organisation
    leaver: User
    newcomer: User
    staff: User
    post: Post
    waiting: ReminderItem
    past: ReminderItem


def _account(username: str, name: str) -> User:
    return User.objects.create_user(username, password=PASSWORD, name=name)


@pytest.fixture
def scene() -> Scene:
    """The worker's last day was yesterday, the newcomer begins today; one thing is open, one was done."""
    today = timezone.localdate()
    _, general, _ = make_tree(0)
    branch = make_organisation("BR03", parent=general, name="红土坡党支部", facts_changed=False)
    people = [_account("worker01", LEAVER), _account("worker02", NEWCOMER), _account("staff01", STAFF)]
    leaver, newcomer, staff = people
    post = make_post(branch, Role.WORKER, user=leaver, since=date(2020, 1, 1))
    make_post(branch, Role.WORKER, user=newcomer, since=today)
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=staff)
    near = make_organisation(parent=general, name="清水河党支部", facts_changed=False)
    make_post(near, Role.WORKER, user=_account("worker03", "冯立群"), since=date(2019, 1, 1))
    waiting = make_item(branch, name="党费收缴情况公示", due=today + DAY)
    make_item(branch, name="主题党日", kind=RecordKind.ACTIVITY, due=today + 9 * DAY)
    past = make_done(branch, name="党小组会", done_on=today - 3 * DAY)
    ReminderItem.objects.update(responsible_post=post, responsible_name=LEAVER)
    return Scene(today, branch, leaver, newcomer, staff, post, waiting, past)


def end_post(page: Page, scene: Scene) -> None:
    page.goto(f"/w/organisations/posts/{scene.post.pk}/end/")
    page.get_by_label("离任日期").fill((scene.today - DAY).isoformat())
    page.get_by_role("button", name=f"登记{LEAVER}离任").click()
    page.wait_for_load_state()


def run_the_beat(scene: Scene) -> None:
    """A post has ended: the list is refreshed within a minute, the handover opened within the hour."""
    scene.branch.refresh_from_db()
    refresh_if_stale(scene.branch, on=scene.today)
    open_due_handovers(on=scene.today)


def sign(page: Page) -> None:
    page.get_by_role("link", name="去签字").first.click()
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_role("button", name="签字", exact=True).click()
    page.wait_for_load_state()


def confirm_every_part(page: Page) -> None:
    """Part by part as the newcomer does; each save answers in its place, the last moves on."""
    while page.locator(".handover-part input[type=checkbox]").count():
        part = page.locator(".handover-part:has(input[type=checkbox])").first
        key = part.get_attribute("id")
        if part.get_attribute("open") is None:
            part.locator("summary").first.tap()
        at_once = part.get_by_role("button", name="都清楚了，全部确认")
        if at_once.count():
            at_once.tap()
        else:
            for box in part.locator("input[type=checkbox]").all():
                box.check()
            part.get_by_role("button", name="保存").tap()
        expect(page.locator(f"#{key} input[type=checkbox]")).to_have_count(0)


def test_from_the_end_of_a_post_to_the_signed_sheet(scene: Scene, open_page: OpenPage) -> None:
    desk = open_page("desktop")
    login(desk, "staff01")
    end_post(desk, scene)
    run_the_beat(scene)
    handover = Handover.objects.get()
    address = f"/w/reminders/handovers/{handover.pk}/"

    old = open_page("phone")
    login(old, "worker01")
    old.goto("/w/")
    if "handovers" not in old.url:
        old.goto("/w/")
    expect(old).to_have_url(f"{old.url.split('/w/')[0]}{address}")
    expect(old.get_by_role("heading", name="轮到您了：请核对清单")).to_be_visible()
    expect(old.locator("#part-open_items a")).to_have_count(0)
    line = old.locator(".handover-line").filter(has_text="党费收缴情况公示").first
    line.get_by_text("写说明").tap()
    line.get_by_role("textbox").fill("公示栏钥匙在值班室")
    picture(old, "handover_leaver_phone")
    line.get_by_role("button", name="保存说明").tap()
    expect(old.locator(".handover-line").filter(has_text="公示栏钥匙在值班室")).to_have_count(1)
    assert_accessible(old)
    old.get_by_role("button", name="核对完毕，交接收人确认").tap()
    expect(old.get_by_text("核对完毕。")).to_be_visible()

    new = open_page("phone")
    login(new, "worker02")
    new.goto("/w/reminders/")
    picture(new, "handover_month_banner")
    new.get_by_role("link", name="打开交接清单").tap()
    first = new.locator(".handover-line").filter(has_text="公示栏钥匙在值班室").first
    first.get_by_text("有疑问").tap()
    first.get_by_role("textbox").fill("公示要贴几天")
    picture(new, "handover_newcomer_phone")
    assert_accessible(new)
    new.locator("#part-open_items button[type=submit]").tap()
    expect(new.get_by_text("公示要贴几天").first).to_be_visible()
    assert handover.lines.get(question="公示要贴几天").confirmed_at is None

    old.reload()
    expect(old.get_by_text("公示要贴几天").first).to_be_visible()
    confirm_every_part(new)
    expect(new.get_by_text("清单已全部确认，接下来三方签字。")).to_be_visible()
    handover.refresh_from_db()
    assert handover.state == HandoverState.CONFIRMED

    old.reload()
    old.get_by_role("link", name="去签字").tap()
    old.get_by_label("当前密码").fill("not-the-password")
    old.get_by_role("button", name="签字", exact=True).tap()
    expect(old.get_by_text("密码不对，请再试一次。").first).to_be_visible()
    picture(old, "handover_sign_wrong_phone")
    assert_accessible(old)
    old.get_by_label("当前密码").fill(PASSWORD)
    old.get_by_role("button", name="签字", exact=True).tap()
    expect(old.get_by_text("已签字。")).to_be_visible()
    sign(new)
    expect(new.get_by_text("已签字。")).to_be_visible()
    scene.waiting.refresh_from_db()
    assert scene.waiting.responsible_name == LEAVER

    desk.goto(address)
    picture(desk, "handover_staff_desktop")
    assert_accessible(desk)
    sign(desk)
    expect(desk.get_by_text(f"三方签字齐了，交接完成，未办结事项已转给{NEWCOMER}。")).to_be_visible()
    desk.get_by_text("通知记录").click()
    expect(desk.locator("#told-list li").first).to_contain_text("发出")
    picture(desk, "handover_done_desktop")
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name="下载交接单").click()
    pages = PdfReader(BytesIO(Path(waiting.value.path()).read_bytes())).pages
    text = pages[0].extract_text()
    assert len(pages) == 1
    assert [name in text for name in (LEAVER, NEWCOMER, STAFF, "公示栏钥匙")] == [True] * 4
    assert ("待签" in text, "草稿" in text, text.count("签字")) == (False, False, 3)
    scene.waiting.refresh_from_db()
    scene.past.refresh_from_db()
    assert (scene.waiting.responsible_name, scene.past.responsible_name) == (NEWCOMER, LEAVER)

    new.goto(address)
    expect(new.get_by_role("heading", name="第一周清单")).to_be_visible()
    picture(new, "handover_first_week_phone")
    assert_accessible(new)


def test_the_leaver_writes_and_the_newcomer_confirms_without_scripts(
    scene: Scene, open_page: OpenPage
) -> None:
    Post.objects.filter(pk=scene.post.pk).update(until=scene.today - DAY)
    (handover,) = open_due_handovers(on=scene.today)
    address = f"/w/reminders/handovers/{handover.pk}/"
    page = open_page("phone", javascript=False)
    login(page, "worker01")
    page.goto(address)
    line = page.locator(".handover-line").filter(has_text="党费收缴情况公示").first
    line.get_by_text("写说明").tap()
    line.get_by_role("textbox").fill("钥匙在值班室")
    line.get_by_role("button", name="保存说明").tap()
    expect(page.get_by_text("说明已保存。")).to_be_visible()
    assert handover.lines.filter(note="钥匙在值班室").count() == 1
    check_handover(handover, by=scene.leaver, on=scene.today)
    other = open_page("phone", javascript=False)
    login(other, "worker02")
    other.goto(address)
    part = other.locator("#part-open_items")
    for box in part.locator("input[type=checkbox]").all():
        box.check()
    part.locator("button[type=submit]").tap()
    expect(other.get_by_text("已保存。").first).to_be_visible()
    left = handover.lines.filter(part="open_items", state=LineState.CURRENT, confirmed_at=None)
    assert left.count() == 0


@EVERY_LOOK
def test_the_pages_are_accessible(scene: Scene, open_page: OpenPage, size: str, dark: bool) -> None:
    Post.objects.filter(pk=scene.post.pk).update(until=scene.today - DAY)
    (handover,) = open_due_handovers(on=scene.today)
    page = open_page(size, dark=dark)
    login(page, "staff01")
    own = f"/w/reminders/handovers/{handover.pk}/"
    looks = {"list": "/w/reminders/handovers/", "add": "/w/reminders/handovers/add/", "detail": own}
    looks |= {"check": f"{own}check/", "cancel": f"{own}cancel/", "told": f"{own}told/"}
    _look(page, looks, f"{size}_{'dark' if dark else 'light'}")
    check_handover(handover, by=scene.leaver, on=scene.today)
    lines = list(handover.lines.values_list("pk", flat=True))
    confirm_lines(handover, confirmed=lines, questions={}, by=scene.newcomer, on=scene.today)
    signing = {"sign": f"{own}sign/", "absent": f"{own}sign/?absent=1", "confirmed": own}
    _look(page, signing, f"{size}_{'dark' if dark else 'light'}")


def _look(page: Page, addresses: dict[str, str], look: str) -> None:
    for name, path in addresses.items():
        answer = page.goto(path)
        assert answer is not None
        assert (path, answer.status) == (path, 200)
        page.evaluate("document.querySelectorAll('details.panel').forEach(panel => { panel.open = true })")
        picture(page, f"handover_{name}_{look}")
        assert_accessible(page)
