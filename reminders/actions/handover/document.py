"""The one-page sheet as a PDF, written down as an export."""

from datetime import datetime

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces
from reminders.queries.handover.document import handover_sheet
from reminders.queries.handover.page import HandoverPage

STYLE = "reminders/handover_pdf.css"
TEMPLATE = "reminders/handover_pdf.html"


def export_handover(page: HandoverPage, *, by: User, now: datetime) -> bytes:
    """The PDF as it stands. Raises ledgers.renderers.pdf.PdfFailedError."""
    sheet = handover_sheet(page, now=now)
    html = render_to_string(TEMPLATE, {"sheet": sheet, "style": STYLE})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    detail = {"draft": bool(sheet.stamp), "rows": len(sheet.rows), "left": sheet.left}
    audit.record("reminders.handover_exported", by=by, target=page.handover, detail=detail)
    return content
