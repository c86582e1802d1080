"""The measure list on paper, in the layout of official documents (GB/T 9704), written down as an export."""

from datetime import date

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from burden.measure_charts import chart_of
from burden.models import MeasureList
from burden.queries.measures import list_rows
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

# The layout of official papers is that of the briefs.
STYLES = ("dashboards/brief_pdf.css", "burden/measures_pdf.css")
TEMPLATE = "burden/measure_pdf.html"
DIGITS = "〇一二三四五六七八九"


def export_list(shown: MeasureList, *, by: User, on: date) -> bytes:
    """The PDF as the list stands on that day. Raises ledgers.renderers.pdf.PdfFailedError."""
    rows = list_rows(shown, on=on)
    parts = [(f"{numeral(row.number)}、{row.entry.name}", row) for row in rows]
    drawings = [(row, chart_of(row, uid=f"c{n}")) for n, row in enumerate(rows) if len(row.points) > 1]
    context = {"shown": shown, "rows": rows, "parts": parts, "drawings": drawings, "styles": STYLES, "on": on}
    content = html_to_pdf(tidy_spaces(clean_text(render_to_string(TEMPLATE, context))))
    audit.record("burden.measure_list_exported", by=by, target=shown, detail={"on": on})
    return content


def numeral(number: int) -> str:
    """“一”, “十二”, “二十”, for the headings of an official paper; up to 99."""
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else ("十" if tens == 1 else f"{DIGITS[tens]}十")
    return before + (DIGITS[ones] if ones else "")


def file_name(shown: MeasureList) -> str:
    """“为基层减负措施清单_第二党总支_2026年第1版.pdf”."""
    draft = "_草稿" if shown.is_draft else ""
    return f"为基层减负措施清单_{shown.organisation.name}_{shown.year}年第{shown.version}版{draft}.pdf"
