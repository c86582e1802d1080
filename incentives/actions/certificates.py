"""The certificate of an award as a PDF; every making of it is written down."""

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from incentives.models import HonourCase
from incentives.queries.honours import honours
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import CaseState
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

STYLE = "incentives/honour_certificate_pdf.css"
TEMPLATE = "incentives/honour_certificate_pdf.html"


def certificate(case: HonourCase, *, by: User) -> bytes:
    """Raises IncentiveRefused, ledgers.renderers.pdf.PdfFailedError."""
    if case.state != CaseState.AWARDED or not honours()[case.call.honour].is_own:
        raise IncentiveRefused("本级表彰以后才有证书；推荐到上级的，由上级发证。")
    html = render_to_string(TEMPLATE, {"case": case, "style": STYLE})
    content = html_to_pdf(tidy_spaces(clean_text(html)))
    audit.record("incentives.certificate_made", by=by, target=case)
    return content
