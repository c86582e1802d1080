"""The results of the pulse survey (问卷结果): published groups alone, the baseline first."""

from collections.abc import Iterator
from datetime import date
from typing import cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from branches.access import may
from branches.ledger_scope import ANY, PeriodField, asked_days, day_heading
from burden.models.surveys import VIEW, SurveyBaseline, SurveyRound
from burden.queries.questionnaires import questionnaires
from burden.queries.surveys import editions_of
from burden.rules.survey_results import Edition
from ledgers.forms import FilterForm
from ledgers.ledger import Cleaned, Column, ColumnKind, Heading, Ledger, LedgerGroup, Row
from ledgers.registry import register
from periods.labels import period_label

COLUMNS = (
    Column("round", "轮次", width=34),
    Column("question", "题目", width=28),
    Column("option", "选项", width=44),
    Column("about", "约多少人", ColumnKind.INTEGER, width=20),
    Column("share", "占比（%）", ColumnKind.INTEGER, width=20),
    # Hours are written with one decimal: more would say more than the groups do.
    Column("mean", "均值（约）", ColumnKind.HOURS, width=22),
    Column("people", "约多少人作答", ColumnKind.INTEGER, width=28),
    Column("source", "出处", width=62),
)


class SurveyLedgerForm(FilterForm):
    """Rounds that closed in a period, one question or all of them; the baseline always stands first."""

    period = PeriodField(required=False)
    question = forms.ChoiceField(label="题目", required=False)

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        names = {one.code: one.name for asked in questionnaires().values() for one in asked.questions}
        cast(forms.ChoiceField, self.fields["question"]).choices = [*ANY, *names.items()]


def survey_rows(user: User | None, cleaned: Cleaned, on: date) -> Iterator[Row]:
    """Round by round, question by question, from worst to best; two statements."""
    days = asked_days(cleaned, on)
    rounds = SurveyRound.objects.closed().filter(closed_on__range=(days.first, min(days.last, on)))
    baselines = SurveyBaseline.objects.all()
    if user is not None:
        rounds, baselines = rounds.visible_to(user, on=on), baselines.visible_to(user, on=on)
    first = baselines.order_by("organisation").first()
    for edition in editions_of(rounds.order_by("half"), first):
        yield from _rows(edition, cleaned["question"])


def _rows(edition: Edition, wanted: str) -> Iterator[Row]:
    label = edition.label + ("（演示数据）" if edition.sample else "")
    for code, reading in edition.readings.items():
        if wanted in ("", code):
            mean = reading.mean.value if reading.mean else None
            for line in reading.lines:
                counts = (line.about, line.share, mean, edition.people)
                yield label, reading.question.name, line.words, *counts, edition.source


def survey_heading(user: User | None, cleaned: Cleaned, on: date) -> Heading:
    period = cleaned["period"]
    return Heading("整体", period_label(period), period) if period else day_heading("整体", on)


SURVEYS = register(
    Ledger(
        slug="surveys",
        title="问卷结果",
        description="减负问卷各轮的结果和基线：人数取 5 的整数倍，不足 5 人的选项合并；只有整体，不分支部。",
        columns=COLUMNS,
        filter_form=SurveyLedgerForm,
        rows=survey_rows,
        heading=survey_heading,
        permission=VIEW,
        may_open=lambda user, on: may(user, VIEW, on=on),
        order_note="按轮次先后、题目顺序、选项从差到好排列",
        group=LedgerGroup.OTHER,
    )
)
