"""PDF files: their words and pages, and the walls around the process that makes them."""

import base64
import re
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader

from ledgers.ledger import Heading
from ledgers.processes import environment
from ledgers.renderers import pdf
from ledgers.renderers.pdf import PdfFailedError, html_to_pdf, ledger_html, render_pdf
from ledgers.renderers.pdf_child import OwnFilesFetcher, RefusedAddressError
from tests.ledgers.sample import document_of, make_ledger, topic_row

DOT = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>').decode()


def reader(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def words_of(content: bytes) -> list[str]:
    """The text of every page without blanks: lines may break anywhere."""
    return ["".join(page.extract_text().split()) for page in reader(content).pages]


def test_one_page_says_everything() -> None:
    document = document_of(make_ledger(), "state=ok&state=late&state=soon")
    content = render_pdf(document)
    assert words_of(content) == [
        "支部活动台账"
        "填报单位：县局党总支统计期间：2026年11月截至：2026-11-1309:30"
        "序号党支部日期内容摘要出席人数学时金额状态登记时间"
        "1红土坡烟站党支部2026-11-05专题学习121.520.00●按时完成2026-11-0600:05"
        "2城关党支部—=1+102.0—●已逾期—"
        "3—2024-02-29a<b&<b>粗</b>——0.10●即将到期—"
        "范围：县局党总支期间：2026年11月筛选：状态：按时完成、已逾期、即将到期"
        f"排序：按日期先后截至：2026-11-1309:30共3条台账版本：1校验值：{document.checksum}"
        "填报人：审核人：日期：年月日"
        "支部活动台账·2026年11月内部资料注意保管第1页/共1页"
    ]
    assert reader(content).metadata is not None


def test_no_blank_stands_between_digits_and_characters() -> None:
    ledger = make_ledger([topic_row("第 3 次学习 12 人")])
    text = reader(render_pdf(document_of(ledger))).pages[0].extract_text()
    spoken = ("2026年11月", "第3次学习12人", "第1页 / 共1页", "共1条")
    assert [words for words in spoken if words not in text] == []


def test_long_ledgers_repeat_their_head_and_count_pages() -> None:
    content = render_pdf(document_of(make_ledger([topic_row(f"第{n}次学习") for n in range(60)])))
    pages = words_of(content)
    count = len(pages)
    assert count == 4
    head = "序号党支部日期内容摘要出席人数学时金额状态登记时间"
    assert [page.count(head) for page in pages] == [1] * count
    assert [page.count("填报人：") for page in pages] == [0] * (count - 1) + [1]
    assert [re.findall(r"第\d页/共\d页", page) for page in pages] == [
        [f"第{n}页/共{count}页"] for n in range(1, count + 1)
    ]
    assert re.findall(r"第\d+次学习", "".join(pages)) == [f"第{n}次学习" for n in range(60)]


def test_paper_is_a4_landscape() -> None:
    box = reader(render_pdf(document_of(make_ledger()))).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (842, 595)


def test_an_empty_ledger_says_so() -> None:
    (page,) = words_of(render_pdf(document_of(make_ledger([]))))
    assert page.count("本期没有记录") == 1
    assert page.count("共0条") == 1


def test_fonts_are_the_ones_meant() -> None:
    fonts = reader(render_pdf(document_of(make_ledger()))).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]  # a page has fonts
    names = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts}
    assert {name.partition("-Cond")[0] for name in names} <= {
        "Noto-Sans-CJK-SC",
        "Noto-Sans-CJK-SC-Bold",
        "Noto-Serif-CJK-SC-Bold",
    }


def test_hostile_text_is_text() -> None:
    attack = '</td><img src="file:///etc/passwd"><script>alert(1)</script>'
    ledger = make_ledger(
        [topic_row(attack)], heading=lambda user, cleaned, on: Heading("<b>x</b>", "期", "x")
    )
    html = ledger_html(document_of(ledger))
    assert "<img" not in html
    assert "<script" not in html
    assert "".join(attack.split()) in words_of(html_to_pdf(html))[0]


def test_cells_carry_no_style_of_their_own() -> None:
    assert re.findall(r"<(?:td|th|tr|table)[^>]*style", ledger_html(document_of(make_ledger()))) == []


# ---- the walls -----------------------------------------------------------------------------------


@pytest.fixture
def fetcher(tmp_path: Path) -> OwnFilesFetcher:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.css").write_text("p{}")
    (tmp_path / "own" / "secret.txt").write_text("x")
    (tmp_path / "outside.css").write_text("p{}")
    (tmp_path / "own" / "link.css").symlink_to(tmp_path / "outside.css")
    return OwnFilesFetcher([tmp_path / "own"])


def test_own_files_and_data_are_fetched(fetcher: OwnFilesFetcher, tmp_path: Path) -> None:
    assert fetcher((tmp_path / "own" / "a.css").as_uri()).read() == b"p{}"
    assert fetcher("data:text/plain,x").read() == b"x"


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file:///{own}/secret.txt",
        "file:///{own}/../outside.css",
        "file:///{own}/%2e%2e/outside.css",
        "file:///{own}/link.css",
        "file://host/{own}/a.css",
        "http://127.0.0.1:9/a.css",
        "https://example.com/a.css",
        "ftp://127.0.0.1/a.css",
        "gopher://x/a.css",
        "/etc/passwd",
    ],
)
def test_everything_else_is_refused(fetcher: OwnFilesFetcher, tmp_path: Path, address: str) -> None:
    url = address.replace("{own}", str(tmp_path / "own").lstrip("/"))
    with pytest.raises(RefusedAddressError):
        fetcher(url)


@pytest.mark.parametrize(
    "tag",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<object data="file:///etc/passwd"></object>',
        "<style>@import url(file:///etc/passwd); p { background: url(file:///etc/passwd) }</style>",
    ],
)
def test_a_document_that_asks_for_more_gets_nothing(tag: str) -> None:
    content = html_to_pdf(f"<p>正文{tag}</p>")
    document = reader(content)
    assert [page.count("正文") for page in words_of(content)] == [1]
    assert document.attachments == {}
    assert [image.name for page in document.pages for image in page.images] == []
    assert content.count(b"root:") == 0


def test_data_pictures_are_drawn() -> None:
    assert words_of(html_to_pdf(f'<p>图<img src="data:image/svg+xml;base64,{DOT}"></p>')) == ["图"]


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "known-only-to-the-portal")
    monkeypatch.setenv("DATABASE_URL", "postgres://x")
    assert {"SECRET_KEY", "DATABASE_URL"} & set(environment()) == set()


def test_too_long_a_layout_is_stopped() -> None:
    rows = "<tr><td>长</td></tr>" * 20000
    with pytest.raises(PdfFailedError) as caught:
        html_to_pdf(f"<table>{rows}</table>", seconds=1)
    assert str(caught.value) == "PDF 没有生成：排版时间太长。请缩小范围后重试，或改用 Excel 导出。"


def test_too_large_a_layout_is_stopped() -> None:
    with pytest.raises(PdfFailedError) as caught:
        html_to_pdf("<table>" + "<tr><td>长</td></tr>" * 2000 + "</table>", memory=64)
    assert (
        str(caught.value)
        == "PDF 没有生成：排版没有完成，可能是内容太多。请缩小范围后重试，或改用 Excel 导出。"
    )


def test_a_child_that_breaks_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_command", lambda seconds, memory: ["false"])
    with pytest.raises(PdfFailedError) as caught:
        html_to_pdf("<p>x</p>")
    assert (
        str(caught.value)
        == "PDF 没有生成：排版没有完成，可能是内容太多。请缩小范围后重试，或改用 Excel 导出。"
    )


def test_the_watcher_sees_pages_and_may_stop_the_work() -> None:
    class Stopped(Exception):
        pass

    seen: list[int] = []

    def watch(pages: int) -> None:
        seen.append(pages)
        if pages > 1:
            raise Stopped

    html = ledger_html(document_of(make_ledger([topic_row("学习") for _ in range(400)])))
    with pytest.raises(Stopped):
        html_to_pdf(html, tick=watch)
    assert seen == sorted(seen)
    assert seen[-1] > 1


def test_the_child_runs_alone(tmp_path: Path) -> None:
    """HTML on stdin, PDF on stdout, and no Django inside."""
    command = pdf._command(seconds=60, memory=1024)
    done = subprocess.run(command, input=b"<p>x</p>", capture_output=True, cwd=settings.BASE_DIR, check=True)
    assert done.stdout.startswith(b"%PDF-")
    source = Path(settings.BASE_DIR / "ledgers" / "renderers" / "pdf_child.py").read_text("utf-8")
    assert re.findall(r"^(?:import|from) django.*", source, re.M) == []
