"""One item as a row of the month list: everything the template shows, in ready words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F

from branches.models import Organisation
from periods.labels import day_label, days_left_label, period_label, said_days
from periods.months import Month
from records.queries import talk_coverage
from records.rules import RecordKind
from reminders.models import ItemReturn, ReminderItem, StudyMaterial
from reminders.queries.anchors import PROPOSED_DAY
from reminders.queries.catalogue import line_paths
from reminders.queries.direct import KEPT_KINDS, is_direct
from reminders.rules import SOON_DAYS, Category, ItemState
from reminders.wording import basis_label

# How binding a frequency is, said plainly: most of what branches believe to be a rule is custom.
FREQUENCY_NOTES = {
    "local_frequency": "条例没有规定这一频次，频次来自上级或本单位要求。",
    "central_no_frequency": "条例要求开展，但没有规定次数，频次可由本单位商定。",
    "company_practice": "这是本单位的做法，不是条例规定。",
    "central_notice": "时间和频次以当年通知为准。",
    "plan": "依据全国规划，以最新规划为准。",
}
ICONS = {
    "late": "circle-alert",
    "soon": "clock",
    "todo": "circle",
    "done": "circle-check",
    "off": "circle-minus",
}


@dataclass(frozen=True)
class Rights:
    """What the reader may do with the items of this organisation."""

    close: bool = False
    send_back: bool = False


@dataclass(frozen=True)
class BasisLine:
    label: str
    verified: bool
    note: str


@dataclass(frozen=True)
class Material:
    pk: int
    pack: int
    title: str
    url: str


@dataclass
class Row:
    """`tone` is late, soon, todo, done or off; `lead` rows show their reminder on a phone too."""

    item: ReminderItem
    title: str
    tone: str
    tag: str
    due: str
    hint: str
    rights: Rights
    # What the fact behind it says today; once done by a fact, by which.
    note: str = ""
    returned: ItemReturn | None = None
    materials: Sequence[Material] = ()
    lead: bool = False
    # The day on which it can be done first, when that has not come yet.
    begins: str = ""
    # A page of facts closes it: the way leads there first.
    direct: bool = False

    @property
    def pk(self) -> int:
        return self.item.pk

    @property
    def icon(self) -> str:
        return ICONS[self.tone]

    @property
    def is_open(self) -> bool:
        return self.item.is_open

    def is_listed(self, on: date) -> bool:
        """As reminders.buckets.is_listed."""
        return self.item.remind_on <= on or self.item.state == ItemState.RETURNED

    @property
    def one_tap(self) -> bool:
        """Only a date is asked, and today is the likely one."""
        return self.item.version.record_kind == RecordKind.DATE_ONLY and not self.direct

    @property
    def urgent(self) -> bool:
        return self.tone in ("late", "soon")

    @property
    def may_close(self) -> bool:
        return self.rights.close and self.is_open and not self.begins

    @property
    def may_record(self) -> bool:
        """Whether the half-page record says more than the fact would."""
        return self.may_close and (not self.direct or self.item.version.record_kind in KEPT_KINDS)

    @property
    def may_undo(self) -> bool:
        """Not what a fact has closed: it is the fact that is corrected."""
        settled = self.item.state in (ItemState.DONE, ItemState.NOT_APPLICABLE)
        return self.rights.close and settled and not self.item.settled_by

    @property
    def may_send_back(self) -> bool:
        return self.rights.send_back and self.item.state == ItemState.DONE

    @property
    def category(self) -> str:
        return category_label(self.item)

    @property
    def period(self) -> str:
        return period_label(self.item.period)

    @property
    def mistakes(self) -> list[Mapping[str, Any]]:
        return common_mistakes_of(self.item)

    @property
    def bases(self) -> list[BasisLine]:
        return [_basis_line(basis) for basis in self.item.version.legal_basis]

    @property
    def frequency_note(self) -> str:
        return FREQUENCY_NOTES.get(self.item.version.basis_level, "")


@dataclass
class RowParts:
    """What rows need beside their items, read once for all of them."""

    returns: dict[int, ItemReturn] = field(default_factory=dict)
    materials: dict[int, list[Material]] = field(default_factory=dict)
    # How many members still miss their talk, by year: in January two years may be open.
    missing_talks: dict[int, int] = field(default_factory=dict)


def category_label(item: ReminderItem) -> str:
    category = item.version.category
    return Category(category).label if category in Category.values else category


def rows_of(
    items: Sequence[ReminderItem], organisation: Organisation, *, rights: Rights, on: date
) -> list[Row]:
    """Rows of items of one organisation; at most two queries, and two for each year whose talks are open."""
    parts = _parts_of(items, organisation, on)
    return [_row(item, parts, rights, on) for item in items]


def common_mistakes_of(item: ReminderItem) -> list[Mapping[str, Any]]:
    """Of an action whose items are of several kinds, those about this kind: `only_for` names its subject."""
    kind = item.subject.partition(":")[0]
    return [mistake for mistake in item.version.common_mistakes if mistake.get("only_for", kind) == kind]


def mistakes_of(item: ReminderItem) -> list[str]:
    found = (mistake.get("mistake", "") for mistake in common_mistakes_of(item))
    return [str(text) for text in found if text]


def hint_of(item: ReminderItem, *, on: date) -> str:
    """One common mistake: another one each month, and another one in the next branch."""
    mistakes = mistakes_of(item)
    if not mistakes:
        return ""
    return mistakes[(on.year * 12 + on.month + item.organisation_id) % len(mistakes)]


def _row(item: ReminderItem, parts: RowParts, rights: Rights, on: date) -> Row:
    returned = parts.returns.get(item.pk)
    tone, tag = tone_and_tag(item, on=on)
    return Row(
        item=item,
        title=_title(item, parts.missing_talks.get(item.opens_on.year, 0)),
        tone=tone,
        tag=tag,
        due=day_label(item.due_on, on),
        hint=hint_of(item, on=on) if item.is_open else "",
        rights=rights,
        note=said_days(_note(item), on),
        returned=returned,
        begins="" if item.may_be_done_on(on) else day_label(item.opens_on, on),
        materials=parts.materials.get(item.action_id, ()),
        direct=item.is_open and is_direct(item),
    )


def _note(item: ReminderItem) -> str:
    if item.settled_by:
        return item.reason
    return item.note if item.is_open else ""


def _title(item: ReminderItem, missing_talks: int) -> str:
    if item.is_open and missing_talks and item.version.record_kind == RecordKind.TALK_COVERAGE:
        return f"{item.title}（还差 {missing_talks} 人）"
    return item.title


def tone_and_tag(item: ReminderItem, *, on: date) -> tuple[str, str]:
    """Colour and words of an item's state on a day."""
    if item.state == ItemState.DONE and item.done_on:
        return "done", _done_tag(item.done_on, item.due_on, on)
    if item.state == ItemState.NOT_APPLICABLE:
        return "off", f"不适用：{item.reason}"
    if item.state == ItemState.WITHDRAWN:
        return "off", f"已撤下：{item.reason}"
    words = days_left_label(item.due_on, on)
    advised = item.note == PROPOSED_DAY
    if advised and item.due_on < on:
        words = f"已过建议日期 {(on - item.due_on).days} 天"
    if item.due_on < Month.of(on).first:
        words = f"结转 · {words}"
    if item.state == ItemState.RETURNED:
        words = f"退回 · {words}"
    if item.due_on < on:
        return ("soon" if advised else "late"), words
    soon = item.due_on <= on + timedelta(days=SOON_DAYS) or item.state == ItemState.RETURNED
    return ("soon" if soon else "todo"), words


def _done_tag(done_on: date, due_on: date, on: date) -> str:
    late = (done_on - due_on).days
    words = f"{day_label(done_on, on).rsplit(' ', 1)[0]} 完成"
    return f"{words}（晚 {late} 天）" if late > 0 else words


def _basis_line(basis: Mapping[str, Any]) -> BasisLine:
    # A local basis says its note within the label already.
    note = "" if basis.get("source") == "local" else str(basis.get("note") or "")
    return BasisLine(basis_label(basis), bool(basis.get("verified")), note)


def _parts_of(items: Sequence[ReminderItem], organisation: Organisation, on: date) -> RowParts:
    waiting = [item for item in items if item.is_open]
    parts = RowParts()
    if returned := [item.pk for item in waiting if item.state == ItemState.RETURNED]:
        parts.returns = last_returns(returned)
    if waiting:
        parts.materials = materials_for({item.action_id for item in waiting}, organisation)
    talks = (item for item in waiting if item.version.record_kind == RecordKind.TALK_COVERAGE)
    for year in sorted({item.opens_on.year for item in talks}):
        parts.missing_talks[year] = len(talk_coverage(organisation, year=year, on=on).missing)
    return parts


def last_returns(items: Iterable[int]) -> dict[int, ItemReturn]:
    found = ItemReturn.objects.filter(item__in=items).select_related("by").order_by("at", "pk")
    return {entry.item_id: entry for entry in found}


def materials_for(actions: Iterable[int], organisation: Organisation) -> dict[int, list[Material]]:
    """Links and files of the packs in use that reach this organisation, by action. One query."""
    asked = list(actions)
    usable = StudyMaterial.objects.filter(
        pack__retired_at=None, pack__organisation__path__in=line_paths(organisation)
    )
    linked, sent = (
        usable.annotate(for_action=F(way))
        .filter(for_action__in=asked)
        .values_list("for_action", "pk", "pack", "title", "url")
        for way in ("pack__actions", "pack__tasks__action")
    )
    materials: dict[int, list[Material]] = {}
    for action, pk, pack, title, url in sorted(linked.union(sent), key=lambda row: (row[2], row[1])):
        materials.setdefault(action, []).append(Material(pk, pack, title, url))
    return materials
