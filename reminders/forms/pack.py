"""Forms of study packs."""

from datetime import date
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.files import File
from django.db.models import Q

from accounts.models import User
from branches.models import Organisation
from reminders.actions.packs import LinkRefused, PackData, add_file, add_link, add_pack, edit_pack
from reminders.models import Action, StudyMaterial, StudyPack
from reminders.queries.catalogue import action_choices
from reminders.uploads import ACCEPTED, FileRefused, check_file
from training.models import Session


class PackForm(forms.Form):
    """What a pack is called and which actions it helps with."""

    title = forms.CharField(label="标题", max_length=80)
    summary = forms.CharField(
        label="简介", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    actions = forms.MultipleChoiceField(
        label="用于哪些事项",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="勾选后，办理这些事项时会看到这个资料包。",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        organisation: Organisation,
        on: date,
        pack: StudyPack | None = None,
        session: Session | None = None,
    ) -> None:
        initial: dict[str, Any] | None = {"title": session.title} if session else None
        if pack is not None:
            linked = pack.actions.values_list("pk", flat=True)
            initial = {"title": pack.title, "summary": pack.summary, "actions": [str(pk) for pk in linked]}
        super().__init__(data, initial=initial)
        self.pack, self.organisation, self.session = pack, organisation, session
        self.offered = action_choices(organisation, on=on)
        cast(forms.MultipleChoiceField, self.fields["actions"]).choices = self.offered

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.add_input(Submit("submit", "保存资料包", css_id="submit", css_class="btn-wide"))
        return helper

    def save(self, *, by: User) -> StudyPack:
        """Raises PackRefusal."""
        cleaned = self.cleaned_data
        actions = Action.objects.filter(self._chosen(cleaned["actions"])).distinct()
        data = PackData(
            title=cleaned["title"], summary=cleaned["summary"], actions=list(actions), session=self.session
        )
        if self.pack is not None:
            return edit_pack(self.pack, data=data, by=by)
        return add_pack(self.organisation, data=data, by=by)

    def _chosen(self, ticked: list[str]) -> Q:
        """What was ticked, and links that the form does not show, such as those of actions yet to begin."""
        hidden = Q(study_packs=self.pack) & ~Q(pk__in=[key for key, _ in self.offered])
        return Q(pk__in=ticked) | hidden if self.pack else Q(pk__in=ticked)


class MaterialForm(forms.Form):
    """One link or one file."""

    title = forms.CharField(label="名称", max_length=80, required=False, help_text="不填则用文件名或链接。")
    url = forms.URLField(
        label="链接",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="以 http 或 https 开头。",
        error_messages={"invalid": "链接写法不对，请核对后再填，例如 https://www.example.cn/。"},
    )
    file = forms.FileField(label="或者文件", required=False, help_text=f"{ACCEPTED}，不超过 20 MB。")

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.add_input(Submit("submit", "添加资料", css_id="submit", css_class="btn-wide"))
        return helper

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not url.startswith(("http://", "https://")):
            raise forms.ValidationError(str(LinkRefused()))
        return url

    def clean_file(self) -> "File[bytes] | None":
        file: File[bytes] | None = self.cleaned_data["file"]
        if file:
            try:
                check_file(file.name or "", file.size, file)
            except FileRefused as refusal:
                raise forms.ValidationError(str(refusal)) from None
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and bool(cleaned.get("url")) == bool(cleaned.get("file")):
            raise forms.ValidationError("请填一个链接，或者选一个文件，二者取一。")
        return cleaned

    def save(self, pack: StudyPack, *, by: User) -> StudyMaterial:
        """Raises PackRefusal."""
        cleaned = self.cleaned_data
        if cleaned["url"]:
            return add_link(pack, title=cleaned["title"], url=cleaned["url"], by=by)
        return add_file(pack, title=cleaned["title"], file=cleaned["file"], by=by)
