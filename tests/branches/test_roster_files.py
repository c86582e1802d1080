"""The roster as a file: its cells, and that what goes out comes in again unchanged."""

import json
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditEvent
from branches import sealed
from branches.actions.members import add_event
from branches.actions.roster.files import export_roster
from branches.demo import Shift, load, months_to_shift, read_case
from branches.models import Member, MemberEvent, Membership, Organisation
from branches.rules import EventKind, MemberStatus
from tests.branches.conftest import House
from tests.factories.branches import make_member, make_user
from tests.factories.rosters import HEAD, book, cells, id_number

NUMBER = id_number("19900203")
DAY = date(2026, 11, 22)
OURS = ("M003", "雷彩霞", "", "红土坡党支部", "正式党员", "", "", "")
NEW = ("", "唐志明", NUMBER, "BR03", "正式党员", "2010-07-01", "", "2015-03-01")


def exported(organisation: Organisation, on: date = DAY) -> bytes:
    return export_roster(organisation, on=on, by=None)


def run(path: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and what the command said."""
    out = StringIO()
    try:
        call_command("import_roster", str(path), *arguments, stdout=out)
    except SystemExit as left:
        return int(str(left.code)), out.getvalue()
    return 0, out.getvalue()


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "名册.xlsx"
    path.write_bytes(content)
    return path


def everything() -> list[Any]:
    return [list(m._default_manager.order_by("pk").values()) for m in (Member, MemberEvent, Membership)]


def test_the_file_has_real_dates_text_and_a_masked_number(house: House) -> None:
    member = make_member(
        house.br03,
        name="=HYPERLINK(1)",
        code="M010",
        status=MemberStatus.PROBATIONARY,
        since=date(2020, 2, 29),
        birth_on=date(1990, 2, 3),
        home_department="烟叶科",
        assigned=True,
        id_number_sealed=sealed.seal(NUMBER),
        id_number_digest=sealed.digest(NUMBER),
    )
    add_event(member, kind=EventKind.CONVERTED, on=date(2021, 3, 1), by=None)
    content = exported(house.br03)
    sheet = load_workbook(BytesIO(content))["党员名册"]
    assert sheet["A1"].value == "红土坡党支部 党员名册　2026-11-22　共 2 人"
    assert [cell.value for cell in sheet[5]] == [
        "M010",
        "=HYPERLINK(1)",
        "5325**********" + NUMBER[-4:],
        datetime(1990, 2, 3),  # noqa: DTZ001 - a cell has no zone
        "红土坡党支部",
        "正式党员",
        datetime(2020, 2, 29),  # noqa: DTZ001
        datetime(2021, 3, 1),  # noqa: DTZ001
        datetime(2020, 2, 29),  # noqa: DTZ001
        "烟叶科",
        "是",
    ]
    assert (sheet["B5"].data_type, sheet["D5"].number_format, sheet["C5"].number_format) == (
        "s",
        "yyyy-mm-dd",
        "@",
    )
    assert (sheet.freeze_panes, sheet.column_dimensions["C"].number_format) == ("C4", "@")
    assert NUMBER not in json.dumps(cells(content), default=str)


def test_what_goes_out_comes_in_unchanged(house: House, tmp_path: Path) -> None:
    make_member(
        house.br03,
        name="龙 在田",
        code="M011",
        status=MemberStatus.ACTIVIST,
        since=date(2024, 2, 29),
        id_number_sealed=sealed.seal(NUMBER),
        id_number_digest=sealed.digest(NUMBER),
    )
    add_event(house.theirs, kind=EventKind.MOVED_IN, on=date(2020, 1, 31), organisation=house.br03, by=None)
    add_event(house.ours, kind=EventKind.RETIRED, on=date(2026, 12, 31), by=None)
    before = everything()
    code, said = run(saved(tmp_path, exported(house.general)), "--organisation", "DZ01")
    assert (code, said) == (
        0,
        "名册.xlsx → DZ01：新登记 0，有变化 0，没有变化 3，需要修改 0。\n"
        "与系统里的完全一致，没有需要写入的。\n",
    )
    assert everything() == before


def test_the_whole_demo_case_goes_out_and_in_unchanged(db: None, tmp_path: Path) -> None:
    case, today = read_case(), timezone.localdate()
    with transaction.atomic():
        tree = load(case, as_of=today, shift=Shift(months_to_shift(case, today)), by=make_user())
    before, path = everything(), saved(tmp_path, exported(tree.general, today))
    people = len(cells(path.read_bytes())) - 3
    code, said = run(path, "--organisation", "DZ01", "--json")
    told = json.loads(said)
    assert people >= 70
    assert (code, told["counts"], told["missing"], told["errors"]) == (
        0,
        {"new": 0, "changed": 0, "unchanged": people, "error": 0},
        [],
        [],
    )
    assert everything() == before
    assert AuditEvent.objects.filter(event="branches.roster_imported").count() == 0


def test_the_command_says_all_of_it_as_json(house: House, tmp_path: Path) -> None:
    path = saved(tmp_path, book((*OURS, "13800"), (*NEW, ""), head=(*HEAD, "电话")))
    dry = json.loads(run(path, "--organisation", "DZ01", "--dry-run", "--json")[1])
    assert dry == {
        "file": "名册.xlsx",
        "organisation": "DZ01",
        "dry_run": True,
        "counts": {"new": 1, "changed": 0, "unchanged": 1, "error": 0},
        "dropped_columns": ["电话"],
        "notices": [],
        "missing": [{"code": "M004", "name": "谢建平", "organisation": "松林口党支部"}],
        "errors": [],
        "committed": False,
    }
    assert Member.objects.count() == 2
    code, said = run(path, "--organisation", "DZ01", "--json", "--user", _staff_name(house))
    assert (code, json.loads(said)["committed"], Member.objects.count()) == (0, True, 3)
    assert AuditEvent.objects.get(event="branches.roster_imported").by == house.staff
    assert json.loads(run(path, "--organisation", "DZ01", "--json")[1])["counts"] == {
        "new": 0,
        "changed": 0,
        "unchanged": 2,
        "error": 0,
    }


def _staff_name(house: House) -> str:
    return str(house.staff.username)


def test_the_command_names_every_error_and_leaves_with_1(house: House, tmp_path: Path) -> None:
    path = saved(tmp_path, book(NEW, ("", "王一", NUMBER[:-1], "BR99", "正式党员", "", "", "")))
    code, said = run(path, "--organisation", "DZ01", "--json")
    told = json.loads(said)
    assert (code, told["committed"], Member.objects.count()) == (1, False, 2)
    assert [(e["sheet"], e["row"], e["column"], e["value"]) for e in told["errors"]] == [
        ("名册", 3, "身份证号", "5325*********" + NUMBER[-5:-1]),
        ("名册", 3, "所在党支部", "BR99"),
    ]
    words = run(path, "--organisation", "DZ01")[1]
    assert "“名册”第 3 行 所在党支部“BR99”：不在这次导入的组织范围内。" in words
    assert words.endswith("没有写入任何内容。\n")
    assert NUMBER[:-1] not in said + words


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (b"%PDF-1.7", (), "这是 PDF 文件，不能导入。"),
        (book(OURS), ("--roster-day", "2198-01-01"), "名册日期还没有到"),
        (book(OURS), ("--user", "worker"), "worker不能向“分公司党总支”导入名册。"),
    ],
)
def test_files_and_days_and_people_that_cannot_be(
    house: House, tmp_path: Path, content: bytes, arguments: tuple[str, ...], sentence: str
) -> None:
    make_user("worker", name="worker")
    path = saved(tmp_path, content)
    code, said = run(path, "--organisation", "DZ01", "--json", *arguments)
    (error,) = json.loads(said)["errors"]
    assert (code, error["row"]) == (1, None)
    assert sentence in error["reason"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--organisation", "XX"), "没有编号为“XX”的组织"),
        (("--organisation", "DZ01", "--user", "nobody"), "没有登录名为“nobody”的账号"),
        (("--organisation", "DZ01", "--roster-day", "2026-13-01"), "没有认出日期“2026-13-01”"),
    ],
)
def test_unknown_words_on_the_command_line(
    house: House, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(saved(tmp_path, book(OURS)), *arguments)
    with pytest.raises(CommandError, match="无法读取"):
        run(tmp_path / "missing.xlsx", "--organisation", "DZ01")


def test_any_past_day_can_be_the_roster_day(house: House, tmp_path: Path) -> None:
    add_event(house.ours, kind=EventKind.MOVED_IN, on=date(2020, 1, 31), organisation=house.br04, by=None)
    path = saved(tmp_path, exported(house.general, date(2020, 1, 30)))
    assert cells(path.read_bytes())[3][4] == "红土坡党支部"
    told = json.loads(run(path, "--organisation", "DZ01", "--roster-day", "2020-01-30", "--json")[1])
    assert (told["counts"]["unchanged"], told["committed"]) == (2, True)
    late = json.loads(run(path, "--organisation", "DZ01", "--roster-day", "2020-01-31", "--json")[1])
    assert [error["column"] for error in late["errors"]] == ["编入本支部日期"]
