"""The file of a roster and what it is for."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from branches.actions.roster import imports
from branches.forms.base import ActionForm, CodedField, DayField
from branches.models import Organisation, RosterImport
from branches.models.organisation import OrganisationQuerySet
from branches.rules import OrganisationKind, Refusal
from ledgers.sheets.cells import SheetRefused
from ledgers.sheets.limits import DEFAULT, MEGABYTE


class RosterImportForm(ActionForm):
    submit_label = "上传并核对"
    refusal_field = "file"

    organisation = CodedField(
        label="导入到",
        error_messages={"required": "请选择要导入到哪个组织。"},
        queryset=Organisation.objects.none(),
        help_text="选党总支，一份名册可以写多个党支部；选党支部，名册里可以不写所在党支部。",
    )
    file = forms.FileField(
        label="名册文件",
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
        max_length=200,
        # The gate says in words what an empty file is.
        allow_empty_file=True,
        error_messages={"required": "请选择名册文件。", "max_length": "文件名太长，请改短后再上传。"},
        help_text=f".xlsx 格式，不超过 {DEFAULT.file_bytes // MEGABYTE} MB、{DEFAULT.rows} 人。",
    )
    roster_day = DayField(
        label="名册日期", help_text="名册反映的是哪一天的情况。没有单独写日期的转接等变动，按这一天登记。"
    )

    def __init__(self, data: Any = None, *, places: OrganisationQuerySet, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        found = places.active(on=on).in_tree_order()
        self.offer_rows("organisation", found)
        # One general branch holds all the others of its staff: what is imported is most often its roster.
        shown = {place.pk for place in found}
        tops = [place for place in found if place.parent_id not in shown]
        if len(tops) == 1 and tops[0].kind != OrganisationKind.COMMITTEE:
            self.initial.setdefault("organisation", tops[0].pk)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > DEFAULT.file_bytes:
            raise forms.ValidationError(
                f"文件有 {file.size / MEGABYTE:.1f} MB，超过 {DEFAULT.file_bytes // MEGABYTE} MB 的上限。"
                "请删去图片和用不到的工作表，或分成几个文件上传。"
            )
        return file

    def act(self, *, by: User | None, on: date) -> RosterImport:
        data = self.cleaned_data
        if by is None:
            raise Refusal("请先登录。")
        try:
            return imports.request_import(
                data["organisation"],
                content=data["file"].read(),
                file_name=data["file"].name,
                roster_day=data["roster_day"],
                by=by,
                today=on,
            )
        except imports.FutureRoster as refusal:
            self.refusal_field = "roster_day"
            raise refusal from None
        except SheetRefused as refused:
            raise Refusal(str(refused)) from None
