"""Text, yes and no, choices: what is taken, and what is refused with which words."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers.sheets.cells import CellKind, CellProblem, RawCell, ValueProblem
from ledgers.sheets.tidy import decoded, one_line
from ledgers.sheets.values import parse_choice, parse_text, parse_yes_no

AS_TEXT = "请先把这一列的单元格格式设为“文本”，再重新填写完整的号码"
WORDS = "请填“是”或“否”，也可以打“√”或留空"


def text(written: str) -> RawCell:
    return RawCell(CellKind.TEXT, written)


def typed(written: str) -> RawCell:
    return RawCell(CellKind.NUMBER, written)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (None, None),
        (text(""), None),
        (text(" \t\u3000\n"), None),
        (text("\u200b\ufeff"), None),
        (text("  欧阳  修\n"), "欧阳 修"),
        (text("张\u200b三\u202e\x00\x1b\ud800\ufffe"), "张三"),
        (text("𠮷野"), "𠮷野"),
        (text("a\r\nb\u2028c"), "a b c"),
        (typed("13800138000"), "13800138000"),
        (typed("1.3800138E10"), "13800138000"),
        (typed("007"), "7"),
        (typed("0.10000000000000001"), "0.1"),
        (typed("3.0"), "3"),
        (typed("-2.50"), "-2.5"),
        (typed("123456789012345"), "123456789012345"),
        (typed("0"), "0"),
        (typed("100"), "100"),
        (RawCell(CellKind.BOOLEAN, "TRUE"), "是"),
        (RawCell(CellKind.BOOLEAN, "FALSE"), "否"),
        (RawCell(CellKind.DATE, "32905", datetime(1990, 2, 1)), "1990-02-01"),  # noqa: DTZ001 - as Excel has it
        (RawCell(CellKind.DATE, "32905.5", datetime(1990, 2, 1, 12)), "1990-02-01 12:00"),  # noqa: DTZ001 - as above
    ],
)
def test_text(cell: RawCell | None, value: str | None) -> None:
    assert parse_text(cell) == value


@pytest.mark.parametrize(
    ("cell", "reason", "advice"),
    [
        (text("长" * 201), "有 201 个字，超过 200 字", "请缩短后再上传"),
        (text("长" * 2001), "文字超过 2000 字", "请缩短后再上传"),
        (typed("1.1010119900307E+17"), "号码存成了数字，15 位以后的数字已经丢失", AS_TEXT),
        (typed("110101199003070011"), "号码存成了数字，15 位以后的数字已经丢失", AS_TEXT),
        (typed("1234567890123456"), "号码存成了数字，15 位以后的数字已经丢失", AS_TEXT),
        (typed("1e300"), "号码存成了数字，15 位以后的数字已经丢失", AS_TEXT),
        (
            RawCell(CellKind.FORMULA, "=A1"),
            "这是公式，不是填好的内容",
            "请复制后用“选择性粘贴 → 数值”粘贴回来，再上传",
        ),
        (RawCell(CellKind.ERROR, "#REF!"), "单元格里是错误值", "请改成正确的内容，没有内容就清空"),
    ],
)
def test_text_is_refused(cell: RawCell, reason: str, advice: str) -> None:
    with pytest.raises(ValueProblem) as caught:
        parse_text(cell)
    assert (caught.value.value, caught.value.reason, caught.value.advice) == (cell.shown, reason, advice)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("是", True),
        ("√", True),
        ("✔", True),
        ("有", True),
        (" Ｙ ", True),
        ("1", True),
        ("否", False),
        ("×", False),
        ("无", False),
        ("No", False),
        ("", None),
    ],
)
def test_yes_and_no(written: str, value: bool | None) -> None:
    assert parse_yes_no(text(written)) is value


def test_yes_and_no_of_other_kinds() -> None:
    assert parse_yes_no(None) is None
    assert parse_yes_no(RawCell(CellKind.BOOLEAN, "TRUE")) is True
    assert parse_yes_no(RawCell(CellKind.BOOLEAN, "FALSE")) is False
    assert parse_yes_no(typed("0")) is False
    with pytest.raises(ValueProblem, match="^看不出是“是”还是“否”。" + WORDS + "。$"):
        parse_yes_no(text("也许"))


LABELS = {"正式党员": "full", "预备党员": "probationary", "（其他）": "other"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("正式党员", "full"),
        (" 正式 党员\u200b", "full"),
        ("(其他)", "other"),
        ("", None),
        ("—", None),
        ("无", None),
    ],
)
def test_choice(written: str, value: str | None) -> None:
    assert parse_choice(text(written), LABELS) == value


def test_choice_is_refused_with_the_labels() -> None:
    with pytest.raises(ValueProblem) as caught:
        parse_choice(text("群众"), LABELS)
    assert caught.value.at("花名册", 5, "人员类别") == CellProblem(
        "花名册", 5, "人员类别", "群众", "不在可选的范围内", "请填下列之一：正式党员、预备党员、（其他）"
    )
    assert (
        caught.value.at("花名册", 5, "人员类别").sentence
        == "人员类别“群众”：不在可选的范围内。请填下列之一：正式党员、预备党员、（其他）。"
    )


def test_a_dash_can_be_a_label() -> None:
    assert parse_choice(text("无"), {"无": 0}) == 0


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("a_x000D_\nb", "a\nb"),
        ("a_x0041_b", "aAb"),
        ("_x005F_x0041_", "_x0041_"),
        ("坏_xD800_字_x0000_", "坏字"),
        ("_xD842__xDFB7_", "𠮷"),
        ("_xZZZZ_", "_xZZZZ_"),
    ],
)
def test_spellings_of_excel(stored: str, value: str) -> None:
    assert decoded(stored) == value


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_whatever_is_kept_can_be_stored(written: str) -> None:
    for kept in (one_line(written), decoded(written), text(written).shown):
        assert kept.encode().decode() == kept
        assert "\x00" not in kept
    assert one_line(one_line(written)) == one_line(written)
    assert one_line(written).split("\n") == [one_line(written)]


def test_a_value_is_shown_short_and_on_one_line() -> None:
    assert text("长\n" * 30).shown == f"{'长 ' * 20}…"
    assert CellProblem("表", 3, "", "", "这一行是空的", "请删去").sentence == "这一行是空的。请删去。"
