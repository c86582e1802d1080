"""The rectification notice of one branch in one inspection as a PDF, written down as an export."""

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from errorbank.models import Finding, Inspection
from errorbank.queries.findings import notice_rows
from errorbank.rules import Severity
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

STYLE = "errorbank/notice_pdf.css"
TEMPLATE = "errorbank/notice_pdf.html"


class NoNotice(Refusal):
    """Nothing was found there."""


@dataclass(frozen=True)
class Matter:
    """One problem as the paper says it; its sentences end as sentences do."""

    problem: str
    detail: str
    measure: str
    until: date
    answers: str
    serious: bool


def export_notice(inspection: Inspection, place: Organisation, *, by: User, on: date) -> bytes:
    """The PDF as it stands. Raises NoNotice and ledgers.renderers.pdf.PdfFailedError."""
    findings = notice_rows(inspection, place)
    if not findings:
        raise NoNotice(f"这次检查没有在{place.name}登记问题，不用发整改通知。")
    matters = [_matter(finding) for finding in findings]
    context = {"inspection": inspection, "place": place, "matters": matters, "on": on}
    html = render_to_string(TEMPLATE, {**context, "style": STYLE})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    detail = {"organisation": place.pk, "findings": len(findings)}
    audit.record("errorbank.notice_exported", by=by, target=inspection, detail=detail)
    return content


def _matter(finding: Finding) -> Matter:
    return Matter(
        problem=finding.problem.rstrip("。；， "),
        detail=_sentence(finding.detail),
        measure=_sentence(finding.measure or "请支部提出整改措施并落实"),
        until=finding.deadline_on,
        answers=finding.responsible_name,
        serious=finding.severity == Severity.SERIOUS,
    )


def _sentence(text: str) -> str:
    """With the full stop, where there is anything."""
    words = text.rstrip("。；， ")
    return f"{words}。" if words else ""
