"""The sheet of a handover: one page whatever the pack holds, the most pressing first."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.models import User
from audit.models import AuditEvent
from ledgers.text import wrapped_lines
from reminders.actions.handover import check_handover, confirm_lines, sign_handover
from reminders.actions.handover.document import export_handover
from reminders.handover_rules import Capacity, HandoverState, LineState, Part
from reminders.models import Handover, HandoverLine
from reminders.queries.handover import handover_page
from reminders.queries.handover.document import (
    REMARK_COLUMNS,
    ROOM,
    ROW_EXTRA,
    TITLE_COLUMNS,
    HandoverSheet,
    cut,
    handover_sheet,
)
from tests.reminders.handovers import DAY, ON, Scene, current, make_scene, mine, opened, signed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
LONG = "关于进一步做好烟站党支部标准化规范化建设有关工作的事项"


@pytest.fixture
def scene() -> Scene:
    return make_scene(newcomer_since=ON)


def fill(handover: Handover, count: int, *, title: str = "补写会议记录", note: str = "") -> None:
    """A pack of exactly that many open matters, one due a day."""
    handover.lines.all().delete()
    HandoverLine.objects.bulk_create(
        HandoverLine(
            handover=handover,
            part=(Part.OPEN_ITEMS, Part.PROMISES, Part.RECRUITING, Part.AHEAD)[n % 4],
            subject=f"line:{n}",
            position=n,
            title=f"{title}{n}",
            due_on=ON + n * DAY,
            note=note,
        )
        for n in range(count)
    )


def sheet_of(handover: Handover, user: User) -> HandoverSheet:
    return handover_sheet(handover_page(handover, user, on=ON), now=NOW)


def pages_of(handover: Handover, user: User) -> list[str]:
    content = export_handover(handover_page(handover, user, on=ON), by=user, now=NOW)
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


@pytest.mark.parametrize("count", [0, 12, 60, 200])
@pytest.mark.parametrize("words", ["短", "长", "latin"])
def test_any_pack_is_one_page(scene: Scene, count: int, words: str) -> None:
    handover = opened()
    title, note = {"短": ("事项", ""), "长": (LONG * 4, LONG * 3), "latin": ("W" * 160, "m" * 250)}[words]
    if words != "短":
        scene.branch.name = "中共某某省某某市烟草专卖局（公司）某某县分公司机关第一联合党支部委员会" * 2
        scene.branch.save()
        Handover.objects.update(leaver_name="欧阳" * 20, newcomer_name="W" * 40, mentor_name="上官" * 20)
    fill(handover, count, title=title, note=note)
    pages = pages_of(handover, scene.staff)
    sheet = sheet_of(handover, scene.staff)
    assert len(pages) == 1
    assert pages[0].count("第1页 / 共1页") == 1
    assert len(sheet.rows) + sheet.left == count
    assert (f"另有{sheet.left}项，见系统" in pages[0]) is bool(sheet.left)


def test_twelve_ordinary_matters_all_stand_on_the_sheet(scene: Scene) -> None:
    handover = opened()
    fill(handover, 12)
    sheet = sheet_of(handover, scene.staff)
    assert (len(sheet.rows), sheet.left) == (12, 0)


def test_the_most_pressing_come_first(scene: Scene) -> None:
    handover = opened()
    handover.lines.all().delete()
    rows = (
        (Part.AHEAD, "下月事项", ON + 20 * DAY, ""),
        (Part.TRAPS, "无人提到的提醒", None, ""),
        (Part.CONTACTS, "镇党委王主任", None, "每月 5 日前联系"),
        (Part.RECRUITING, "许文杰", ON + DAY, ""),
        (Part.PROMISES, "专项自查", ON + 2 * DAY, ""),
        (Part.OPEN_ITEMS, "后到期", ON + 9 * DAY, ""),
        (Part.OPEN_ITEMS, "先到期", ON + 3 * DAY, ""),
        (Part.PROMISES, "已逾期的专项", ON - DAY, ""),
    )
    for n, (part, title, due, note) in enumerate(rows):
        handover.lines.create(part=part, subject=str(n), position=n, title=title, due_on=due, note=note)
    settled = {"state": LineState.SETTLED, "title": "已了结"}
    handover.lines.create(part=Part.OPEN_ITEMS, subject="x", position=9, **settled)
    sheet = sheet_of(handover, scene.staff)
    assert [row.title for row in sheet.rows] == [
        "已逾期的专项",
        "先到期",
        "后到期",
        "专项自查",
        "许文杰",
        "下月事项",
        "镇党委王主任",
    ]
    assert sheet.rows[-1].remark == "每月 5 日前联系"
    assert sheet.summary == (
        "清单共 8 条（未办结 2 条、今后60天 1 条、发展党员 1 条、专项工作 2 条、易错提醒 1 条、联系人 1 条）"
        "，接收人已确认 0 条，移交人说明 1 条，交接期间了结 1 条。"
    )


def test_the_questions_of_the_newcomer_are_on_the_sheet(scene: Scene) -> None:
    mine(scene, due=ON + DAY)
    handover = opened()
    line = handover.lines.get(part=Part.OPEN_ITEMS)
    HandoverLine.objects.filter(pk=line.pk).update(note="材料在柜里", question="钥匙在哪里")
    row = sheet_of(handover, scene.staff).rows[0]
    assert row.remark == cut("材料在柜里；接收人问：钥匙在哪里", REMARK_COLUMNS, lines=2)


@pytest.mark.parametrize("columns", [REMARK_COLUMNS, TITLE_COLUMNS])
@pytest.mark.parametrize("text", ["", "短", "正好" * 8, LONG * 5, "W" * 200, "，" * 90])
def test_cut_texts_fit_their_lines(columns: int, text: str) -> None:
    found = cut(text, columns, lines=2)
    assert wrapped_lines(found, columns) <= 2
    assert (found == text) is (len(found) == len(text))


def test_rows_never_take_more_than_the_room(scene: Scene) -> None:
    handover = opened()
    for count in range(40):
        fill(handover, count, title=LONG * (count % 3))
        sheet = sheet_of(handover, scene.staff)
        used = sum(row.height for row in sheet.rows) + (1 + ROW_EXTRA if sheet.left else 0)
        assert used <= ROOM
        assert len(sheet.rows) + sheet.left == count


def test_a_draft_is_stamped_and_unsigned(scene: Scene) -> None:
    mine(scene, due=ON + DAY)
    handover = opened()
    sheet, text = sheet_of(handover, scene.staff), pages_of(handover, scene.staff)[0]
    assert (sheet.stamp, sheet.digest) == ("草稿", "")
    assert [(one.label, one.name, one.at) for one in sheet.signatures] == [
        ("移交人", "", ""),
        ("接收人", "", ""),
        ("监交人", "", ""),
    ]
    assert (text.count("待签"), "草" in text, "签字后生成内容摘要" in text) == (3, True, True)


def test_a_signed_sheet_names_the_three_and_what_they_signed(scene: Scene) -> None:
    mine(scene, due=ON + DAY)
    handover = signed(scene)
    sheet, text = sheet_of(handover, scene.staff), pages_of(handover, scene.staff)[0]
    content = handover.signatures.get(capacity=Capacity.LEAVER).content
    assert (sheet.stamp, sheet.digest) == ("", content[:16])
    assert [(one.name, one.at, one.remark) for one in sheet.signatures] == [
        ("李离任", "2026-11-18 10:00", ""),
        ("王接任", "2026-11-18 10:00", ""),
        ("孙干部", "2026-11-18 10:00", ""),
    ]
    assert ("草稿" in text, content[:16] in text, text.count("2026-11-18 10:00") >= 3) == (False, True, True)
    assert "未办结事项由王接任继续办理" in "".join(text.split())


def test_a_signature_in_absence_says_why(scene: Scene) -> None:
    handover = opened()
    check_handover(handover, by=scene.staff, on=ON, absence_reason="住院")
    confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.newcomer, on=ON)
    sign_handover(
        handover,
        capacity=Capacity.LEAVER,
        by=scene.staff,
        on=ON,
        now=NOW + timedelta(minutes=5),
        absence_reason="移交人住院治疗",
    )
    one = sheet_of(handover, scene.staff).signatures[0]
    assert (one.name, one.at, one.remark) == (
        "孙干部",
        "2026-11-18 10:05",
        "代签，原因：移交人住院治疗",
    )


def test_a_cancelled_one_is_stamped(scene: Scene) -> None:
    handover = opened()
    Handover.objects.filter(pk=handover.pk).update(state=HandoverState.CANCELLED, reason="重新发起")
    assert sheet_of(handover, scene.staff).stamp == "已撤销"


def test_the_page_is_upright_and_hostile_words_stay_text(scene: Scene) -> None:
    handover = opened()
    fill(handover, 1, title="<script>坏</script>")
    content = export_handover(handover_page(handover, scene.staff, on=ON), by=scene.staff, now=NOW)
    page = PdfReader(BytesIO(content)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    assert "<script>坏</script>0" in page.extract_text().replace("\n", "")


def test_the_export_is_written_down(scene: Scene) -> None:
    handover = opened()
    fill(handover, 2)
    export_handover(handover_page(handover, scene.leaver, on=ON), by=scene.leaver, now=NOW)
    event = AuditEvent.objects.get(event="reminders.handover_exported")
    assert (event.by, event.detail) == (scene.leaver, {"draft": True, "rows": 2, "left": 0})


def test_days_of_other_years_are_whole(scene: Scene) -> None:
    handover = opened()
    handover.lines.all().delete()
    line = {"subject": "a", "position": 1, "title": "跨年", "due_on": date(2028, 2, 29)}
    handover.lines.create(part=Part.RECRUITING, **line)
    assert [row.due for row in sheet_of(handover, scene.staff).rows] == ["2028-02-29"]
