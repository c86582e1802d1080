"""The file with entries, and the answer to what was found in it."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core import signing

from accounts.models import User
from branches.forms.base import ActionForm, CodedField
from branches.models import Organisation
from branches.rules import OrganisationKind
from errorbank.actions.entries_import import EntryPlan, import_entries
from errorbank.queries.entries import PUBLISH
from errorbank.sheets import LIMITS, SheetRow
from ledgers.sheets.limits import MEGABYTE

SALT = "errorbank.entry_import"
VALID_SECONDS = 3600
XLSX = ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetForm(forms.Form):
    file = forms.FileField(
        label="Excel 文件",
        widget=forms.FileInput(attrs={"accept": XLSX}),
        max_length=200,
        allow_empty_file=True,
        error_messages={"required": "请选择文件。", "max_length": "文件名太长，请改短后再上传。"},
        help_text=f"不超过 {LIMITS.file_bytes // MEGABYTE} MB、{LIMITS.rows} 行。先核对，不直接写入。",
    )


class ImportForm(ActionForm):
    """Carries the rows that were read, signed for this person, so that nothing has to be sent again."""

    submit_label = "全部导入"

    rows = forms.CharField(widget=forms.HiddenInput(), error_messages={"required": "请重新选择文件核对。"})
    organisation = CodedField(
        label="新条目给谁看",
        queryset=Organisation.objects.none(),
        help_text="所选组织和它下面的支部能看到；已有条目的范围不变。",
    )
    publish = forms.BooleanField(
        label="直接发布", required=False, help_text="不勾选则每一行都成为待审核的内容，由您或同事逐条审核。"
    )

    def __init__(
        self, data: Any = None, *, user: User, on: date, initial: dict[str, Any], added: int = 1
    ) -> None:
        """`added`: how many of the rows are new; without any, nobody is asked who reads them."""
        super().__init__(data, initial=initial)
        self.user = user
        mine = Organisation.objects.permitted_to(user, PUBLISH, on=on).active(on=on)
        places = mine.filter(kind=OrganisationKind.GENERAL_BRANCH).in_tree_order()
        self.offer_rows("organisation", places)
        if len(found := list(places[:2])) == 1:
            self.initial.setdefault("organisation", found[0].pk)
            if not added:
                self.fields["organisation"].widget = forms.HiddenInput()

    def clean_rows(self) -> list[SheetRow]:
        return unsealed(self.cleaned_data["rows"], by=self.user)

    def act(self, *, by: User | None, on: date) -> EntryPlan:
        said = self.cleaned_data
        return import_entries(
            said["rows"], said["organisation"], publish=said["publish"], by=cast(User, by), on=on
        )


def sealed(rows: tuple[SheetRow, ...], *, by: User) -> str:
    spelled = [[row.number, dict(row.cells)] for row in rows]
    return signing.dumps({"by": by.pk, "rows": spelled}, salt=SALT, compress=True)


def unsealed(text: str, *, by: User) -> list[SheetRow]:
    """Raises ValidationError for rows that are too old, changed, or somebody else's."""
    try:
        held = signing.loads(text, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        held = {}
    if held.get("by") != by.pk:
        raise forms.ValidationError("核对已超过一小时或内容不完整，请重新选择文件核对。")
    return [SheetRow(number, cells) for number, cells in held["rows"]]
