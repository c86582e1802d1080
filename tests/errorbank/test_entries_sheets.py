"""Entries out as .xlsx and in again: looked at first, all or nothing, what is the same is left alone."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from branches.rules import Role
from errorbank.actions.entries import Wording, propose_change
from errorbank.actions.entries_load import load_entries
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.rules import VersionState
from errorbank.rules.sheet import COLUMNS
from notices.models import Message
from reminders.actions.catalogue_load import load_catalogue
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_entry
from tests.reminders.scene import ON, Scene, central_action

TITLES = [column.title for column in COLUMNS]
NEW = {
    "类别": "三会一课",
    "来源": "自查",
    "程度": "一般",
    "问题表现": "会议没有签到",
    "错在哪里": "无法核实",
    "整改措施": "当场签到",
    "复查办法": "抽查三次",
    "依据": "某办法 | 第三条；某条例",
    "关联事项": "支部党员大会",
}
Row = dict[str, Any]


def book(*rows: Row) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "错题库"
    sheet.append(TITLES)
    for row in rows:
        sheet.append([row.get(title) for title in TITLES])
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def looked_at(client: Client, content: bytes, **also: str) -> Any:
    file = SimpleUploadedFile("错题.xlsx", content)
    return client.post(reverse("errorbank:entry_import"), {"file": file, **also})


def committed(client: Client, seen: Any, **also: str) -> Any:
    initial = seen.context["import_form"].initial
    typed = {"rows": initial["rows"], "organisation": str(initial["organisation"]), **also}
    return client.post(reverse("errorbank:entry_import_commit"), typed)


def cells(content: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_all_that_staff_see_goes_out_and_comes_in_unchanged(scene: Scene) -> None:
    load_catalogue(on=ON)
    load_entries()
    make_entry("本1-001", problem="=1+1", organisation=scene.first)
    make_entry("本9-001", problem="外单位的", organisation=scene.foreign_branch)
    client = signed_in(scene.staff)
    content = client.get(reverse("errorbank:entry_export")).content
    lines = cells(content)
    assert list(lines[3]) == TITLES
    rows = {line[0]: line for line in lines[4:] if line[0] and line[4]}
    assert (len(rows), rows["本1-001"][4], "本9-001" in rows) == (84, "=1+1", False)
    assert rows["EB017"][TITLES.index("关联事项")] == "支部党员大会"
    plan = looked_at(client, content).context["plan"]
    assert (plan.added, plan.changed, plan.unchanged, plan.problems) == (0, 0, 84, ())


def test_rows_become_proposals(scene: Scene) -> None:
    central_action()
    entry = make_entry("T1", measure="旧的")
    client = signed_in(scene.staff)
    changed = {**NEW, "编号": "T1", "问题表现": "换了说法", "修改说明": "更准确"}
    seen = looked_at(client, book(NEW, changed))
    assert (seen.context["plan"].added, seen.context["plan"].changed) == (1, 1)
    assert EntryVersion.objects.count() == 1
    assert committed(client, seen).headers["Location"] == reverse("errorbank:entry_waiting")
    made = EntryVersion.objects.get(problem="会议没有签到")
    assert (made.state, made.entry.organisation, made.action_codes) == (
        VersionState.PROPOSED,
        scene.general,
        ["general_meeting"],
    )
    assert made.basis == [
        {"document": "某办法", "article": "第三条", "verified": False},
        {"document": "某条例", "verified": False},
    ]
    change = entry.versions.get(number=2)
    assert (change.state, change.change_note) == (VersionState.PROPOSED, "更准确")
    again = committed(client, seen)
    assert (again.status_code, EntryVersion.objects.count()) == (422, 3)
    assert "已有同样的条目" in again.content.decode()


def test_what_ships_is_not_published_out_of_a_sheet_below_the_root(scene: Scene) -> None:
    make_entry("T1", measure="旧的")
    client = signed_in(scene.staff)
    changed = {**NEW, "编号": "T1", "关联事项": None}
    answer = committed(client, looked_at(client, book(changed)), publish="on")
    assert (answer.status_code, "第 2 行的 T1 由党委审核" in answer.content.decode()) == (422, True)
    assert EntryVersion.objects.count() == 1


def test_who_decides_gets_one_letter_for_a_whole_sheet(scene: Scene) -> None:
    colleague = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    client = signed_in(scene.staff)
    rows = [{**NEW, "关联事项": None, "问题表现": f"问题{n}"} for n in range(12)]
    committed(client, looked_at(client, book(*rows)))
    message = Message.objects.get(event="errorbank.entry_proposed")
    assert (message.recipient, message.title) == (colleague, "错题库有 12 条内容等待审核")
    assert (message.lines.count(), message.more) == (10, 2)


def test_published_at_once_when_asked(scene: Scene) -> None:
    client = signed_in(scene.staff)
    seen = looked_at(client, book({**NEW, "关联事项": None}))
    committed(client, seen, publish="on")
    made = ErrorEntry.objects.get()
    assert made.published is not None
    assert (made.published.state, made.organisation) == (VersionState.PUBLISHED, scene.general)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"类别": "三会"}, "类别", "不在可选的范围里"),
        ({"整改措施": None}, "整改措施", "没有填写"),
        ({"编号": "EB999"}, "编号", "没有这个编号，或不由您审核"),
        ({"编号": "外1"}, "编号", "没有这个编号，或不由您审核"),
        ({"编号": "W1"}, "编号", "已有一份修改在等待审核"),
        ({"关联事项": "开大会"}, "关联事项", "事项库里没有“开大会”"),
        ({"问题表现": "已经有了"}, "问题表现", "已有同样的条目 T1"),
        ({"问题表现": "长" * 201}, "问题表现", "有 201 个字，超过 200 字"),
        ({"错在哪里": "=1+1"}, "错在哪里", "这是公式，不是填好的内容"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    scene: Scene, row: Row, column: str, reason: str
) -> None:
    make_entry("T1", problem="已经有了")
    make_entry("外1", organisation=scene.foreign_branch)
    waiting = make_entry("W1")
    _wait(waiting, scene.worker)
    before = EntryVersion.objects.count()
    good = {**NEW, "关联事项": None, "问题表现": "没有问题的一行"}
    content = book(good, {**NEW, "关联事项": None, **row})
    client = signed_in(scene.staff)
    answer = looked_at(client, content)
    page = answer.content.decode()
    assert (answer.status_code, "import_form" in answer.context) == (422, False)
    assert ("“错题库”第 3 行" in page, column in page, reason in page) == (True, True, True)
    marked = cells(looked_at(client, content, marked="1").content)
    assert (marked[0][-1], marked[1][-1], reason in marked[2][-1]) == ("错误说明", None, True)
    assert EntryVersion.objects.count() == before


def _wait(entry: ErrorEntry, by: User) -> None:
    from_published = entry.published
    assert from_published is not None
    wording = Wording.of(from_published)
    propose_change(entry, wording=replace(wording, measure="另一种"), by=by, on=ON, note="改")


def test_the_same_row_twice(scene: Scene) -> None:
    row = {**NEW, "关联事项": None}
    answer = looked_at(signed_in(scene.staff), book(row, row))
    assert [problem.row for problem in answer.context["problems"]] == [2, 3]


def test_rows_of_others_and_altered_rows_are_refused(scene: Scene) -> None:
    seen = looked_at(signed_in(scene.staff), book({**NEW, "关联事项": None}))
    for user, altered in ((scene.foreign_staff, ""), (scene.staff, "x")):
        rows = seen.context["import_form"].initial["rows"] + altered
        answer = signed_in(user).post(
            reverse("errorbank:entry_import_commit"), {"rows": rows, "organisation": str(scene.general.pk)}
        )
        assert answer.status_code == 422
    assert EntryVersion.objects.count() == 0


def test_a_file_that_is_none_says_so(scene: Scene) -> None:
    answer = looked_at(signed_in(scene.staff), b"not a workbook")
    assert (answer.status_code, "xlsx" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("name", ["entry_export", "entry_import", "entry_import_commit"])
def test_for_staff_only(scene: Scene, name: str) -> None:
    ask, wrong = ("post", "get") if name == "entry_import_commit" else ("get", "put")
    assert getattr(signed_in(scene.worker), ask)(reverse(f"errorbank:{name}")).status_code == 403
    assert getattr(signed_in(scene.staff), wrong)(reverse(f"errorbank:{name}")).status_code == 405
