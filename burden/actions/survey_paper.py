"""The results of one round on one sheet, written down as an export."""

from datetime import date

from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from burden.models.surveys import SurveyRound
from burden.queries.surveys import previous_editions, round_edition
from burden.rules.questionnaire import SurveyKind
from burden.rules.survey_results import step_of
from burden.survey_charts import reading_chart, trend_chart
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import clean_text, tidy_spaces

STYLE = "burden/survey_results_pdf.css"
TEMPLATE = "burden/survey_results_pdf.html"


def export_results(one: SurveyRound, *, by: User, on: date) -> bytes:
    """One page of a closed round. Raises ledgers.renderers.pdf.PdfFailedError."""
    edition = round_edition(one)
    earlier = previous_editions(one)
    context = {
        "round": one,
        "edition": edition,
        "trend": trend_chart([step_of(each) for each in [*earlier, edition]], uid="trend")
        if one.kind == SurveyKind.PULSE
        else "",
        "drawn": [
            (reading, reading_chart(reading, uid=f"q-{code}")) for code, reading in edition.readings.items()
        ],
        "sources": [f"{each.label}：{each.source}" for each in earlier if each.baseline],
        "on": on,
        "style": STYLE,
    }
    content = html_to_pdf(tidy_spaces(clean_text(render_to_string(TEMPLATE, context))))
    audit.record("burden.survey_results_exported", by=by, target=one)
    return content
