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


def export_list(shown: MeasureList, *, by: User, on: date) -> bytes:
    """The PDF as the list stands on that day. Raises ledgers.renderers.pdf.PdfFailedError."""
    rows = list_rows(shown, on=on)
    drawings = [(row, chart_of(row, uid=f"c{n}")) for n, row in enumerate(rows) if len(row.points) > 1]
    context = {"shown": shown, "rows": rows, "drawings": drawings, "styles": STYLES, "on": on}
    content = html_to_pdf(tidy_spaces(clean_text(render_to_string(TEMPLATE, context))))
    audit.record("burden.measure_list_exported", by=by, target=shown, detail={"on": on})
    return content


def file_name(shown: MeasureList) -> str:
    """“为基层减负措施清单_第二党总支_2026年第1版.pdf”."""
    draft = "_草稿" if shown.is_draft else ""
    return f"为基层减负措施清单_{shown.organisation.name}_{shown.year}年第{shown.version}版{draft}.pdf"
