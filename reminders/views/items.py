"""One item: look at it, close it with its record, take it back, set it aside, send it back.

With htmx each answer is the item's row and what else changed on the page; without, it is a redirect to
the same list.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, retarget

from branches.access import SignedInRequest, requires
from errorbank.queries.prevention import SHOWN, prevention_for
from notices.queries.about import told_about
from periods.months import Month, UnknownMonth
from records.rules import RecordKind
from reminders.actions.items import DoneByFact, ItemNotDone, ItemNotOpen, ItemNotSettled, undo_item
from reminders.forms.records import RecordForm
from reminders.forms.settling import NotApplicableForm, ReturnForm, TalkForm
from reminders.models import ReminderItem
from reminders.notice_events import item_subject
from reminders.papers import may_fill_meeting
from reminders.queries import item_detail as detail_queries
from reminders.queries import month_list as list_queries
from reminders.queries.direct import direct_of
from reminders.queries.item_rows import mistakes_of, rows_of
from reminders.rules import ItemState
from reminders.views.month import month_asked

INVALID = 422
PAGE_OR_FORM = require_http_methods(["GET", "POST"])
EITHER = vary_on_headers("HX-Request")


def _item(request: SignedInRequest, pk: int, permission: str, on: date) -> ReminderItem:
    """Http404 for an item on which this person may not do that."""
    mine = ReminderItem.objects.permitted_to(request.user, permission, on=on).for_list()
    return get_object_or_404(mine, pk=pk)


def _changeable(request: SignedInRequest, pk: int, permission: str, on: date) -> ReminderItem:
    """As _item, and Http404 once the organisation is dissolved: its history is read, not written."""
    mine = ReminderItem.objects.permitted_to(request.user, permission, on=on).changeable(on=on)
    return get_object_or_404(mine.for_list(), pk=pk)


@require_safe
@never_cache
@EITHER
@requires("reminders.view_item")
def item_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    item = _item(request, pk, "reminders.view_item", today)
    if _wants_fragment(request):
        return _answer(request, [item], "", on=today)
    rights = detail_queries.rights_of(item, request.user, on=today)
    detail = detail_queries.item_detail(item, rights=rights, on=today)
    direct = direct_of(item, request.user, on=today) if item.is_open else None
    told = told_about(item_subject(item.pk))
    context = {
        "detail": detail,
        "direct": direct,
        "told": told,
        "back": list_url(request, item, today),
        "may_fill": may_fill_meeting(item, request.user, on=today),
        **_prevention(item, on=today),
    }
    return render(request, "reminders/item_detail.html", context)


def _prevention(item: ReminderItem, *, on: date) -> dict[str, Any]:
    """What went wrong with the same before; of interest while it is to be done."""
    if not item.is_open:
        return {"prevention": [], "prevention_more": []}
    rows = prevention_for(item.organisation, item.action.code, on=on, known=mistakes_of(item))
    return {"prevention": rows[:SHOWN], "prevention_more": rows[SHOWN:]}


@require_safe
@requires("reminders.close_item")
def item_register(request: SignedInRequest, pk: int) -> HttpResponse:
    """To the page where the fact is registered; to the half-page record for who may not do that there."""
    today = timezone.localdate()
    item = _changeable(request, pk, "reminders.close_item", today)
    direct = direct_of(item, request.user, on=today) if item.is_open else None
    if direct and direct.registers:
        return redirect(direct.url)
    return redirect(f"{reverse('reminders:item_close', args=[item.pk])}{_query(request)}")


@PAGE_OR_FORM
@never_cache
@EITHER
@requires("reminders.close_item")
def item_close(request: SignedInRequest, pk: int) -> HttpResponse:
    """The half-page record; a POST with `quick` finishes a date-only item today."""
    today = timezone.localdate()
    item = _changeable(request, pk, "reminders.close_item", today)
    if not item.is_open:
        return _too_late(request, item, str(ItemNotOpen(item)), on=today)
    form = _form_for(item, request.POST if request.method == "POST" else None, on=today)
    if form.is_valid():
        try:
            if closed := form.save(by=request.user):
                return _answer(request, closed, _closed_words(closed), on=today)
        except ItemNotOpen as refusal:
            return _too_late(request, item, str(refusal), on=today)
    return _form_page(request, item, form, on=today)


def _form_for(item: ReminderItem, data: object, *, on: date) -> RecordForm | TalkForm:
    talks = item.version.record_kind == RecordKind.TALK_COVERAGE
    return (TalkForm if talks else RecordForm)(data, item=item, on=on)


def _form_page(
    request: SignedInRequest, item: ReminderItem, form: RecordForm | TalkForm, *, on: date
) -> HttpResponse:
    """The form in the item's place on the list, or as a page of its own."""
    hours = item.version.record_kind == RecordKind.HOURS
    context = {
        "item": item,
        "form": form,
        "talks": isinstance(form, TalkForm),
        "hours": detail_queries.hours_table(item, on=on) if hours else None,
        "direct": direct_of(item, request.user, on=on),
        "query": _query(request),
        "back": list_url(request, item, on),
    }
    status = INVALID if form.is_bound else 200
    if not _wants_fragment(request):
        return render(request, "reminders/item_close.html", context, status=status)
    response = render(request, "reminders/_item_form.html", context, status=status)
    return reswap(retarget(response, f"#item-{item.pk}-form"), "innerHTML")


@require_POST
@requires("reminders.close_item")
def item_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    item = _changeable(request, pk, "reminders.close_item", today)
    try:
        undo_item(item, by=request.user, on=today)
    except (ItemNotSettled, DoneByFact) as refusal:
        return _too_late(request, item, str(refusal), on=today)
    return _answer(request, [item], f"已撤销：{item.title}", on=today)


@PAGE_OR_FORM
@never_cache
@requires("reminders.close_item")
def item_not_applicable(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    item = _changeable(request, pk, "reminders.close_item", today)
    form = NotApplicableForm(request.POST if request.method == "POST" else None)
    try:
        if not item.is_open:
            raise ItemNotOpen(item)
        if form.is_valid():
            form.save(item, by=request.user, on=today)
            return _answer(request, [item], f"已登记不适用：{item.title}", on=today)
    except ItemNotOpen as refusal:
        return _too_late(request, item, str(refusal), on=today)
    context = {"item": item, "form": form, "back": list_url(request, item, today)}
    status = INVALID if form.is_bound else 200
    return render(request, "reminders/item_not_applicable.html", context, status=status)


@PAGE_OR_FORM
@never_cache
@requires("reminders.return_item")
def item_return(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    item = _changeable(request, pk, "reminders.return_item", today)
    form = ReturnForm(request.POST if request.method == "POST" else None, item=item)
    try:
        if item.state != ItemState.DONE:
            raise ItemNotDone
        if form.is_valid():
            form.save(by=request.user)
            return _answer(request, [item], f"已退回：{item.title}", on=today)
    except ItemNotDone as refusal:
        return _too_late(request, item, str(refusal), on=today)
    context = {"item": item, "form": form, "back": list_url(request, item, today)}
    status = INVALID if form.is_bound else 200
    return render(request, "reminders/item_return.html", context, status=status)


def _wants_fragment(request: SignedInRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _closed_words(closed: Iterable[ReminderItem]) -> str:
    items = list(closed)
    if items[0].is_open:
        return f"已登记，尚未全部完成：{items[0].title}"
    return "已完成：" + "、".join(item.title for item in items)


def _query(request: SignedInRequest) -> str:
    """The list the person came from, carried along unchanged."""
    kept = {name: request.GET[name] for name in ("month", "organisation") if name in request.GET}
    return f"?{urlencode(kept)}" if kept else ""


def list_url(request: SignedInRequest, item: ReminderItem, on: date) -> str:
    """The list the person came from, at this item's row; else the organisation's own current list."""
    query = _query(request) or f"?{urlencode({'organisation': item.organisation.code})}"
    return f"{reverse('reminders:month_list')}{query}#item-{item.pk}"


def _too_late(request: SignedInRequest, item: ReminderItem, words: str, *, on: date) -> HttpResponse:
    """Somebody else was faster, or the page is old: say so and show how the item stands."""
    return _answer(request, [item], words, on=on, level=messages.WARNING)


def _answer(
    request: SignedInRequest,
    items: Sequence[ReminderItem],
    words: str,
    *,
    on: date,
    level: int = messages.SUCCESS,
) -> HttpResponse:
    """After a step: the changed rows and numbers for htmx, else back to the list."""
    if not _wants_fragment(request):
        if words:
            messages.add_message(request, level, words)
        return redirect(list_url(request, items[0], on))
    return _fragments(request, items, words, on=on)


def _fragments(
    request: SignedInRequest, items: Sequence[ReminderItem], words: str, *, on: date
) -> HttpResponse:
    try:
        month = month_asked(request, on=on)
    except UnknownMonth:
        month = Month.of(on)
    place = list_queries.place_of(request.user, code=items[0].organisation.code, on=on)
    shown = list_queries.month_list(place, month, on=on)
    keys = [item.pk for item in items]
    fresh = ReminderItem.objects.filter(pk__in=keys).for_list()
    rows = rows_of(
        sorted(fresh, key=lambda item: keys.index(item.pk)), place.organisation, rights=place.rights, on=on
    )
    context = {"rows": rows, "shown": shown, "words": words}
    return render(request, "reminders/_item_answer.html", context)
