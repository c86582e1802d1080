"""The table on a sheet: headings wherever they stand and however they are written."""

from collections.abc import Sequence

import pytest

from ledgers.sheets.cells import (
    CellKind,
    FoundTable,
    RawCell,
    RawRow,
    RawSheet,
    SheetColumn,
    Skipped,
    TableRefused,
    ValueProblem,
)
from ledgers.sheets.limits import ERROR_HEADING
from ledgers.sheets.tables import find_table
from tests.ledgers.sheets.roster import COLUMNS

Area = tuple[int, int, int, int]


def sheet_of(*rows: Sequence[str | None], first: int = 1, merged: Sequence[Area] = ()) -> RawSheet:
    made = (
        RawRow(number, {at: RawCell(CellKind.TEXT, text) for at, text in enumerate(row, start=1) if text})
        for number, row in enumerate(rows, start=first)
    )
    return RawSheet("花名册", tuple(row for row in made if row.cells), tuple(merged))


def read(*rows: Sequence[str | None], first: int = 1, merged: Sequence[Area] = ()) -> FoundTable:
    return find_table(sheet_of(*rows, first=first, merged=merged), COLUMNS)


def words(table: FoundTable) -> list[dict[str, str]]:
    return [{key: cell.written for key, cell in row.cells.items()} for row in table.rows]


def refused(*rows: Sequence[str | None], merged: Sequence[Area] = ()) -> tuple[str, ...]:
    with pytest.raises(TableRefused) as caught:
        read(*rows, merged=merged)
    return caught.value.problems


@pytest.mark.parametrize("before", range(10))
def test_the_heading_stands_in_any_of_the_first_ten_rows(before: int) -> None:
    empty: list[str | None] = [None]
    titles: list[list[str | None]] = [["党员花名册"], ["填报单位：某某党支部"]]
    table = read(*[*titles, *[empty] * 8][:before], ["姓名", "出生日期"], ["张三", "1990-02"])
    assert table.heading_row == before + 1
    assert words(table) == [{"name": "张三", "born": "1990-02"}]
    assert [row.number for row in table.rows] == [before + 2]


@pytest.mark.parametrize(
    "heading",
    [
        "出生日期",
        " 出 生 日 期 ",
        "出生\n日期",
        "出生日期*",
        "＊出生日期",
        "*出生日期（必填）",
        "出生日期(如1990-02-03)",
        "出生日期【必填】",
        "出生日期[文本格式]",
        "出生日期：",
        "出生日期\n格式 1990-02-03",
        "出生年月",
        "出⽣日期",  # a radical that looks like 生
        "出生\u200b日期",
    ],
)
def test_a_heading_is_known_however_it_is_written(heading: str) -> None:
    table = read(["姓名", heading], ["张三", "1990-02"])
    assert table.positions == {"name": 1, "born": 2}
    assert table.dropped == ()


def test_columns_come_in_any_order_and_unknown_ones_are_named() -> None:
    table = read(
        ["序号", "联系电话", "备注 \n其他", "出生日期", "姓名", ERROR_HEADING],
        ["1", "138", "x", "1990-02", "张三", "旧的错误", "没有列名的内容"],
    )
    assert table.positions == {"phone": 2, "born": 4, "name": 5}
    assert table.headings == {"phone": "联系电话", "born": "出生日期", "name": "姓名"}
    assert table.dropped == ("序号", "备注 其他", "G 列（没有列名）")
    assert table.absent == ("身份证号", "入党时间", "人员类别", "抽调")
    assert words(table) == [{"phone": "138", "born": "1990-02", "name": "张三"}]


def test_rows_without_a_known_column_are_no_records() -> None:
    table = read(["序号", "姓名", "出生日期"], ["1", "张三", "1990-02"], ["2"], [None], ["3", "李四"])
    assert [(row.number, row.cell("name") is None) for row in table.rows] == [(2, False), (5, False)]
    assert table.skipped_rows == ()


@pytest.mark.parametrize(
    "note",
    [
        ["示例", "1990-02-03"],
        ["（示例）李四", "1990-02-03"],
        ["【示例】", "1990-02-03"],
        ["说明：出生日期写到日"],
        ["填表说明: 按身份证填写"],
        ["注1：按身份证填写"],
        ["必填", "必填"],
        ["合计", "12"],
        ["填表人：王五", "审核人：赵六"],
        ["姓名", "出生日期"],
        ["姓 名*", "出生年月"],
    ],
)
def test_notes_totals_signatures_and_repeated_headings_are_left_out(note: Sequence[str]) -> None:
    table = read(["姓名", "出生日期"], note, ["张三", "1990-02"])
    assert words(table) == [{"name": "张三", "born": "1990-02"}]
    assert table.skipped_rows == (2,)


def test_a_person_is_no_note() -> None:
    rows = [["示范", "1990-02"], ["说明", "1990-02"], ["注", "1990-02"], ["姓名", "1990-02"]]
    assert len(read(["姓名", "出生日期"], *rows).rows) == 4


def test_a_heading_of_two_rows_is_joined() -> None:
    table = find_table(
        sheet_of(
            ["党员花名册"],
            ["姓名", "入党", None, "联系方式", None],
            [None, "时间", "介绍人", "电话", "邮箱"],
            ["张三", "2015-07-01", "李四", "138", "x"],
            merged=[(1, 1, 1, 5), (2, 1, 3, 1), (2, 2, 2, 3), (2, 4, 2, 5)],
        ),
        [column for column in COLUMNS if column.key != "born"],
    )
    assert table.heading_row == 3
    assert table.headings == {"name": "姓名", "joined": "入党 时间", "phone": "联系方式 电话"}
    assert table.dropped == ("入党 介绍人", "联系方式 邮箱")
    assert words(table) == [{"name": "张三", "joined": "2015-07-01", "phone": "138"}]


def test_a_title_above_does_not_join_the_heading() -> None:
    table = read(["花名册"], ["姓名", "出生日期"], ["张三", "1990-02"], merged=[(1, 1, 1, 2)])
    assert table.headings == {"name": "姓名", "born": "出生日期"}


def test_a_merged_heading_over_one_filled_column_is_clear() -> None:
    table = read(["姓名", "出生日期", None], ["张三", "1990-02"], merged=[(1, 2, 1, 3)])
    assert table.positions == {"name": 1, "born": 2}


def test_a_value_merged_over_rows_belongs_to_each_of_them() -> None:
    """As offices merge the branch beside its people; a row with nothing else is still no record."""
    rows: list[list[str | None]] = [
        ["正式党员", "张三", "1990-02"],
        [None, "李四", "1991-03"],
        [None],
        [None, "王五"],
    ]
    table = read(["人员类别", "姓名", "出生日期"], *rows, merged=[(2, 1, 1_048_576, 1), (3, 3, 3, 4)])
    assert words(table) == [
        {"state": "正式党员", "name": "张三", "born": "1990-02"},
        {"state": "正式党员", "name": "李四", "born": "1991-03"},
        {"state": "正式党员", "name": "王五"},
    ]


def test_all_that_is_wrong_with_a_heading_is_said_at_once() -> None:
    assert refused(
        ["姓名", "党员姓名", "电话", None], ["张三", "张三", "138", "139"], merged=[(1, 3, 1, 4)]
    ) == (
        "工作表“花名册”第 1 行的表头里缺少列：“出生日期”。请补上这些列。",
        "工作表“花名册”里“姓名”有 2 列：A 列“姓名”、B 列“党员姓名”。请只保留一列。",
        "工作表“花名册”的表头“电话”合并了 C 到 D 列，分不清是哪一列。请取消合并，让每一列有自己的列名。",
    )


def test_sheets_without_a_table_are_refused() -> None:
    for sheet, sentence in (
        (RawSheet("参数", skipped=Skipped.HIDDEN), "工作表“参数”是隐藏的工作表，没有读取。"),
        (RawSheet("空表"), "工作表“空表”是空的。"),
        (sheet_of(["姓名", "出生日期"]), "工作表“花名册”只有表头，没有内容。请填好后再上传。"),
    ):
        with pytest.raises(TableRefused) as caught:
            find_table(sheet, COLUMNS)
        assert str(caught.value) == sentence


def test_more_rows_than_allowed_are_refused() -> None:
    sheet = sheet_of(["姓名", "出生日期"], *(["张三", "1990-02"] for _ in range(3)))
    assert len(find_table(sheet, COLUMNS, most=3).rows) == 3
    with pytest.raises(
        TableRefused, match=r"^工作表“花名册”超过 2 行。请分成几个文件上传，每个不超过 2 行。$"
    ):
        find_table(sheet, COLUMNS, most=2)


def test_two_columns_of_one_name_are_a_mistake_of_ours() -> None:
    columns = (SheetColumn("a", "姓名"), SheetColumn("b", "名称", ("姓 名",)))
    with pytest.raises(ValueError, match=r"^Two columns are called 姓 名\.$"):
        find_table(sheet_of(["姓名"], ["张三"]), columns)


def test_a_problem_carries_its_place() -> None:
    table = read(["姓名", "出生年月*"], ["张三", "x"])
    problem = table.problem(ValueProblem("x", "看不懂", "请改"), table.rows[0], "born")
    assert (problem.sheet, problem.row, problem.column) == ("花名册", 2, "出生年月*")
    assert problem.sentence == "出生年月*“x”：看不懂。请改。"
