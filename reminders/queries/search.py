"""Finding what is asked of branches and what they did, and what helps them with it.

Each kind is one statement (the catalogue two), and begins with what its model lets the reader see.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import User
from branches.access import may
from branches.models import Organisation
from branches.queries.search import Cut, Found, Hit, HitKind, holding, written
from branches.rules import Role
from branches.rules.search import Word, excerpt, fold, holds
from periods.labels import day_label
from periods.rules import rule_label
from records.models import Record
from records.rules import RecordKind
from reminders.handover_rules import HandoverState
from reminders.models import ActionVersion, Handover, ReminderItem, StudyMaterial
from reminders.queries.catalogue import WORKING_KINDS
from reminders.queries.effective import Catalogue, EffectiveAction
from reminders.queries.handover.people import TO_BE_FOUND, handover_url
from reminders.queries.item_rows import tone_and_tag
from reminders.queries.packs import packs_for_list
from reminders.queries.special_tasks import tasks_for_list
from reminders.rules import OPEN_STATES, ActionKind, ItemState

ITEMS = HitKind("items", "清单事项", "calendar-check")
RECORDS = HitKind("records", "工作记录", "file-text")
ACTIONS = HitKind("actions", "事项库", "list-checks")
TASKS = HitKind("tasks", "专项工作", "send")
PACKS = HitKind("packs", "学习资料", "book-open")
HANDOVERS = HitKind("handovers", "工作交接", "arrow-right-left")
# Long texts of a version that no hit shows.
_TEXTS = ("legal_basis", "minimal_record", "steps", "common_mistakes", "applies_when")
_Kind = Callable[[User, Sequence[Word], date, Cut], Found]


def find_in_reminders(user: User, words: Sequence[Word], on: date, cut: Cut) -> list[Found]:
    return [find(user, words, on, cut) for find in _wanted(user, on, cut)]


def _wanted(user: User, on: date, cut: Cut) -> Iterator[_Kind]:
    """What was asked for and this reader may open at all: nothing else costs a statement."""
    for kind, permission, find in _KINDS:
        if cut.wants(kind) and may(user, permission, on=on):
            yield find


# ---- items and records ----------------------------------------------------------------------------------


def _place(word: Word) -> Q:
    """The organisation by its name; asked as a set, so that it is read once and not once a row."""
    return Q(organisation__in=Organisation.objects.filter(written("name")(word)))


def _item_own(word: Word) -> Q:
    """By the name of what is asked, or by whom or what it is about."""
    versions = ActionVersion.objects.filter(written("name")(word))
    return Q(version__in=versions.values("pk")) | written("subject_name")(word)


def _items(user: User, words: Sequence[Word], on: date, cut: Cut) -> Found:
    """What is open first, by its day; then what is settled, the latest first. Not what was withdrawn."""
    is_open = Q(state__in=sorted(OPEN_STATES))
    rows = (
        ReminderItem.objects.visible_to(user, on=on)
        .exclude(state=ItemState.WITHDRAWN)
        .filter(holding(words, _item_own, _place))
        .order_by(
            Case(When(is_open, then=0), default=1, output_field=IntegerField()),
            Case(When(is_open, then=F("due_on"))),
            "-due_on",
            "pk",
        )
    )
    shown = rows.select_related("version", "organisation").defer(*(f"version__{text}" for text in _TEXTS))
    return cut.found(ITEMS, (_item_hit(item, on) for item in cut.of(shown)))


def _item_hit(item: ReminderItem, on: date) -> Hit:
    tone, tag = tone_and_tag(item, on=on)
    return Hit(
        title=item.title,
        url=_item_url(item.pk),
        place=item.organisation.name,
        note=f"{day_label(item.due_on, on)}截止",
        fact=tag,
        tone={"done": "ok", "todo": ""}.get(tone, tone),
    )


def _item_url(pk: int) -> str:
    return reverse("reminders:item_detail", args=[pk])


def _records(user: User, words: Sequence[Word], on: date, cut: Cut) -> Found:
    """What a branch did, by theme and topics; opens on the item it closed.

    A record that closes a sensitive item is not looked into, whatever was typed there. Its item is read of
    the wanted ones alone: a record is cheaply left out, and dearly said.
    """
    closed = ReminderItem.objects.filter(record=OuterRef("pk"))
    seen = closed.visible_to(user, on=on)
    latest = ("-held_on", "-pk")
    fitting = (
        Record.objects.visible_to(user, on=on)
        .standing()
        .filter(holding(words, written("title", "topics"), _place))
        .filter(Exists(seen))
        .exclude(Exists(closed.filter(version__sensitive=True)))
        .order_by(*latest)
    )
    rows = (
        Record.objects.filter(pk__in=cut.of(fitting).values("pk"))
        .annotate(item=Subquery(seen.order_by("pk").values("pk")[:1]))
        .select_related("organisation")
        .order_by(*latest)
    )
    return cut.found(RECORDS, (_record_hit(record, words, on) for record in rows))


def _record_hit(record: Any, words: Sequence[Word], on: date) -> Hit:
    kind, topics = RecordKind(record.kind).label, excerpt(record.topics, words)
    return Hit(
        title=record.title or kind,
        url=_item_url(record.item),
        note="" if topics == record.title else topics,
        place=record.organisation.name,
        fact=f"{day_label(record.held_on, on)} {kind}",
    )


# ---- the catalogue, tasks, packs ------------------------------------------------------------------------


class _Scope(NamedTuple):
    """An organisation whose catalogue the reader works with; thousands are read, so no more than this."""

    kind: str
    path: str
    code: str


def _actions(user: User, words: Sequence[Word], on: date, cut: Cut) -> Found:
    """By the name each action bears today where the reader works with the catalogue. Two statements."""
    named = ActionVersion.objects.filter(holding(words, written("name"))).values("action")
    versions = ActionVersion.objects.filter(action__in=named).exclude(action__kind=ActionKind.SPECIAL_TASK)
    read = versions.select_related("action", "organisation").defer(*_TEXTS).order_by("action__kind", "pk")
    catalogue = Catalogue(read, ())
    scopes = _scopes(user, on) if catalogue.actions else []
    hits = [
        _action_hit(found, scope, several=len(scopes) > 1)
        for scope, found in _in_force(catalogue, scopes, on)
        if holds(found.version.name, words)
    ]
    return cut.cut(ACTIONS, hits)


def _scopes(user: User, on: date) -> list[_Scope]:
    """As reminders.queries.catalogue.places."""
    mine = Organisation.objects.permitted_to(user, "reminders.view_catalogue", on=on).active(on=on)
    rows = [_Scope(*row) for row in mine.in_tree_order().values_list("kind", "path", "code")]
    found = ([row for row in rows if row.kind in kinds] for kinds in WORKING_KINDS)
    return next((some for some in found if some), [])


def _in_force(
    catalogue: Catalogue, scopes: Sequence[_Scope], on: date
) -> Iterator[tuple[_Scope, EffectiveAction]]:
    """Each action once, at the first of these organisations that has it."""
    for action in catalogue.actions:
        for scope in scopes:
            if found := catalogue.decide(action, scope.path, on):
                yield scope, found
                break


def _action_hit(found: EffectiveAction, scope: _Scope, *, several: bool) -> Hit:
    address = reverse("reminders:action_detail", args=[found.code])
    return Hit(
        title=found.version.name,
        url=f"{address}?{urlencode({'organisation': scope.code})}" if several else address,
        place=found.versioned_by.name if found.versioned_by else "",
        fact=rule_label(found.version.due_rule),
    )


def _tasks(user: User, words: Sequence[Word], on: date, cut: Cut) -> Found:
    last = ActionVersion.objects.filter(action=OuterRef("action")).order_by("-pk")
    rows = tasks_for_list(user, on=on).annotate(name=Subquery(last.values("name")[:1]))
    rows = rows.filter(holding(words, written("name"), written("action__organisation__name")))
    return cut.found(TASKS, (_task_hit(task, on) for task in cut.of(rows)))


def _task_hit(task: Any, on: date) -> Hit:
    sent = timezone.localdate(task.sent_at)
    return Hit(
        title=task.name,
        url=reverse("reminders:task_detail", args=[task.pk]),
        place=task.action.organisation.name,
        fact="已撤回" if task.withdrawn_at else f"{day_label(sent, on)}发出",
        tone="off" if task.withdrawn_at else "",
    )


def _packs(user: User, words: Sequence[Word], on: date, cut: Cut) -> Found:
    """By its own words or those of a material in it."""
    inside = StudyMaterial.objects.filter(pack=OuterRef("pk"))
    any_word = Q()
    for word in words:
        any_word |= written("title")(word)
    material = inside.filter(any_word).order_by("pk").values("title")[:1]

    def own(word: Word) -> Q:
        return written("title", "summary")(word) | Q(Exists(inside.filter(written("title")(word))))

    rows = packs_for_list(user, on=on).filter(holding(words, own, written("organisation__name")))
    rows = rows.annotate(material=Subquery(material))
    return cut.found(PACKS, (_pack_hit(pack, words, on) for pack in cut.of(rows)))


def _pack_hit(pack: Any, words: Sequence[Word], on: date) -> Hit:
    return Hit(
        title=pack.title,
        url=reverse("reminders:pack_detail", args=[pack.pk]),
        note=f"资料：{pack.material}" if pack.material else excerpt(pack.summary, words),
        place=pack.organisation.name,
        fact=f"{pack.material_count} 份资料",
    )


# ---- handovers ------------------------------------------------------------------------------------------


def _handover_own(word: Word) -> Q:
    """By who hands over to whom, which post, or simply as a handover."""
    roles = [role for role in Role if word.folded in fold(role.label)]
    named = written("leaver_name", "newcomer_name")(word) | Q(role__in=roles)
    return named | Q(pk__isnull=False) if word.folded in HANDOVERS.label else named


def _handovers(user: User, words: Sequence[Word], on: date, cut: Cut) -> Found:
    rows = (
        Handover.objects.visible_to(user, on=on)
        .filter(holding(words, _handover_own, _place))
        .select_related("organisation")
        .order_by("-last_day", "-pk")
    )
    return cut.found(HANDOVERS, (_handover_hit(handover, on) for handover in cut.of(rows)))


def _handover_hit(handover: Handover, on: date) -> Hit:
    newcomer = handover.newcomer_name or TO_BE_FOUND
    off = handover.state == HandoverState.CANCELLED
    return Hit(
        title=f"{handover.get_role_display()}：{handover.leaver_name} → {newcomer}",
        url=handover_url(handover.pk),
        note=f"{day_label(handover.last_day, on)}离任",
        place=handover.organisation.name,
        fact=handover.get_state_display(),
        tone="ok" if handover.state == HandoverState.SIGNED else "off" if off else "",
    )


# The order of the page; each with who may open such a page at all.
_KINDS: tuple[tuple[HitKind, str, _Kind], ...] = (
    (ITEMS, "reminders.view_item", _items),
    (RECORDS, "reminders.view_item", _records),
    (ACTIONS, "reminders.view_catalogue", _actions),
    (TASKS, "reminders.view_overview", _tasks),
    (PACKS, "reminders.view_pack", _packs),
    (HANDOVERS, "reminders.view_handover", _handovers),
)
