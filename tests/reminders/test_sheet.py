"""The month on one sheet of paper: one page whatever the list holds, the words of the list, nobody else's."""

import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pypdf
import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.models import Organisation
from branches.rules import Role
from ledgers.renderers import pdf
from ledgers.renderers.pdf import html_to_pdf
from periods.months import Month
from reminders.actions.sheet import STYLE, TEMPLATE
from reminders.models import ReminderItem
from reminders.queries.month_list import place_of
from reminders.queries.sheet import DENSITIES, Sheet, SheetRow, fitted, month_sheet
from reminders.rules import ItemState
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_organisation, make_user
from tests.factories.items import make_done, make_item

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 1, 5, tzinfo=UTC)
NOVEMBER = Month(2026, 11)
URL = "/w/reminders/sheet/"
LONG = "支部（书记）年度工作报告及述职评议会议暨民主评议党员工作部署会"
RECORD = (
    "会议记录：时间、地点、主持人、参加人、缺席人及原因、议题、讨论情况、表决结果、决议内容，签字齐全后存档"
)


@pytest.fixture
def branch(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    stop_clock(monkeypatch, TODAY)
    return make_organisation("BR03", name="红土坡烟站党支部", facts_changed=False)


@pytest.fixture
def worker(branch: Organisation) -> User:
    return make_holder(branch)


@pytest.fixture
def own(client: Client, worker: User) -> Client:
    client.force_login(worker)
    return client


def sheet_of(user: User, month: Month = NOVEMBER) -> Sheet:
    return month_sheet(place_of(user, code="", on=TODAY), month, on=TODAY)


def pages(content: bytes) -> list[str]:
    """The text of each page, without blanks."""
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def printed(sheet: Sheet) -> list[str]:
    html = render_to_string(TEMPLATE, {"sheet": sheet, "style": STYLE, "now": NOW})
    return pages(html_to_pdf(html))


def filled(count: int, **fields: Any) -> Sheet:
    """A sheet of the longest rows there are."""
    density, kept = fitted(count)
    rows = [
        SheetRow(f"{n:02}{LONG}", RECORD, "2025 年 11 月 17 日 周一", "退回，已逾期 366 天")
        for n in range(kept)
    ]
    given = {"month": NOVEMBER, "time": "current", "organisation": "长" * 80, "overdue": count, "done": 12}
    return Sheet(density=density, rows=rows, more=count - kept, **{**given, **fields})


# --- how much fits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "density", "kept"),
    [
        (0, "roomy", 0),
        (8, "roomy", 8),
        (14, "roomy", 14),
        (15, "normal", 15),
        (21, "normal", 21),
        (25, "tight", 25),
        (28, "tight", 28),
        (29, "tight", 28),
        (80, "tight", 28),
    ],
)
def test_rows_move_together_and_then_the_rest_is_counted(count: int, density: str, kept: int) -> None:
    assert fitted(count) == (density, kept)


@pytest.mark.parametrize("count", [0, 8, *(room for _, room in DENSITIES), 25, 80, 400])
def test_it_is_one_page_whatever_it_holds(count: int) -> None:
    sheet = filled(count)
    (text,) = printed(sheet)
    marks = [f"{n:02}支部" in text for n in range(len(sheet.rows))]
    assert marks == [True] * len(sheet.rows)
    assert (f"另有{sheet.more}项，见系统。" in text) is (sheet.more > 0)
    assert "到有网络的地方后，请在系统里登记。" in text


def test_no_row_reaches_into_the_next() -> None:
    """The baselines of the titles stand apart by the height of a row: nothing grew, nothing overlaps."""
    for count, height in zip((room for _, room in DENSITIES), (15.2, 10.25, 7.65), strict=True):
        content = html_to_pdf(
            render_to_string(
                TEMPLATE,
                {"sheet": filled(count), "style": STYLE, "now": NOW},
            )
        )
        found: list[float] = []

        def note(text: str, cm: Any, tm: Any, font: Any, size: Any, found: list[float] = found) -> None:
            if "2025" in text:
                found.append((tm[5] * cm[3] + cm[5]) / 72 * 25.4)

        pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=note)
        steps = [abs(a - b) for a, b in pairwise(found)]
        assert len(found) == count
        assert steps == pytest.approx([height] * (count - 1), abs=0.05)


# --- what stands on it ----------------------------------------------------------------------------


def test_overdue_stands_first_and_what_is_reminded_later_is_not_forgotten(
    branch: Organisation, worker: User
) -> None:
    make_item(branch, name="下周", due=date(2026, 11, 27), minimal_record="日期、\n主题")
    make_item(branch, name="上月的", due=date(2026, 10, 26))
    make_item(branch, name="退回的", due=date(2026, 11, 20), state=ItemState.RETURNED)
    make_item(branch, name="又晚又退", due=date(2026, 11, 16), state=ItemState.RETURNED)
    make_item(branch, name="本月稍后提醒", due=date(2026, 11, 30), remind=date(2026, 11, 25))
    make_item(
        branch, name="明年才到期", due=date(2027, 3, 1), opens=date(2026, 11, 1), remind=date(2027, 2, 1)
    )
    make_item(branch, name="长窗口已提醒", due=date(2026, 12, 31), opens=date(2026, 11, 1))
    make_done(branch, name="办完的", done_on=date(2026, 11, 3))
    make_item(make_organisation(), name="外单位的事")
    sheet = sheet_of(worker)
    assert [(row.title, row.record, row.due, row.late) for row in sheet.rows] == [
        ("上月的", "", "10 月 26 日 周一", "已逾期 23 天"),
        ("又晚又退", "", "11 月 16 日 周一", "退回，已逾期 2 天"),
        ("退回的", "", "11 月 20 日 周五", "退回"),
        ("下周", "日期、 主题", "11 月 27 日 周五", ""),
        ("本月稍后提醒", "", "11 月 30 日 周一", ""),
        ("长窗口已提醒", "", "12 月 31 日 周四", ""),
    ]
    assert (sheet.total, sheet.overdue, sheet.done, sheet.more) == (6, 2, 1, 0)


def test_a_sensitive_matter_is_named_and_nothing_more(branch: Organisation, worker: User) -> None:
    make_item(branch, name="政治审查", sensitive=True, subject_name="韩冬梅", minimal_record="审查结论")
    make_item(branch, name="谈话", subject_name="韩冬梅", minimal_record="日期")
    assert [(row.title, row.record) for row in sheet_of(worker).rows] == [
        ("政治审查", ""),
        ("谈话（韩冬梅）", "日期"),
    ]


def test_a_coming_month_shows_what_is_known(branch: Organisation, worker: User, own: Client) -> None:
    make_item(branch, name="年底总结", due=date(2026, 12, 31), opens=date(2026, 11, 1))
    (text,) = pages(own.get(URL + "?month=2026-12").content)
    assert [word in text for word in ("2026年12月工作清单", "目前已知1项", "年底总结", "12月31日周四")] == [
        True
    ] * 4


def test_an_empty_month_says_so(own: Client) -> None:
    assert "没有需要办理的事项。" in pages(own.get(URL).content)[0]
    assert "这个月的事项还没有生成。" in pages(own.get(URL + "?month=2027-01").content)[0]


# --- the page -----------------------------------------------------------------------------------------


def test_the_file_names_itself_and_is_written_down(branch: Organisation, worker: User, own: Client) -> None:
    make_item(branch, name="主题党日", due=date(2026, 11, 16), minimal_record="日期、主题")
    answer = own.get(URL)
    (text,) = pages(answer.content)
    said = [
        "红土坡烟站党支部",
        "待办1项，其中逾期1项",
        "主题党日",
        "日期、主题",
        "已逾期2天",
        "参加人",
        "备注",
        "截至2026",
    ]
    assert [word for word in said if word not in text] == []
    assert "本系统为非涉密系统，不得录入涉密和敏感内容" in text
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"].partition(";")[0]) == (
        "application/pdf",
        "inline",
    )
    event = AuditEvent.objects.get(event="reminders.sheet_exported")
    assert (event.by, event.target_name, event.detail) == (
        worker,
        "红土坡烟站党支部",
        {"month": "2026-11", "rows": 1, "more": 0},
    )


@pytest.mark.parametrize("items", [1, 3])
def test_the_sheet_asks_the_same_for_many_items(
    branch: Organisation, worker: User, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(items):
        make_item(branch, name=f"事项{n}")
    make_item(make_organisation(), name="外单位的事")
    place = place_of(worker, code="", on=TODAY)
    with django_assert_num_queries(3):
        assert [row.title for row in month_sheet(place, NOVEMBER, on=TODAY).rows] == [
            f"事项{n}" for n in range(items)
        ]


def test_hostile_words_stay_words(branch: Organisation, own: Client) -> None:
    make_item(branch, name="<b>事项</b>&amp;\x00".replace("\x00", ""))
    assert "<b>事项</b>&amp;" in pages(own.get(URL).content)[0]


def test_a_foreign_list_is_not_found(own: Client) -> None:
    make_organisation("BR99", name="外单位党支部")
    assert [own.get(f"{URL}?organisation={code}").status_code for code in ("BR99", "NONE")] == [404, 404]


def test_who_may_read_no_list_is_refused(client: Client, branch: Organisation) -> None:
    client.force_login(make_user())
    assert client.get(URL).status_code == 403


def test_staff_print_the_list_of_a_branch_below(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch, TODAY)
    general = make_organisation("G", kind="general_branch")
    make_item(make_organisation("BR07", parent=general, name="乙站党支部", facts_changed=False), name="党课")
    client.force_login(make_holder(general, Role.GENERAL_BRANCH_STAFF))
    (text,) = pages(client.get(URL + "?organisation=BR07").content)
    assert ("乙站党支部" in text, "党课" in text) == (True, True)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_wrong_methods(own: Client, method: str) -> None:
    assert getattr(own, method)(URL).status_code == 405


def test_a_month_nobody_knows_leads_back_to_the_list(own: Client) -> None:
    answer = own.get(URL + "?month=2026-13")
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("reminders:month_list"))


def test_a_layout_that_fails_is_said_in_words(own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_command", lambda seconds, memory: ["false"])
    answer = own.get(URL, follow=True)
    assert "清单没有生成，请稍后再试。" in answer.content.decode()


def test_the_list_offers_its_own_month_and_branch(own: Client, branch: Organisation, worker: User) -> None:
    assert f'href="{URL}"' in own.get("/w/reminders/").content.decode()
    later = (TODAY + timedelta(days=31)).strftime("%Y-%m")
    assert f'href="{URL}?month={later}"' in own.get(f"/w/reminders/?month={later}").content.decode()
    assert ReminderItem.objects.count() == 0
