"""Sample templates made from a source: every placeholder it knows, ready to be filled or rearranged."""

from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from papers.source import ListField, PaperSource

TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
NAME_WIDTH, VALUE_WIDTH = Mm(42), Mm(114)
_SIDE = Side(style="thin", color="FF8A93A0")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEAD = PatternFill("solid", fgColor="FFEEF2F6")


def word_sample(source: PaperSource) -> bytes:
    """A Word template with a line for each value and a table for each list."""
    document = Document()
    _set_page(document)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_font(title.add_run(source.title), TITLE_FONT, 22)
    facts = document.add_table(rows=0, cols=2, style="Table Grid")
    facts.autofit = False
    for field in source.fields:
        cells = facts.add_row().cells
        cells[0].text, cells[1].text = field.name, field.placeholder
        cells[0].width, cells[1].width = NAME_WIDTH, VALUE_WIDTH
    for found in source.lists:
        _add_list(document, found)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _set_page(document: WordDocument) -> None:
    """A4 with the margins of official documents, the body in their face."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    _set_font(document.styles["Normal"], BODY_FONT, 14)


def _set_font(thing: Any, name: str, size: int) -> None:
    """A face of its own for 汉字: without it Word takes its default."""
    thing.font.name, thing.font.size = name, Pt(size)
    thing.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _add_list(document: WordDocument, found: ListField) -> None:
    document.add_paragraph(found.name).paragraph_format.space_before = Pt(14)
    table = document.add_table(rows=2, cols=len(found.columns), style="Table Grid")
    for n, column in enumerate(found.columns):
        table.rows[0].cells[n].text = column.name
        table.rows[1].cells[n].text = column.placeholder


def excel_sample(source: PaperSource) -> bytes:
    """The same as a workbook."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = source.title[:31]
    width = max([2, *(len(found.columns) for found in source.lists)])
    sheet.append([source.title])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    sheet["A1"].font, sheet["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    for field in source.fields:
        sheet.append([field.name, field.placeholder])
    for found in source.lists:
        sheet.append([])
        sheet.append([found.name])
        sheet.append([column.name for column in found.columns])
        sheet.append([column.placeholder for column in found.columns])
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.value:
                cell.border, cell.alignment = _BORDER, Alignment(wrap_text=True, vertical="center")
                cell.fill = _HEAD if "{{" not in str(cell.value) else PatternFill()
    for n in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(n)].width = 24
    sheet.page_setup.paperSize = 9
    target = BytesIO()
    book.save(target)
    return target.getvalue()
