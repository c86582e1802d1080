"""PDF of long ledgers: parts, merged, numbered over the whole, and the same words as a short one."""

import re
from io import BytesIO

import pytest
from django.conf import settings
from pypdf import PdfReader

from ledgers import processes
from ledgers.document import LedgerDocument
from ledgers.ledger import Cell, Column, Heading, Row, Tone
from ledgers.renderers import long_pdf
from ledgers.renderers.long_pdf import parts, write_long_pdf
from ledgers.renderers.pdf import PdfFailedError, render_pdf
from tests.ledgers.sample import COLUMNS, document_of, make_ledger, topic_row

HEAD = "序号党支部日期内容摘要出席人数学时金额状态登记时间"


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_pdf, "PART_ROWS", 30)
    monkeypatch.setattr(long_pdf, "NUMBERED_PAGES", 2)


def made(document: LedgerDocument) -> bytes:
    target = BytesIO()
    write_long_pdf(document, target)
    return target.getvalue()


def pages_of(content: bytes) -> list[str]:
    """Words of every page; what only lets a line break is no word."""
    reader = PdfReader(BytesIO(content))
    return ["".join(page.extract_text().replace("\u200b", "").split()) for page in reader.pages]


def test_parts_are_one_document() -> None:
    document = document_of(make_ledger([topic_row(f"第{n}次学习") for n in range(70)]))
    content = made(document)
    pages = pages_of(content)
    count = len(pages)
    assert count > 3
    assert [page.count(HEAD) for page in pages] == [1] * count
    assert re.findall(r"第\d+次学习", "".join(pages)) == [f"第{n}次学习" for n in range(70)]
    assert [re.findall(r"第\d+页/共\d+页", page) for page in pages] == [
        [f"第{n}页/共{count}页"] for n in range(1, count + 1)
    ]
    assert [page.count("填报人：") for page in pages] == [0] * (count - 1) + [1]
    assert [page.count("填报单位：县局党总支统计期间：2026年11月") for page in pages] == [1] + [0] * (
        count - 1
    )
    assert [page.count("支部活动台账·2026年11月") for page in pages] == [1] * count
    assert pages[-1].count(f"共70条台账版本：1校验值：{document.checksum}") == 1
    assert pages_of(made(document)) == pages


def test_the_words_are_those_of_a_short_one() -> None:
    """Two layouts of one ledger say the same, letter by letter; only their order on the sheet may differ."""
    document = document_of(make_ledger(), "state=ok&state=late&state=soon")
    long, short = (PdfReader(BytesIO(content)) for content in (made(document), render_pdf(document)))
    assert sorted("".join(pages_of(made(document)))) == sorted("".join(pages_of(render_pdf(document))))
    assert long.pages[0].mediabox == pytest.approx(short.pages[0].mediabox, abs=1)


def test_fonts_are_the_ones_meant() -> None:
    reader = PdfReader(BytesIO(made(document_of(make_ledger()))))
    fonts = reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]  # a page has fonts
    names = {
        str(font.get_object()["/BaseFont"]).partition("+")[2].partition("-Identity")[0] for font in fonts
    }
    assert names == {"NotoSansCJKsc-Regular", "NotoSansCJKsc-Bold", "NotoSerifCJKsc-Bold"}


def test_hostile_words_are_words() -> None:
    attack = '#read("/etc/passwd") $x$ *b* _i_ @ref <label> `raw` \\u{41} [x] #import "@preview/a:1"'
    heading = Heading("#panic()", "*期*", "x")
    content = made(document_of(make_ledger([topic_row(attack)], heading=lambda user, cleaned, on: heading)))
    (page,) = pages_of(content)
    assert ("".join(attack.split()) in page, "填报单位：#panic()" in page, "统计期间：*期*" in page) == (
        True,
    ) * 3
    assert content.count(b"root:") == 0


def test_long_runs_and_tall_rows_stay_on_the_sheet() -> None:
    rows = [topic_row("x" * 300), topic_row("学习" * 2000), topic_row("末尾")]
    pages = pages_of(made(document_of(make_ledger(rows))))
    assert len(pages) > 1
    words = "".join(pages)
    assert (words.count("x"), words.count("学习")) == (300, 2000)
    assert "".join(pages).count("末尾") == 1


def place_row(place: str) -> Row:
    return (place, *topic_row("学习")[1:6], Cell("按时完成", Tone.OK), None)


@pytest.mark.parametrize(
    ("runs", "sizes"),
    [
        ([("甲", 10), ("乙", 10), ("丙", 15)], [20, 15]),
        ([("甲", 30), ("乙", 1)], [30, 1]),
        ([("甲", 5), ("乙", 70)], [5, 30, 30, 10]),
        ([("甲", 31)], [30, 1]),
        ([("甲", 1)] * 3, [3]),
        ([], [0]),
    ],
)
def test_an_organisation_is_cut_only_when_it_is_long_by_itself(
    runs: list[tuple[str, int]], sizes: list[int]
) -> None:
    rows = [place_row(name) for name, count in runs for _ in range(count)]
    columns = (Column("organisation", "党组织"), *COLUMNS[1:])
    found = list(parts(document_of(make_ledger(rows, columns=columns))))
    assert [len(part) for part in found] == sizes
    assert [row[1:] for part in found for row in part] == rows


def test_the_watcher_sees_rows_and_may_stop_the_work() -> None:
    class Stopped(Exception):
        pass

    seen: list[int] = []

    def watch(rows: int) -> None:
        seen.append(rows)
        if rows == 30:
            raise Stopped

    with pytest.raises(Stopped):
        write_long_pdf(document_of(make_ledger([topic_row("学习")] * 90)), BytesIO(), tick=watch)
    assert (seen[0], seen[-1], seen == sorted(seen)) == (0, 30, True)


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [("SECONDS", 0.01, "排版时间太长。"), ("MEMORY_MB", 64, "排版没有完成，可能是内容太多。")],
)
def test_the_child_is_limited(monkeypatch: pytest.MonkeyPatch, limit: str, value: float, reason: str) -> None:
    monkeypatch.setattr(long_pdf, limit, value)
    # So that a parent that is kept waiting does not find the child done before its first look.
    monkeypatch.setattr(processes, "LOOK_EVERY", 0.001)
    with pytest.raises(PdfFailedError) as caught:
        made(document_of(make_ledger()))
    assert str(caught.value) == f"PDF 没有生成：{reason}请缩小范围后重试，或改用 Excel 导出。"


def test_the_child_knows_no_django() -> None:
    source = (settings.BASE_DIR / "ledgers" / "renderers" / "typst_child.py").read_text("utf-8")
    assert re.findall(r"^(?:import|from) (?:django|accounts|ledgers\.(?!processes)).*", source, re.M) == []
