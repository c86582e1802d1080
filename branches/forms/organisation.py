"""Organisations: adding, editing, moving, dissolving."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from branches.actions import organisations as actions
from branches.actions.organisations import SeasonData
from branches.forms.base import ActionForm, CodedField, DayField, lines_of
from branches.forms.edit import EditForm
from branches.models import Organisation
from branches.models.calendar import MONTH_DAY
from branches.models.organisation import OrganisationQuerySet
from branches.rules import CHILD_KINDS, OrganisationKind, Refusal

MANY = 60
SEASON_LINE = re.compile(r"(?P<name>.+?)\s+(?P<starts>\d\d-\d\d)\s*(?:至|到|~|—|-|\s)\s*(?P<ends>\d\d-\d\d)")


def parent_choices(places: OrganisationQuerySet, *, on: date) -> OrganisationQuerySet:
    kinds = [kind for kind, children in CHILD_KINDS.items() if children]
    return places.active(on=on).filter(kind__in=kinds).in_tree_order()


class OrganisationAddForm(ActionForm):
    submit_label = "新增组织"

    parent = CodedField(label="上级组织", queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label="类别", choices=OrganisationKind.choices, initial=OrganisationKind.BRANCH)
    name = forms.CharField(label="名称", max_length=80)
    code = forms.CharField(label="编号", max_length=32, help_text="台账和导入用，全系统不重复。")
    established_on = DayField(
        label="成立日期", required=False, help_text="批复成立的日期；不清楚的以后再补。"
    )
    document = forms.CharField(label="成立批复", max_length=120, required=False, help_text="文号或日期。")

    def __init__(self, data: Any = None, *, places: OrganisationQuerySet, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.offer_rows("parent", parent_choices(places, on=on))

    def act(self, *, by: User | None, on: date) -> Organisation:
        return actions.add_organisation(by=by, **self.cleaned_data)


class OrganisationsAddForm(ActionForm):
    submit_label = "全部新增"

    parent = CodedField(label="上级组织", queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label="类别", choices=OrganisationKind.choices, initial=OrganisationKind.BRANCH)
    names = forms.CharField(
        label="名称，每行一个",
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="编号自动编排。",
    )

    def __init__(self, data: Any = None, *, places: OrganisationQuerySet, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.offer_rows("parent", parent_choices(places, on=on))

    def clean_names(self) -> list[str]:
        names = lines_of(self.cleaned_data["names"])
        if len(names) > MANY:
            raise ValidationError(f"一次最多新增 {MANY} 个，请分几次。")
        if long := next((name for name in names if len(name) > 80), None):
            raise ValidationError(f"名称最长 80 字，请缩短：{long[:20]}…")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValidationError(f"“{twice}”写了两次，请每个只写一行。")
        return names

    def act(self, *, by: User | None, on: date) -> list[Organisation]:
        data = self.cleaned_data
        return actions.add_organisations(names=data["names"], kind=data["kind"], parent=data["parent"], by=by)


class OrganisationEditForm(EditForm):
    name = forms.CharField(label="名称", max_length=80)
    renamed_on = DayField(
        label="更名日期",
        required=False,
        help_text="名称有变动时填：自这一天起用新名称，以前的日期仍显示旧名称。",
    )
    document = forms.CharField(label="更名批复", max_length=120, required=False, help_text="文号或日期。")
    typo = forms.BooleanField(
        label="只是改正错字", required=False, help_text="名称原来就录错了、没有更名时勾选，不填更名日期。"
    )
    code = forms.CharField(label="编号", max_length=32)
    industry_line = forms.CharField(
        label="业务条线", max_length=20, required=False, help_text="例如：烟叶、专卖、机关。"
    )
    party_day = forms.IntegerField(
        label="固定党日（每月几号）",
        min_value=1,
        max_value=28,
        required=False,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), "请填 1 至 28 的整数。"),
        help_text="每月 1 至 28 号中的一天；不填则以当月最后一个工作日为限。",
    )
    established_on = DayField(label="成立日期", required=False)
    latitude = forms.DecimalField(
        label="纬度", min_value=-90, max_value=90, max_digits=8, decimal_places=5, required=False
    )
    longitude = forms.DecimalField(
        label="经度", min_value=-180, max_value=180, max_digits=8, decimal_places=5, required=False
    )
    units = forms.CharField(
        label="覆盖单位，每行一个", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    seasons = forms.CharField(
        label="农忙时段，每行一个",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="写成“烤烟收购期 08-01 至 11-15”。时段内的固定党日可在当月另选日期，下级党支部同样适用。",
    )
    approves_members = forms.BooleanField(
        label="有审批预备党员权限",
        required=False,
        help_text="具有审批权限的基层党委才勾选，党总支没有这项权限。",
    )

    def __init__(self, data: Any = None, *, organisation: Organisation) -> None:
        self.organisation = organisation
        super().__init__(data)
        if organisation.kind != OrganisationKind.COMMITTEE:
            del self.fields["approves_members"]

    def current_values(self, *, lock: bool) -> dict[str, Any]:
        rows = Organisation.objects.select_for_update()
        return _current(rows.get(pk=self.organisation.pk) if lock else self.organisation)

    def clean_units(self) -> list[str]:
        units = lines_of(self.cleaned_data["units"])
        if long := next((unit for unit in units if len(unit) > 80), None):
            raise ValidationError(f"单位名称最长 80 字，请缩短：{long[:20]}…")
        return units

    def clean_seasons(self) -> list[SeasonData]:
        return [_season(line) for line in lines_of(self.cleaned_data["seasons"])]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if (data.get("latitude") is None) != (data.get("longitude") is None) and not self.errors:
            self.add_error("longitude", "纬度和经度请一起填写，或都不填。")
        if not self.errors and data["name"] != self.organisation.name:
            self._check_rename(data["renamed_on"], typo=data["typo"])
        return data

    def _check_rename(self, renamed_on: date | None, *, typo: bool) -> None:
        if typo == bool(renamed_on):
            self.add_error(
                "renamed_on", "名称改了：更名的请填更名日期；只是改正错字的，请勾选“只是改正错字”。"
            )

    def act_on(self, values: dict[str, Any], *, by: User | None, on: date) -> Organisation:
        renamed_on = values.pop("renamed_on")
        if renamed_on and renamed_on > on:
            raise Refusal("更名日期还没有到，请在更名之后登记。")
        values.pop("typo")
        return actions.edit_organisation(
            self.organisation,
            fields=values,
            units=values.pop("units"),
            seasons=values.pop("seasons"),
            document=values.pop("document"),
            renamed_on=renamed_on,
            on=on,
            by=by,
        )


class OrganisationMoveForm(ActionForm):
    submit_label = "移动"
    refusal_field = "parent"

    parent = CodedField(label="新的上级组织", queryset=Organisation.objects.none())
    day = DayField(label="调整日期", help_text="自这一天起归新的上级组织。")
    document = forms.CharField(label="批复", max_length=120, required=False, help_text="文号或日期。")

    def __init__(
        self, data: Any = None, *, organisation: Organisation, places: OrganisationQuerySet, on: date
    ) -> None:
        super().__init__(data, initial={"parent": organisation.parent_id, "day": on})
        self.organisation = organisation
        self.offer_rows("parent", parent_choices(places, on=on).exclude(pk=organisation.pk))

    def act(self, *, by: User | None, on: date) -> Organisation:
        data = self.cleaned_data
        if data["day"] > on:
            raise Refusal("调整日期还没有到，请在调整之后登记。")
        return actions.move_organisation(
            self.organisation, parent=data["parent"], on=data["day"], document=data["document"], by=by
        )


class OrganisationDissolveForm(ActionForm):
    day = DayField(label="撤销日期")
    reason = forms.CharField(label="依据或原因", max_length=200, help_text="例如：上级批复文号。")

    def __init__(self, data: Any = None, *, organisation: Organisation, **options: Any) -> None:
        super().__init__(data, **options)
        self.organisation = organisation

    def act(self, *, by: User | None, on: date) -> Organisation:
        data = self.cleaned_data
        return actions.dissolve_organisation(self.organisation, on=data["day"], reason=data["reason"], by=by)


def _current(organisation: Organisation) -> dict[str, Any]:
    plain = {name: getattr(organisation, name) for name in actions.EDITABLE}
    units = organisation.units.filter(until=None).order_by("pk").values_list("name", flat=True)
    seasons = [f"{s.name} {s.starts} 至 {s.ends}" for s in organisation.busy_seasons.order_by("starts")]
    return {**plain, "units": "\n".join(units), "seasons": "\n".join(seasons)}


def _season(line: str) -> SeasonData:
    match = SEASON_LINE.fullmatch(line)
    if not match:
        raise ValidationError(f"没有认出“{line[:40]}”，请写成“烤烟收购期 08-01 至 11-15”。")
    for day in (match["starts"], match["ends"]):
        try:
            MONTH_DAY(day)
        except ValidationError:
            raise ValidationError(f"“{day}”不是一年中的日期，请按“月-日”填写，例如 08-01。") from None
    if len(match["name"]) > 40:
        raise ValidationError(f"农忙时段名称最长 40 字，请缩短：{line[:20]}…")
    return SeasonData(match["name"], match["starts"], match["ends"])
