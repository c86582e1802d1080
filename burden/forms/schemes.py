"""An assessment scheme with all its items on one page."""

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from branches.forms.base import CodedField, DayField
from branches.models import Organisation
from burden.actions.schemes import Edition, ItemLine, SchemeData, add_scheme, change_scheme
from burden.forms.lines import LineForm, LinesForm
from burden.forms.measures import offer_places, places_for
from burden.models import AssessmentScheme
from burden.models.schemes import EDIT_SCHEME
from burden.queries.schemes import SchemeLine
from burden.rules.measures_template import template_measures
from burden.rules.measures_vocabulary import ItemKind

MEASURE = "ledger_weight_30"


class SchemeLineForm(LineForm):
    field_order = ["place", "text", "points", "kind", "drop"]

    text = forms.CharField(label="考核内容", max_length=120, required=False)
    points = forms.DecimalField(
        label="分值", min_value=0, max_value=9999, max_digits=6, decimal_places=2, required=False
    )
    kind = forms.ChoiceField(label="看什么", required=False, choices=[("", "请选择"), *ItemKind.choices])
    needed = (("points", "请填写分值。"), ("kind", "请选择这一项看什么。"))

    def clean_points(self) -> Any:
        points = self.cleaned_data["points"]
        if points is not None and points <= 0:
            raise forms.ValidationError("分值要大于 0；不计分的项目不用列。")
        return points


class SchemeForm(LinesForm):
    submit_label = "保存"
    line_form = SchemeLineForm

    organisation = CodedField(label="组织", queryset=Organisation.objects.none())
    name = forms.CharField(label="考核办法名称", max_length=60)
    about = forms.CharField(label="考核什么、由谁考核", max_length=200)
    measure_code = forms.ChoiceField(
        label="对应的减负措施",
        required=False,
        help_text="选了以后，留痕分值的占比可以直接采用为这条措施的数值。",
    )
    since = DayField(label="自哪天起执行", help_text="以前的版本保留；与最新一版同一天的，替换那一版。")
    note = forms.CharField(label="这一版改了什么", max_length=200)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        user: User,
        on: date,
        now: datetime,
        line: SchemeLine | None = None,
    ) -> None:
        super().__init__(data, shown=_items(line), initial=_header(line, on))
        self.scheme, self.now = line.scheme if line else None, now
        names = [(each.code, each.name) for each in template_measures() if each.code == MEASURE]
        self.offer("measure_code", [("", "不对应"), *names])
        if self.scheme is None:
            offer_places(self, places_for(user, EDIT_SCHEME, on=on))
        else:
            del self.fields["organisation"]

    def act(self, *, by: User | None, on: date) -> AssessmentScheme:
        said = self.cleaned_data
        data = SchemeData(said["name"], said["about"], said["measure_code"])
        items = [ItemLine(row["text"], row["points"], ItemKind(row["kind"])) for row in self.said()]
        edition = Edition(said["since"], said["note"], items)
        user = cast(User, by)
        if self.scheme is None:
            return add_scheme(said["organisation"], data=data, edition=edition, by=user, now=self.now)
        return change_scheme(self.scheme, data=data, edition=edition, by=user, now=self.now)


def _header(line: SchemeLine | None, on: date) -> dict[str, Any]:
    if line is None:
        return {"since": on}
    scheme = line.scheme
    since = max(on, line.versions[0].since)
    return {"name": scheme.name, "about": scheme.about, "measure_code": scheme.measure_code, "since": since}


def _items(line: SchemeLine | None) -> list[dict[str, Any]]:
    """Those of the latest version, also when it is still to come."""
    items = line.versions[0].items if line else ()
    return [
        {
            "place": item.position,
            "text": item.text,
            "points": f"{item.points.normalize():f}",
            "kind": item.kind,
        }
        for item in items
    ]
