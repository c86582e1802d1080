"""The duty list of one organisation, all lines on one page."""

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from branches.forms.base import DayField
from branches.models import Organisation
from burden.actions.duties import settle_duties
from burden.forms.lines import LineForm, LinesForm
from burden.models import DutyVersion
from burden.queries.duties import latest_of, lines_of, suggested_duties
from burden.rules.duties import DutyLine
from burden.rules.measures_vocabulary import DutyKind


class DutyLineForm(LineForm):
    field_order = ["place", "kind", "text", "decides", "basis", "verified", "drop"]

    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "请选择"), *DutyKind.choices])
    text = forms.CharField(
        label="内容", max_length=160, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    decides = forms.CharField(label="拿不准时由谁定", max_length=40, required=False)
    basis = forms.CharField(label="依据", max_length=120, required=False)
    verified = forms.BooleanField(label="依据已核对原文", required=False)
    needed = (("kind", "请选择类别。"),)


class DutyForm(LinesForm):
    submit_label = "保存"
    line_form = DutyLineForm

    since = DayField(label="自哪天起执行", help_text="以前的版本保留；与最新一版同一天的，替换那一版。")
    note = forms.CharField(
        label="这一版改了什么", max_length=200, help_text="例如“经党总支委员会 11 月 20 日讨论确定”。"
    )

    def __init__(
        self, data: QueryDict | None = None, *, place: Organisation, on: date, now: datetime
    ) -> None:
        latest = latest_of(place)
        lines = lines_of(latest) if latest else suggested_duties()
        since = max(on, latest.since) if latest else on
        super().__init__(
            data, shown=[_row(n, line) for n, line in enumerate(lines, 1)], initial={"since": since}
        )
        self.place, self.now = place, now

    def act(self, *, by: User | None, on: date) -> DutyVersion:
        said = self.cleaned_data
        lines = [DutyLine(**{**row, "kind": DutyKind(row["kind"])}) for row in self.said()]
        return settle_duties(
            self.place,
            lines=lines,
            since=said["since"],
            note=said["note"],
            by=cast(User, by),
            now=self.now,
        )


def _row(place: int, line: DutyLine) -> dict[str, Any]:
    names = ("kind", "text", "decides", "basis", "verified")
    return {"place": place, **{name: getattr(line, name) for name in names}}
