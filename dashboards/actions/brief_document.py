"""A brief on paper, in the layout of official documents (GB/T 9704), written down as an export."""

from typing import Any

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from dashboards.brief_charts import drawings_of
from dashboards.brief_tables import tables_of
from dashboards.models import Brief
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

STYLE = "dashboards/brief_pdf.css"
TEMPLATE = "dashboards/brief_pdf.html"


def export_brief(brief: Brief, *, by: User) -> bytes:
    """The PDF as the brief stands. Raises ledgers.renderers.pdf.PdfFailedError."""
    html = render_to_string(TEMPLATE, {"brief": brief, "style": STYLE, "parts": parts_of(brief)})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    detail = {"edition": brief.edition, "state": brief.state}
    audit.record("dashboards.brief_exported", by=by, target=brief, detail=detail)
    return content


def file_name(brief: Brief) -> str:
    """“月度通报_第二党总支_2026-10.pdf”."""
    draft = "_草稿" if brief.is_draft else ""
    return f"月度通报_{brief.place}_{brief.of}{draft}.pdf"


def parts_of(brief: Brief) -> list[dict[str, Any]]:
    """Every section with its drawing and the tables behind it."""
    facts = brief.figures
    drawings, tables = drawings_of(facts), tables_of(facts)
    return [
        {"section": section, "drawing": drawings.get(section.key), "tables": tables[section.key]}
        for section in brief.sections
    ]
