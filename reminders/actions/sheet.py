"""The monthly sheet as a PDF, written down as an export."""

from datetime import date, datetime

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces
from periods.months import Month
from reminders.queries.month_list import Place
from reminders.queries.sheet import month_sheet

STYLE = "reminders/sheet_pdf.css"
TEMPLATE = "reminders/month_sheet.html"


def export_sheet(place: Place, month: Month, *, by: User, on: date, now: datetime) -> bytes:
    """One page as the list stands now. Raises ledgers.renderers.pdf.PdfFailedError."""
    sheet = month_sheet(place, month, on=on)
    html = render_to_string(TEMPLATE, {"sheet": sheet, "style": STYLE, "now": now})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    detail = {"month": str(month), "rows": len(sheet.rows), "more": sheet.more}
    audit.record("reminders.sheet_exported", by=by, target=place.organisation, detail=detail)
    return content
