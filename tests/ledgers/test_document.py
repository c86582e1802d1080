"""One document behind the three renderings: heading, filter, order, checksum, file name."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.http import QueryDict

from ledgers.document import build_document, shown
from ledgers.ledger import Cell, ColumnKind, Heading, Tone
from ledgers.spool import checksum
from tests.factories.branches import make_user
from tests.ledgers.sample import AS_OF, COLUMNS, ON, ROWS, SampleForm, document_of, make_ledger, topic_row


def test_a_document_says_what_it_shows() -> None:
    document = document_of(make_ledger(), "organisation=HTP&state=ok&state=late")
    assert document.heading == Heading("红土坡烟站党支部", "2026 年 11 月", "2026-11")
    assert document.filter_sentence == "状态：按时完成、已逾期"
    assert (document.version, document.order_note, document.as_of_text) == (
        "1",
        "按日期先后",
        "2026-11-13 09:30",
    )
    assert [column.title for column in document.columns] == ["序号", *(column.title for column in COLUMNS)]
    assert document.rows == [(1, *ROWS[0]), (2, *ROWS[1])]


def test_without_filter_and_number() -> None:
    document = document_of(make_ledger(numbered=False))
    assert (document.filter_sentence, document.columns, document.rows) == ("全部记录", COLUMNS, ROWS)


def test_what_is_left_out_takes_the_initial_value_and_empty_is_a_choice() -> None:
    def period(query: str) -> str:
        return str(SampleForm.filled(QueryDict(query), user=None, on=ON)["period"].value())

    assert [period(""), period("period=2025-01"), period("period=")] == ["2026-11", "2025-01", ""]


@pytest.mark.django_db
def test_the_ledger_decides_which_rows_a_user_sees() -> None:
    document = document_of(make_ledger(), user=make_user(name="城关党支部"))
    assert document.rows == [(1, *ROWS[1])]


@pytest.mark.parametrize(
    ("sort", "order", "note"),
    [
        ("held", [2, 0, 1], "按日期升序"),
        ("-held", [0, 2, 1], "按日期降序"),
        ("present", [1, 0, 2], "按出席人数升序"),
        ("-hours", [1, 0, 2], "按学时降序"),
        ("branch", [1, 0, 2], "按党支部升序"),
        ("unknown", [0, 1, 2], "按日期先后"),
        ("number", [0, 1, 2], "按日期先后"),
        ("-", [0, 1, 2], "按日期先后"),
    ],
)
def test_sorting_puts_blanks_last_and_numbers_anew(sort: str, order: list[int], note: str) -> None:
    document = document_of(make_ledger(), sort=sort)
    assert document.rows == [(number, *ROWS[index]) for number, index in enumerate(order, start=1)]
    assert document.order_note == note


def test_hostile_text_is_cleaned_for_all_renderings_at_once() -> None:
    row = ("a\x00", None, "\ud800=1+1\r\n", 1, None, None, Cell("x\x07", Tone.LATE), None)
    ledger = make_ledger([row], heading=lambda user, cleaned, on: Heading("坏\x00名", "期\x00", "2026-11"))
    document = document_of(ledger)
    assert document.rows == [(1, "a␀", None, "\ufffd=1+1\n", 1, None, None, Cell("x␇", Tone.LATE), None)]
    assert (document.heading.organisation, document.heading.period) == ("坏␀名", "期␀")


def test_a_row_of_the_wrong_length_is_a_mistake_in_the_code() -> None:
    ledger = make_ledger(rows=[])
    broken = replace(ledger, rows=lambda user, cleaned, on: [("x",)])
    form = broken.filter_form.filled(QueryDict(), user=None, on=ON)
    assert form.is_valid()
    with pytest.raises(ValueError, match=r"^Ledger sample: a row of 1 values for 8 columns\.$"):
        build_document(broken, form, user=None, on=ON, as_of=AS_OF)


def test_the_checksum_changes_with_every_value_and_with_nothing_else() -> None:
    base = checksum([topic_row("学习")])
    assert base == checksum([topic_row("学习")])
    changed = {checksum([topic_row("学习 ")]), checksum([topic_row("学习", "HTP")]), checksum([])}
    assert len(changed | {base}) == 4
    assert checksum([(Decimal("1.0"),)]) != checksum([(1,)])
    assert checksum([(Cell("好", Tone.OK),)]) != checksum([(Cell("好", Tone.LATE),)])


@pytest.mark.parametrize(
    ("organisation", "name"),
    [
        ("红土坡烟站党支部", "支部活动台账_红土坡烟站党支部_2026-11.xlsx"),
        ('a/b\\c:d*e?"<>|\n f', "支部活动台账_abcdef_2026-11.xlsx"),
        ("../..", "支部活动台账_2026-11.xlsx"),
        ("长" * 90, f"支部活动台账_{'长' * 60}_2026-11.xlsx"),
    ],
)
def test_file_names_are_safe(organisation: str, name: str) -> None:
    ledger = make_ledger(heading=lambda user, cleaned, on: Heading(organisation, "期", "2026-11"))
    assert document_of(ledger).file_name("xlsx") == name


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, ColumnKind.TEXT, "—"),
        ("", ColumnKind.TEXT, "—"),
        (0, ColumnKind.INTEGER, "0"),
        (ON, ColumnKind.DATE, "2026-11-13"),
        (AS_OF, ColumnKind.DATETIME, "2026-11-13 09:30"),
        (Decimal("1"), ColumnKind.HOURS, "1.0"),
        (Decimal("1.250"), ColumnKind.HOURS, "1.25"),
        (Decimal("1E+3"), ColumnKind.DECIMAL, "1000.00"),
        (Decimal("1.1500"), ColumnKind.FOUR_PLACES, "1.1500"),
        (Decimal("1"), ColumnKind.FOUR_PLACES, "1.0000"),
        (Decimal("0.1"), ColumnKind.TEXT, "0.1"),
        (Cell("已逾期", Tone.LATE), ColumnKind.STATE, "已逾期"),
    ],
)
def test_shown(value: object, kind: ColumnKind, words: str) -> None:
    assert shown(value, kind) == words  # type: ignore[arg-type]  # parametrised over every kind of value
