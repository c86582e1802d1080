"""Booklet and internal brief on paper, in the layout of official documents, written down as exports."""

from datetime import date
from typing import Any

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from errorbank.rules import ErrorCategory
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces
from periods.months import Month
from training.actions.outputs import OutputRefused
from training.queries.outputs import brief_facts, chapters_of

# The layout of official papers is that of the briefs.
OFFICIAL = "dashboards/brief_pdf.css"
BOOKLET_STYLES = (OFFICIAL, "training/booklet_pdf.css")
NUMERALS = "零一二三四五六七八九"


def booklet_name(library: Organisation, *, year: int | None, topic: str) -> str:
    """“2026年成果汇编” or “三会一课成果汇编”, of one year where both are asked for."""
    parts = [f"{year} 年" if year else "", str(ErrorCategory(topic).label) if topic else ""]
    return f"{''.join(parts)}成果汇编"


def export_booklet(library: Organisation, *, year: int | None, topic: str, by: User, on: date) -> bytes:
    """The booklet as the library stands. Raises OutputRefused for nothing in it, PdfFailedError."""
    chapters = chapters_of(library, year=year, topic=topic)
    if not chapters:
        raise OutputRefused("这个范围内还没有入库的成果，请换一个年度或专题。")
    context = {
        "library": library,
        "title": booklet_name(library, year=year, topic=topic),
        "chapters": [(NUMERALS[chapter.number], chapter) for chapter in chapters],
        "count": sum(len(chapter.outputs) for chapter in chapters),
        "styles": BOOKLET_STYLES,
        "on": on,
    }
    content = _paper("training/booklet_pdf.html", context)
    detail = {"year": year, "topic": topic}
    audit.record("training.booklet_exported", by=by, target=library, detail=detail)
    return content


def export_output_brief(library: Organisation, month: Month, *, by: User, on: date) -> bytes:
    """The internal brief of a month. Raises OutputRefused when the month brought nothing, PdfFailedError."""
    facts = brief_facts(library, month)
    if facts.is_empty:
        raise OutputRefused("这个月没有推荐、入库和应用的成果，请换一个月。")
    context = {"library": library, "month": month, "facts": facts, "styles": (OFFICIAL,), "on": on}
    content = _paper("training/output_brief_pdf.html", context)
    audit.record("training.output_brief_exported", by=by, target=library, detail={"month": str(month)})
    return content


def _paper(template: str, context: dict[str, Any]) -> bytes:
    return html_to_pdf(tidy_spaces(clean_text(render_to_string(template, context))))
