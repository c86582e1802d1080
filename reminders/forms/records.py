"""The half-page record of an item, by its record_kind; a kind is a list of fields, not a form of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms

from accounts.models import User
from errorbank.queries.prevention import SHOWN, Prevention, prevention_for
from errorbank.queries.warnings import RecordWarning, warnings_for
from records.actions import AttendanceData, RecordData, RecordRefused
from records.queries import AttendanceOption, attendance_options
from records.rules import ATTENDED_KINDS, RecordKind, VoteCount, vote_errors
from reminders.actions.items import ItemNotOpen, ItemRefusal, close_items
from reminders.forms.record_kinds import DATE, KIND_FIELDS, KIND_LABELS, LABELS, REQUIRED, SHORTFALL
from reminders.models import ReminderItem
from reminders.queries.item_detail import short_of_hours
from reminders.queries.item_rows import mistakes_of
from reminders.queries.together import offer_label, offered_with
from reminders.rules import ConditionCode

MATTERS = 3
CHECK_LINES = 5
# Ticked by who has read the warnings and saves all the same.
CONFIRMED = "confirmed"
CHECKED_KINDS = ATTENDED_KINDS | {RecordKind.DOCUMENT}


@dataclass(frozen=True)
class AttendanceRow:
    """One name to tick as the template draws it."""

    option: AttendanceOption
    present: bool
    reason: str

    @property
    def pk(self) -> int:
        return self.option.pk


def date_field(on: date, label: str = "日期") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "max": on.isoformat()})
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d", "%Y/%m/%d"])


def _field(name: str, label: str, *, required: bool) -> forms.Field:
    if name == "hours":
        number = forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"})
        return forms.DecimalField(
            label=label, required=required, min_value=Decimal("0.5"), max_value=24, max_digits=4,
            decimal_places=1, widget=number, help_text="计入年度学时。",
        )  # fmt: skip
    if name in ("topics", "resolutions"):
        rows = forms.Textarea(attrs={"rows": 2})
        longest = 2000 if name == "topics" else 4000
        return forms.CharField(label=label, required=required, max_length=longest, widget=rows)
    longest = {"title": 120, "place": 80}.get(name, 40)
    return forms.CharField(label=label, required=required, max_length=longest)


def _choices(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    cast(forms.MultipleChoiceField, form.fields[name]).choices = list(choices)


class RecordForm(forms.Form):
    """What one activity was. `quick` is the one-tap finish: today, nothing else."""

    def __init__(self, data: Any = None, *, item: ReminderItem, on: date) -> None:
        self.item, self.on = item, on
        self.kind = RecordKind(item.version.record_kind)
        given = {DATE: on.isoformat()} if data is not None and "quick" in data else data
        super().__init__(given, initial=self._initial(), auto_id=f"id_{item.pk}_%s")
        self.options: list[AttendanceOption] = []
        self.offered: list[ReminderItem] = []
        self.warnings: list[RecordWarning] = []
        self.prevention: list[Prevention] = []
        self.fields[DATE] = date_field(on)
        if not item.version.sensitive:
            self._add_fields()

    def _initial(self) -> dict[str, Any]:
        """Today; for an item that was sent back, what was typed before."""
        before = self.item.record
        if before is None:
            return {DATE: self.on, "matter_0": self.item.title[:120]}
        typed = {name: getattr(before, name) for name in LABELS}
        return {
            DATE: before.held_on,
            "matter_0": self.item.title[:120],
            SHORTFALL: before.resolutions,
            **typed,
        }

    def _add_fields(self) -> None:
        required = REQUIRED.get(self.kind, ())
        for name in KIND_FIELDS[self.kind]:
            label = KIND_LABELS.get((self.kind, name), LABELS[name])
            self.fields[name] = _field(name, label, required=name in required)
        if self.kind in ATTENDED_KINDS:
            self._add_attendance()
        if self.kind is RecordKind.VOTE:
            self._add_votes()
        if short := short_of_hours(self.item, on=self.on):
            self._add_shortfall(short)
        if self.kind is RecordKind.CHECKLIST:
            self._add_ticks("steps", "已完成的步骤", self.item.version.steps, required=True)
        self._add_checks()
        self._add_offers()
        if "host" in self.fields and self.options:
            self.fields["host"].widget.attrs["list"] = f"people_{self.item.pk}"

    def _add_shortfall(self, short: list[str]) -> None:
        self.fields[SHORTFALL] = forms.CharField(
            label="未达学时的原因和安排",
            max_length=200,
            help_text=f"学时未满的有 {len(short)} 人：{'、'.join(short)}。",
            error_messages={"required": f"还有 {len(short)} 人学时未满，请用一句话写明原因和补学安排。"},
        )

    # -- who was there ---------------------------------------------------------------------------
    def _add_attendance(self) -> None:
        self.options = self._people(self._day())
        if not self.options:
            return
        self.fields["present"] = forms.MultipleChoiceField(
            label="到会人员",
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "请至少勾选一名到会人员。"},
        )
        _choices(self, "present", ((str(o.pk), o.name) for o in self.options))

    def _people(self, day: date) -> list[AttendanceOption]:
        """Whom to tick: the committee for its own meeting, else every Party member of that day."""
        people = attendance_options(self.item.organisation, on=day)
        if ConditionCode.HAS_COMMITTEE in self.item.version.applies_when:
            return [o for o in people if o.on_committee] or people
        return people

    def _day(self) -> date:
        """The day whose roster is asked: the typed one when it can be read."""
        if not self.is_bound:
            return cast(date, self.initial[DATE])
        try:
            return cast(date, self.fields[DATE].clean(self.data.get(DATE)))
        except forms.ValidationError:
            return self.on

    @property
    def attendance(self) -> list[AttendanceRow]:
        """All ticked at first; after an error as they were, with people of a new day ticked too."""
        if not self.is_bound:
            before = self._before()
            return [AttendanceRow(o, *before.get(o.pk, (True, ""))) for o in self.options]
        ticked, listed = set(self._ids("present")), set(self._ids("listed"))
        return [
            AttendanceRow(o, o.pk in ticked or o.pk not in listed, self._reason(o.pk)) for o in self.options
        ]

    def _before(self) -> dict[int, tuple[bool, str]]:
        record = self.item.record
        if record is None:
            return {}
        return {a.member_id: (a.present, a.reason) for a in record.attendances.all()}

    def _ids(self, name: str) -> list[int]:
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return [int(value) for value in values if value.isascii() and value.isdecimal()]

    def _reason(self, pk: int) -> str:
        return str(self.data.get(f"reason_{pk}", "")).replace("\x00", "").strip()[:40]

    # -- votes -------------------------------------------------------------------------------------
    def _add_votes(self) -> None:
        for n in range(MATTERS):
            self.fields[f"matter_{n}"] = forms.CharField(label="表决事项", max_length=120, required=n == 0)
            for name, label in (("yes", "赞成"), ("no", "反对"), ("abstain", "弃权")):
                self.fields[f"{name}_{n}"] = forms.IntegerField(
                    label=label,
                    min_value=0,
                    max_value=999,
                    required=n == 0 and name == "yes",
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )

    @property
    def voters(self) -> int:
        """Full members on the list: the denominator, whoever came (支部工作条例 第十一条)."""
        return sum(option.may_vote for option in self.options)

    @property
    def majority(self) -> int:
        return self.voters // 2 + 1

    @property
    def matters(self) -> list[list[forms.BoundField]]:
        if self.kind is not RecordKind.VOTE:
            return []
        names = ("matter", "yes", "no", "abstain")
        return [
            [self[f"{name}_{n}"] for name in names] for n in range(MATTERS) if f"matter_{n}" in self.fields
        ]

    def _votes(self) -> list[VoteCount]:
        ticked = {int(pk) for pk in self.cleaned_data.get("present", ())}
        present = sum(o.may_vote and o.pk in ticked for o in self.options)
        return [
            VoteCount(self.cleaned_data[f"matter_{n}"], self.voters, present, *self._counts(n))
            for n in range(MATTERS)
            if self.cleaned_data.get(f"matter_{n}")
        ]

    def _counts(self, n: int) -> tuple[int, int, int]:
        cleaned = self.cleaned_data
        yes, no, abstain = (cleaned.get(f"{name}_{n}") or 0 for name in ("yes", "no", "abstain"))
        return yes, no, abstain

    # -- ticks, and what else this activity finished ----------------------------------------------------
    def _add_ticks(self, name: str, label: str, lines: Iterable[str], *, required: bool = False) -> None:
        choices = [(str(n), str(line)) for n, line in enumerate(lines)]
        if not choices:
            return
        self.fields[name] = forms.MultipleChoiceField(
            label=label, required=required, widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "请至少勾选一项。"},
        )  # fmt: skip
        _choices(self, name, choices)

    def _add_checks(self) -> None:
        """What went wrong in this branch first; where much can go wrong, what is known of others too."""
        item, usual = self.item, mistakes_of(self.item)
        rows = prevention_for(item.organisation, item.action.code, on=self.on, known=usual)
        own = [row for row in rows if row.is_own]
        lines = [row.problem for row in own]
        if self.kind in CHECKED_KINDS:
            self.prevention = rows[:SHOWN]
            lines += [*usual, *(row.problem for row in rows if not row.is_own)]
        else:
            self.prevention = own[:SHOWN]
        self._add_ticks("checked", "核对：没有出现下列情况", dict.fromkeys(lines[:CHECK_LINES]))

    def _add_offers(self) -> None:
        self.offered = offered_with(self.item, on=self.on)
        if not self.offered:
            return
        self.fields["also"] = forms.MultipleChoiceField(
            label="这次活动还完成了", required=False, widget=forms.CheckboxSelectMultiple
        )
        _choices(self, "also", ((str(o.pk), offer_label(o, on=self.on)) for o in self.offered))
        for name in self.extra_names:
            kind = next(o.version.record_kind for o in self.offered if name in _asked(o.version.record_kind))
            label = KIND_LABELS.get((kind, name), LABELS[name])
            self.fields[name] = _field(name, label, required=False)

    @property
    def extra_names(self) -> list[str]:
        """Fields only the offered items need."""
        own = KIND_FIELDS[self.kind]
        wanted = {name for o in self.offered for name in _asked(o.version.record_kind)}
        return [name for name in LABELS if name in wanted and name not in own]

    @property
    def extra_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.extra_names]

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in (DATE, *KIND_FIELDS[self.kind], SHORTFALL) if name in self.fields]

    def _chosen(self) -> list[ReminderItem]:
        ticked = set(self.cleaned_data.get("also", ()))
        return [item for item in self.offered if str(item.pk) in ticked]

    # -- checking and saving -------------------------------------------------------------------------
    def clean_held_on(self) -> date:
        held_on = cast(date, self.cleaned_data[DATE])
        if held_on > self.on:
            raise forms.ValidationError("日期不能晚于今天，请改为实际开展的日期。")
        return held_on

    def clean(self) -> dict[str, Any]:
        if "present" in self.fields and set(self._ids("listed")) != {o.pk for o in self.options}:
            self.add_error("present", "这一天的党员名单与刚才不同，已重新列出，请再核对一次。")
        if self.kind is RecordKind.VOTE and "present" not in self.errors:
            self._check_votes()
        for item in self._chosen():
            self._check_extra(item)
        if not self.errors:
            self._warn()
        return self.cleaned_data

    def _warn(self) -> None:
        """What usually goes wrong is said once; whoever has looked at it saves all the same."""
        if self.kind is RecordKind.DATE_ONLY or self.item.version.sensitive:
            return
        codes = tuple(item.action.code for item in (self.item, *self._chosen()))
        data = replace(self.record_data(), actions=codes)
        self.warnings = warnings_for(self.item.organisation, data, on=self.on)
        if self.warnings and not self.data.get(CONFIRMED):
            self.add_error(None, "请看登记按钮上方的提醒；确认无误的，勾选“已核对，仍要保存”再登记。")

    def _check_votes(self) -> None:
        matters = [self.cleaned_data.get(f"matter_{n}") for n in range(MATTERS)]
        filled = [matter for matter in matters if matter]
        if len(set(filled)) < len(filled):
            self.add_error("matter_0", "同一表决事项填写了两次，请留下一次。")
        for n, vote in enumerate(self._votes()):
            for error in vote_errors(vote):
                self.add_error(f"yes_{n}", error)

    def _check_extra(self, item: ReminderItem) -> None:
        for name in REQUIRED.get(item.version.record_kind, ()):
            if name in self.extra_names and not self.cleaned_data.get(name):
                self.add_error(name, f"同时登记“{item.title}”，请填写这一栏。")

    def record_data(self) -> RecordData:
        cleaned = self.cleaned_data
        typed = {name: cleaned[name] for name in LABELS if cleaned.get(name)}
        if SHORTFALL in cleaned:
            typed["resolutions"] = cleaned[SHORTFALL]
        return RecordData(
            kind=self.kind,
            held_on=cleaned[DATE],
            checked=(*self._ticked("steps"), *self._ticked("checked")),
            attendance=self._attended(),
            votes=tuple(self._votes()) if self.kind is RecordKind.VOTE else (),
            **typed,
        )

    def _ticked(self, name: str) -> tuple[str, ...]:
        if name not in self.fields:
            return ()
        texts = dict(cast(Any, self.fields[name]).choices)
        return tuple(texts[key] for key in self.cleaned_data.get(name, ()))

    def _attended(self) -> tuple[AttendanceData, ...]:
        ticked = set(self.cleaned_data.get("present", ()))
        return tuple(
            AttendanceData(o.member, present=str(o.pk) in ticked, reason=self._reason(o.pk))
            for o in self.options
        )

    def save(self, *, by: User) -> list[ReminderItem]:
        """Close the item and what was ticked with it; nothing, with a form error, when refused.

        Raises ItemNotOpen: then somebody else was faster, and there is nothing to correct.
        """
        items = [self.item, *self._chosen()]
        try:
            close_items(items, data=self.record_data(), by=by, on=self.on)
        except ItemNotOpen:
            raise
        except (ItemRefusal, RecordRefused) as refusal:
            self.add_error(None, str(refusal))
            return []
        for item in items:
            item.refresh_from_db(fields=["state"])
        return items


def _asked(kind: str) -> tuple[str, ...]:
    """What an offered item needs of the shared record, kept to the least."""
    hours = ("hours",) if kind in (RecordKind.LECTURE, RecordKind.ACTIVITY) else ()
    return (*REQUIRED.get(kind, ()), *hours)
