"""The rectification notice of one branch in one inspection as a PDF, written down as an export."""

from datetime import date

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from errorbank.models import Inspection
from errorbank.queries.findings import notice_rows
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

STYLE = "errorbank/notice_pdf.css"
TEMPLATE = "errorbank/notice_pdf.html"


class NoNotice(Refusal):
    """Nothing was found there."""


def export_notice(inspection: Inspection, place: Organisation, *, by: User, on: date) -> bytes:
    """The PDF as it stands. Raises NoNotice and ledgers.renderers.pdf.PdfFailedError."""
    findings = notice_rows(inspection, place)
    if not findings:
        raise NoNotice(f"这次检查没有在{place.name}登记问题，不用发整改通知。")
    last = max(finding.deadline_on for finding in findings)
    context = {"inspection": inspection, "place": place, "findings": findings, "last": last, "on": on}
    html = render_to_string(TEMPLATE, {**context, "style": STYLE})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    detail = {"organisation": place.pk, "findings": len(findings)}
    audit.record("errorbank.notice_exported", by=by, target=inspection, detail=detail)
    return content
