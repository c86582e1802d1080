"""Forms of the templates."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils import timezone

from accounts.models import User
from branches.forms.base import ActionForm, CodedField
from branches.models import Organisation
from papers.actions import (
    FilledPaper,
    TemplateData,
    TemplateFile,
    add_template,
    fill_template,
    replace_template,
)
from papers.gate import MOST_BYTES
from papers.models import PaperTemplate
from papers.queries import Layout, missing_names, sources_for, value_rows
from papers.source import PaperValues, find_source

MANAGE = "papers.manage_template"


class TemplateFileForm(ActionForm):
    """One file."""

    refusal_field = "file"
    file = forms.FileField(
        label="文件",
        help_text=f"Word（.docx）或 Excel（.xlsx），不超过 {MOST_BYTES // 1024 // 1024} MB。",
        widget=forms.FileInput(attrs={"accept": ".docx,.xlsx"}),
        error_messages={
            "required": "请选择要上传的文件。",
            "empty": "文件是空的（0 字节）。请打开原文件看一看，保存后再上传。",
        },
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.add_input(Submit("submit", self.submit_label, css_id="submit", css_class="btn-wide"))
        return helper

    def uploaded(self) -> TemplateFile:
        file = self.cleaned_data["file"]
        return TemplateFile(file.name, file.read())


class TemplateAddForm(TemplateFileForm):
    """A new template of an organisation this person looks after."""

    submit_label = "上传模板"
    field_order = ("source", "title", "issuer", "organisation", "file")
    source = forms.ChoiceField(label="用于")
    title = forms.CharField(label="模板名称", max_length=80, help_text="例如：党员大会记录表（党委统一格式）")
    issuer = forms.CharField(label="来文单位或文号", max_length=80, required=False)
    organisation = CodedField(
        label="供哪里使用", queryset=Organisation.objects.none(), help_text="该组织及其下级都能使用。"
    )

    def __init__(self, data: Any = None, *, user: User, on: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.offer("source", [(source.code, source.title) for source in sources_for(user, on=on)])
        mine = Organisation.objects.permitted_to(user, MANAGE, on=on).active(on=on).in_tree_order()
        self.offer_rows("organisation", mine)
        self.fields["organisation"].initial = mine.first()

    def act(self, *, by: User | None, on: date) -> PaperTemplate:
        given = self.cleaned_data
        data = TemplateData(find_source(given["source"]), given["title"], given["issuer"])
        return add_template(given["organisation"], data=data, file=self.uploaded(), by=by)


class TemplateReplaceForm(TemplateFileForm):
    submit_label = "替换"

    def __init__(self, data: Any = None, *, template: PaperTemplate, **options: Any) -> None:
        super().__init__(data, **options)
        self.template = template

    def act(self, *, by: User | None, on: date) -> PaperTemplate:
        return replace_template(self.template, file=self.uploaded(), by=by, at=timezone.now())


class FillForm(ActionForm):
    """Fill one layout from one matter; what is not registered may be left for the pen."""

    leave_blank = forms.BooleanField(label="留空，打印后手写", required=False)

    def __init__(self, data: Any = None, *, layout: Layout, matter: PaperValues, object_id: int) -> None:
        super().__init__(data)
        self.layout, self.matter, self.object_id = layout, matter, object_id
        self.missing = missing_names(layout, matter)
        self.refusal_field = "leave_blank" if self.missing else None
        if not self.missing:
            del self.fields["leave_blank"]

    @property
    def rows(self) -> list[Any]:
        return list(value_rows(self.layout, self.matter))

    def act(self, *, by: User | None, on: date) -> FilledPaper:
        blank = self.missing if self.cleaned_data.get("leave_blank") else ()
        return fill_template(self.layout, self.matter, object_id=self.object_id, blank=blank, by=by)
