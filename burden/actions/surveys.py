"""Rounds of the pulse survey: opening, printing codes, closing, and the baseline beside them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from branches.sealed import digest
from burden.actions.survey_answers import CODE_PURPOSE
from burden.box.ballots import BallotBox, Ballots, ballot_box
from burden.models.surveys import SurveyBaseline, SurveyCode, SurveyRound, SurveyState
from burden.queries.questionnaires import current_questionnaire, questionnaires
from burden.queries.surveys import root_of
from burden.rules.questionnaire import SurveyKind
from burden.rules.suppression import LEAST
from burden.rules.survey_codes import grouped, new_codes
from burden.rules.survey_results import least_codes, people_of, tables_of
from ledgers.renderers.pdf import html_to_pdf
from ledgers.text import tidy_spaces

LONGEST_ROUND = timedelta(days=60)
MOST_CODES = 300
CODES_STYLE = "burden/survey_codes_pdf.css"


class SurveyRefused(Refusal):
    """A round does not take this step; str() says what to do."""


@dataclass(frozen=True)
class BaselineData:
    """counts: question → option → how many, for the questions the source gives."""

    label: str
    source: str
    people: int
    counts: Mapping[str, Mapping[str, int]]


def half_of(day: date) -> str:
    return f"{day.year}H{1 if day.month <= 6 else 2}"


@transaction.atomic
def open_round(
    place: Organisation,
    *,
    closes_on: date,
    by: User,
    on: date,
    sample: bool = False,
    kind: SurveyKind = SurveyKind.PULSE,
) -> SurveyRound:
    """Begin the round of this half-year for the whole organisation. Raises SurveyRefused."""
    whole = Organisation.objects.select_for_update().get(pk=root_of(place).pk)
    _refuse_opening(whole, closes_on, on, kind)
    made = SurveyRound.objects.create(
        organisation=whole,
        kind=kind,
        half=half_of(on),
        questionnaire=current_questionnaire(kind).version,
        opened_on=on,
        closes_on=closes_on,
        opened_by=by,
        is_sample=sample,
    )
    audit.record("burden.survey_opened", by=by, target=made, detail={"half": made.half})
    return made


def _refuse_opening(whole: Organisation, closes_on: date, on: date, kind: SurveyKind) -> None:
    if not on < closes_on <= on + LONGEST_ROUND:
        raise SurveyRefused("计划截止日期请选在明天到 60 天之内。")
    if SurveyRound.objects.filter(organisation=whole, half=half_of(on), kind=kind).exists():
        raise SurveyRefused("这半年已经做过一轮问卷。问卷每半年一轮，请到下半年再开。")
    if SurveyRound.objects.open().exists():
        raise SurveyRefused("还有一轮问卷没有结束，请先结束那一轮。")


def print_codes(
    one: SurveyRound, *, invited: int, codes: int, again: bool, address: str, by: User, on: date
) -> bytes:
    """New codes as a PDF of slips, the only place where they are ever written. Unused old ones end.

    `again`: it was said that codes exist and will end. Raises SurveyRefused, PdfFailedError.
    """
    _refuse_printing(one, invited, codes, again)
    plain = new_codes(codes)
    context = {"round": one, "codes": [grouped(code) for code in plain], "address": address}
    html = render_to_string("burden/survey_codes_pdf.html", {**context, "style": CODES_STYLE})
    content = html_to_pdf(tidy_spaces(html))
    _replace_codes(one, plain, invited=invited, by=by, on=on, seen=one.codes_printed)
    return content


def _refuse_printing(one: SurveyRound, invited: int, codes: int, again: bool) -> None:
    if not one.is_open:
        raise SurveyRefused("这一轮问卷已经结束，不再印码。")
    if invited < LEAST:
        raise SurveyRefused(f"邀请的人不到 {LEAST} 人，结果不能公布，请邀请更多的人。")
    if codes < least_codes(invited):
        raise SurveyRefused(f"码要比人多，剩下的才看不出谁没有答：至少印 {least_codes(invited)} 个。")
    if codes > MOST_CODES:
        raise SurveyRefused(f"一次最多印 {MOST_CODES} 个码。")
    if one.codes_printed and not again:
        raise SurveyRefused("这一轮已经印过码。重新印，没用过的旧码就作废；确实要重印，请勾选后再点一次。")


@transaction.atomic
def _replace_codes(
    one: SurveyRound, plain: list[str], *, invited: int, by: User, on: date, seen: int | None
) -> None:
    """In the order of their digests, which is none. Of two printings at once the second is refused."""
    claimed = SurveyRound.objects.open().filter(pk=one.pk, codes_printed=seen)
    if not claimed.update(invited=invited, codes_printed=len(plain), codes_printed_on=on):
        raise SurveyRefused("刚才已经有人印过码，或者这一轮已经结束。请刷新页面核对后再印。")
    SurveyCode.objects.filter(round=one).delete()
    marks = sorted(digest(code, purpose=CODE_PURPOSE) for code in plain)
    SurveyCode.objects.bulk_create([SurveyCode(digest=mark, round=one) for mark in marks])
    audit.record("burden.survey_codes_printed", by=by, target=one, detail={"codes": len(plain)})


def close_round(one: SurveyRound, *, by: User, on: date) -> SurveyRound:
    """End it: what may be shown is kept, the sums and the codes are gone. Raises SurveyRefused, SealRefused.

    The box is held while the database commits, so no answer falls between. If the machine stops
    before the box is emptied, what it holds belongs to no open round and the next beat clears it.
    """
    with ballot_box() as box:
        return close_with(box, one, by=by, on=on)


def close_with(box: BallotBox, one: SurveyRound, *, by: User, on: date) -> SurveyRound:
    """The same for who holds the box already."""
    closed = _close(one.pk, box, by=by, on=on)
    box.write(Ballots())
    return closed


@transaction.atomic
def _close(pk: int, box: BallotBox, *, by: User, on: date) -> SurveyRound:
    one = SurveyRound.objects.select_for_update().get(pk=pk)
    if not one.is_open:
        raise SurveyRefused("这一轮问卷已经结束了。")
    held = box.read(one.pk)
    one.people = people_of(held.people)
    one.tables = tables_of(questionnaires()[one.questionnaire], held.tally) if one.people else {}
    one.state, one.closed_on, one.closed_by = SurveyState.CLOSED, on, by
    one.save(update_fields=["people", "tables", "state", "closed_on", "closed_by"])
    SurveyCode.objects.filter(round=one).delete()
    audit.record("burden.survey_closed", by=by, target=one)
    return one


@transaction.atomic
def enter_baseline(
    place: Organisation, *, data: BaselineData, by: User, on: date, sample: bool = False
) -> SurveyBaseline:
    """Figures of an earlier enquiry; entered again, the new ones stand and the log keeps both."""
    whole = Organisation.objects.select_for_update().get(pk=root_of(place).pk)
    counts = {question: dict(options) for question, options in data.counts.items()}
    made, _ = SurveyBaseline.objects.update_or_create(
        organisation=whole,
        defaults={
            "label": data.label.strip(),
            "source": data.source.strip(),
            "people": data.people,
            "questionnaire": current_questionnaire().version,
            "counts": counts,
            "entered_by": by,
            "entered_on": on,
            "is_sample": sample,
        },
    )
    detail = {"source": made.source, "people": made.people, "counts": json.dumps(counts)}
    audit.record("burden.survey_baseline_entered", by=by, target=made, detail=detail)
    return made
