"""`export_ledger` on the host: whole portal, one clear line when something is wrong."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook
from pypdf import PdfReader

from audit.models import AuditEvent
from ledgers.ledger import Ledger
from tests.ledgers.sample import make_ledger, registered, topic_row

pytestmark = pytest.mark.django_db


def exported(target: Path, *arguments: str) -> str:
    call_command("export_ledger", "sample", *arguments, "--output", str(target))
    return target.name


def refusal(target: Path, *arguments: str, name: str = "sample") -> str:
    with pytest.raises(CommandError) as caught:
        call_command("export_ledger", name, *arguments, "--output", str(target))
    assert caught.value.returncode == 1
    assert list(target.parent.glob("*")) == []
    return str(caught.value)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "台账.xlsx"


def topics(target: Path) -> list[object]:
    sheet = load_workbook(BytesIO(target.read_bytes())).active
    assert sheet is not None
    last = int(str(sheet.auto_filter.ref).rpartition("I")[2])
    return [sheet.cell(row, 4).value for row in range(5, last + 1)]


def test_excel_of_the_whole_portal(target: Path, ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    exported(target, "--organisation", "HTP", "--period", "2026-11", "--format", "xlsx")
    assert topics(target) == ["专题学习", "=1+1", "a < b & <b>粗</b>"]
    assert capsys.readouterr().out == f"已导出支部活动台账 3 条：{target}\n"
    assert [path.name for path in target.parent.iterdir()] == ["台账.xlsx"]
    event = AuditEvent.objects.get()
    assert (event.by, event.detail["organisation"]) == (None, "红土坡烟站党支部")


def test_pdf_with_states_and_order(target: Path, ledger: Ledger) -> None:
    exported(target, "--state", "late", "--state", "ok", "--sort=-held", "--format", "pdf")
    text = "".join(page.extract_text() for page in PdfReader(target).pages)
    assert re.findall(r"专题学习|=1\+1|即将到期", text) == ["专题学习", "=1+1"]


def test_any_filter_by_name(target: Path, ledger: Ledger) -> None:
    exported(target, "--filter", "state=soon", "--filter", "state=late")
    assert topics(target) == ["=1+1", "a < b & <b>粗</b>"]


def test_an_older_file_is_replaced(target: Path, ledger: Ledger) -> None:
    target.write_text("old")
    exported(target)
    assert target.read_bytes()[:2] == b"PK"


def test_an_unknown_ledger_is_said(target: Path, ledger: Ledger) -> None:
    assert refusal(target, name="nothing").startswith("没有名为“nothing”的台账。可用的有：")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--organisation", "XX"], "党支部“XX”有误：选择一个有效的选项。 XX 不在可用的选项中。"),
        (["--period", "2026-13"], "月份“2026-13”有误：输入一个有效的值。"),
        (["--period", ""], "月份“”有误：这个字段是必填项。"),
        (["--state", "bad"], "状态“bad”有误：选择一个有效的选项。 bad 不在可用的选项中。"),
        (
            ["--filter", "colour=red"],
            "支部活动台账没有筛选条件 colour，可用的有：organisation、period、state。",
        ),
        (["--filter", "red"], "筛选条件“red”应写成 名称=值。"),
        (
            ["--sort", "colour"],
            "支部活动台账不能按 colour 排序，"
            "可用的有：branch、held、topic、present、hours、dues、state、entered。",
        ),
        (["--format", "doc"], "格式“doc”有误，可用的有：xlsx、pdf。"),
    ],
)
def test_wrong_words_are_said_in_one_line(
    target: Path, ledger: Ledger, arguments: list[str], line: str
) -> None:
    assert refusal(target, *arguments) == line
    assert AuditEvent.objects.count() == 0


def test_places_that_cannot_be_written(tmp_path: Path, ledger: Ledger) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    told = {}
    for place in ("nowhere/a.xlsx", "folder", "file/a.xlsx"):
        with pytest.raises(CommandError) as caught:
            exported(tmp_path / place)
        told[place] = str(caught.value)
    assert told == {
        "nowhere/a.xlsx": f"无法写入 {tmp_path}/nowhere/a.xlsx：文件夹不存在。",
        "folder": f"无法写入 {tmp_path}/folder：这个位置不能写文件。",
        "file/a.xlsx": f"无法写入 {tmp_path}/file/a.xlsx：文件夹不存在。",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_text_too_long_leaves_no_file(target: Path) -> None:
    with registered(make_ledger([topic_row("长" * 40000)])):
        assert refusal(target).startswith("第 1 行“内容摘要”有 40000 个字")
