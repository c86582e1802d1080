"""Forms of entries: propose one or a change, publish, return, retire."""

from datetime import date
from typing import Any, cast

from django import forms

from accounts.models import User
from branches.forms.base import ActionForm, CodedField, lines_of
from branches.models import Organisation
from branches.rules import OrganisationKind
from errorbank.action_titles import offered_titles, titles_of
from errorbank.actions import entries as actions
from errorbank.actions.entries import Wording
from errorbank.forms.findings import long_text
from errorbank.forms.wording import DEIDENTIFIED, checked_field, hide_unasked, refuse_touchy
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.queries.entries import PROPOSE
from errorbank.rules import ErrorCategory, Severity, Source
from errorbank.rules.wording import basis_line, read_basis

ACTION_FIELDS = ("action_1", "action_2", "action_3")
TEXTS = ("problem", "why_wrong", "wrong_example", "right_example", "measure", "recheck_method")
LATER = ("source", "severity", "basis", "wrong_example", "right_example", *ACTION_FIELDS)
_EXAMPLE = "假设的情形，不写真实的单位和人名。"


class WordingForm(ActionForm):
    """What an entry says."""

    submit_label = "提交审核"

    problem = forms.CharField(label="问题表现", max_length=200, help_text=f"一句话。{DEIDENTIFIED}")
    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), *ErrorCategory.choices])
    source = forms.ChoiceField(label="来源", choices=Source.choices, initial=Source.ROUTINE)
    severity = forms.ChoiceField(label="程度", choices=Severity.choices, initial=Severity.GENERAL)
    why_wrong = long_text("错在哪里", length=300, help_text="不符合哪条要求，会带来什么后果。")
    basis = long_text(
        "依据",
        length=1000,
        required=False,
        help_text="每行一条：文件名称 | 条款 | 说明，后两项可不写。新写的依据显示为“待核实”。",
    )
    wrong_example = long_text("错误示例", length=600, required=False, help_text=_EXAMPLE)
    right_example = long_text("正确示例", length=600, required=False, help_text=_EXAMPLE)
    measure = long_text("整改措施", length=400)
    recheck_method = long_text("怎么复查", length=300, help_text="看什么数据或材料，达到什么算改好了。")
    action_1 = forms.ChoiceField(
        label="关联事项", required=False, help_text="办这件事的人会在清单里看到这一条提醒，最多三项。"
    )
    action_2 = forms.ChoiceField(label="关联事项（第二项）", required=False)
    action_3 = forms.ChoiceField(label="关联事项（第三项）", required=False)
    checked = checked_field()

    def __init__(self, data: Any = None, *, shown: EntryVersion | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.shown = shown
        hide_unasked(self, TEXTS)
        titles = {**offered_titles(), **titles_of(shown.action_codes if shown else [])}
        offered = sorted(titles.items(), key=lambda pair: pair[1])
        for name in ACTION_FIELDS:
            self.offer(name, [("", "不关联"), *offered])
        if shown is not None:
            self.initial.update(_initial(shown))

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in LATER]

    @property
    def later_fields(self) -> list[forms.BoundField]:
        """What may stay as it is: folded away, so that a new entry is six questions."""
        return [field for field in self if field.name in LATER]

    @property
    def later_open(self) -> bool:
        return self.shown is not None or any(field.errors for field in self.later_fields)

    def clean_basis(self) -> tuple[dict[str, Any], ...]:
        """A line that stood there before keeps whether it was verified."""
        known = {basis_line(basis): basis for basis in (self.shown.basis if self.shown else [])}
        lines = lines_of(self.cleaned_data["basis"])
        return tuple(known.get(line) or read_basis(line) for line in lines)

    def clean(self) -> dict[str, Any]:
        refuse_touchy(self, TEXTS, self.cleaned_data)
        return self.cleaned_data

    def wording(self) -> Wording:
        said = self.cleaned_data
        codes = dict.fromkeys(said[name] for name in ACTION_FIELDS if said[name])
        # Choices of a form show three; an entry may be linked to more.
        more = self.shown.action_codes[len(ACTION_FIELDS) :] if self.shown else []
        return Wording(
            category=ErrorCategory(said["category"]),
            source=Source(said["source"]),
            severity=Severity(said["severity"]),
            basis=said["basis"],
            action_codes=(*codes, *(code for code in more if code not in codes)),
            detection=self.shown.detection if self.shown else "",
            **{name: said[name] for name in TEXTS},
        )


def _initial(shown: EntryVersion) -> dict[str, Any]:
    codes = dict(zip(ACTION_FIELDS, shown.action_codes, strict=False))
    texts = {name: getattr(shown, name) for name in (*TEXTS, "category", "source", "severity")}
    return {**texts, **codes, "basis": "\n".join(basis_line(basis) for basis in shown.basis)}


class NewEntryForm(WordingForm):
    field_order = ["problem", "category", "organisation"]

    organisation = CodedField(
        label="给谁看",
        queryset=Organisation.objects.none(),
        help_text="选党总支，所属各支部都能看到；选本支部，只有本支部和党总支看到。",
    )

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        super().__init__(data)
        mine = Organisation.objects.permitted_to(user, PROPOSE, on=on).active(on=on)
        above = Organisation.objects.filter(
            kind=OrganisationKind.GENERAL_BRANCH, pk__in=mine.values("parent")
        ).active(on=on)
        rows = Organisation.objects.filter(pk__in=mine.values("pk").union(above.values("pk")))
        self.offer_rows("organisation", rows.in_tree_order())
        if first := rows.in_tree_order().first():
            self.initial.setdefault("organisation", first.pk)

    def act(self, *, by: User | None, on: date) -> EntryVersion:
        place = self.cleaned_data["organisation"]
        return actions.propose_entry(place, wording=self.wording(), by=cast(User, by), on=on)


class ChangeForm(WordingForm):
    note = forms.CharField(label="修改了什么、为什么", max_length=200)

    def __init__(self, data: Any = None, *, entry: ErrorEntry, shown: EntryVersion) -> None:
        super().__init__(data, shown=shown)
        self.entry = entry

    def act(self, *, by: User | None, on: date) -> EntryVersion:
        note = self.cleaned_data["note"]
        wording = self.wording()
        return actions.propose_change(self.entry, wording=wording, by=cast(User, by), on=on, note=note)


class VersionForm(ActionForm):
    """A decision on a wording that waits."""

    def __init__(self, data: Any = None, *, version: EntryVersion) -> None:
        super().__init__(data)
        self.version = version


class PublishForm(VersionForm):
    submit_label = "发布"

    examples_reviewed = forms.BooleanField(label="示例我已看过，可以去掉“示例待审核”", required=False)

    def __init__(self, data: Any = None, *, version: EntryVersion) -> None:
        super().__init__(data, version=version)
        if not version.wrong_example and not version.right_example:
            del self.fields["examples_reviewed"]

    def act(self, *, by: User | None, on: date) -> EntryVersion:
        # Where there are none, nothing is left to look at.
        seen = self.cleaned_data.get("examples_reviewed", True)
        return actions.publish_version(self.version, by=cast(User, by), examples_reviewed=seen)


class SendBackForm(VersionForm):
    submit_label = "退回修改"
    refusal_field = "note"

    note = forms.CharField(label="需要修改的地方", max_length=200)

    def act(self, *, by: User | None, on: date) -> EntryVersion:
        return actions.return_version(self.version, note=self.cleaned_data["note"], by=cast(User, by))


class RetireForm(ActionForm):
    submit_label = "停用这一条"
    refusal_field = "reason"

    reason = forms.CharField(label="停用的原因", max_length=200)

    def __init__(self, data: Any = None, *, entry: ErrorEntry) -> None:
        super().__init__(data)
        self.entry = entry

    def act(self, *, by: User | None, on: date) -> ErrorEntry:
        reason = self.cleaned_data["reason"]
        return actions.retire_entry(self.entry, reason=reason, by=cast(User, by), on=on)
