"""The list of one person's papers as a PDF, written down as an export."""

from datetime import date

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from branches.models import DevelopmentCase
from branches.queries.development_dossier import MISSING, dossier_of
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

STYLE = "branches/development_pdf.css"
TEMPLATE = "branches/development_dossier_pdf.html"


def export_dossier(case: DevelopmentCase, *, by: User, on: date) -> bytes:
    """The PDF as of `on`. Raises ledgers.renderers.pdf.PdfFailedError."""
    dossier = dossier_of(case, on=on)
    html = render_to_string(TEMPLATE, {"dossier": dossier, "style": STYLE})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    detail = {"case": case.pk, "as_of": on, "rows": len(dossier.rows), "missing": dossier.count(MISSING)}
    audit.record("branches.development_dossier_exported", by=by, target=case.member, detail=detail)
    return content
