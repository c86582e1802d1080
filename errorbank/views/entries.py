"""Entries: the list, one entry, proposing a wording, and what staff do with it."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.rules import Refusal
from branches.views.pages import form_page
from errorbank.action_titles import offered_titles, titles_of
from errorbank.actions.entries import confirm_examples
from errorbank.entry_offers import entry_offers
from errorbank.forms.entries import ChangeForm, NewEntryForm, PublishForm, RetireForm, SendBackForm
from errorbank.models import EntryVersion, ErrorEntry
from errorbank.queries.entries import (
    PROPOSE,
    PUBLISH,
    SCOPES,
    VIEW,
    EntryFilter,
    changes_between,
    decides,
    entries_of,
    entry_page,
    own_proposals,
    readable_entries,
    reviewable_versions,
    waiting_versions,
    wording_to_change,
)
from errorbank.rules import ErrorCategory, Severity, Source

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PAGE_SIZE = 30


@require_safe
@requires(VIEW)
def entry_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    asked = EntryFilter.read(request.GET.dict())
    reviews = may(user, PUBLISH, on=today)
    context = {
        "page": Paginator(entries_of(user, asked, on=today), PAGE_SIZE).get_page(request.GET.get("page")),
        "asked": asked,
        "categories": ErrorCategory.choices,
        "sources": Source.choices,
        "severities": Severity.choices,
        "scopes": SCOPES,
        "actions": sorted(offered_titles().items(), key=lambda pair: pair[1]),
        "waiting": waiting_versions(user, on=today).count() if reviews else 0,
        "proposed": list(own_proposals(user)[:10]),
        "may_propose": may(user, PROPOSE, on=today),
        "may_publish": reviews,
    }
    return render(request, "errorbank/entry_list.html", context)


@require_safe
@requires(VIEW)
def entry_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    entry = get_object_or_404(readable_entries(user, on=today), pk=pk)
    context = {
        "entry": entry,
        "page": entry_page(entry, user, on=today),
        "may_propose": may(user, PROPOSE, on=today) and entry.retired_at is None,
        "may_publish": decides(entry, user, on=today),
        "offers": entry_offers(user, entry, on=today),
    }
    return render(request, "errorbank/entry_detail.html", context)


@PAGE_OR_FORM
@requires(PROPOSE)
def entry_add(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    form = NewEntryForm(request.POST or None, user=user, on=today)
    if form.is_valid() and form.save(by=user, on=today):
        messages.success(request, "已提交，等党总支审核。审核通过后进入错题库。")
        return redirect("errorbank:entry_detail", form.result.entry_id)
    return form_page(request, "errorbank/entry_add.html", form)


@PAGE_OR_FORM
@requires(PROPOSE)
def entry_change(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    reached = ErrorEntry.objects.reaching(user, PROPOSE, on=today)
    entry = _readable(request, reached, pk, on=today)
    shown = wording_to_change(entry, user)
    form = ChangeForm(request.POST or None, entry=entry, shown=shown)
    if form.is_valid() and form.save(by=user, on=today):
        still = "审核前大家看到的仍是原来的内容。" if entry.published_id else "审核通过后进入错题库。"
        messages.success(request, f"修改已提交，等{entry.decider}审核。{still}")
        return redirect("errorbank:entry_detail", pk)
    return form_page(request, "errorbank/entry_change.html", form, entry=entry, shown=shown)


@require_safe
@requires(PUBLISH)
def entry_waiting(request: SignedInRequest) -> HttpResponse:
    rows = waiting_versions(request.user, on=timezone.localdate())
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "errorbank/entry_waiting.html", {"page": page})


@PAGE_OR_FORM
@requires(PUBLISH)
def entry_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """One waiting wording beside the published one; a POST publishes it."""
    today = timezone.localdate()
    version = _version(request, pk, on=today)
    form = PublishForm(request.POST if request.method == "POST" else None, version=version)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已发布，大家现在看到的是新的内容。")
        return redirect("errorbank:entry_detail", version.entry_id)
    return _review_page(request, version, form)


@require_POST
@requires(PUBLISH)
def entry_send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    version = _version(request, pk, on=today)
    form = SendBackForm(request.POST, version=version)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已退回，提出的人在错题库里会看到意见。")
        return redirect("errorbank:entry_waiting")
    return _review_page(request, version, form)


@require_POST
@requires(PUBLISH)
def entry_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = _decided(request, pk, on=timezone.localdate())
    try:
        confirm_examples(entry, by=request.user)
        messages.success(request, "示例已标为审核过。")
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return redirect("errorbank:entry_detail", pk)


@PAGE_OR_FORM
@requires(PUBLISH)
def entry_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    entry = _decided(request, pk, on=today)
    form = RetireForm(request.POST or None, entry=entry)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已停用，不再出现在错题库和提醒里；以前登记的问题仍保留它。")
        return redirect("errorbank:entry_list")
    return form_page(request, "errorbank/entry_retire.html", form, entry=entry)


def _review_page(
    request: SignedInRequest, version: EntryVersion, form: PublishForm | SendBackForm
) -> HttpResponse:
    published = version.entry.published
    codes = {code for each in (version, published) if each for code in each.action_codes}
    context = {
        "version": version,
        "entry": version.entry,
        "published": published,
        "changes": changes_between(published, version, titles_of(codes)),
        "publish_form": form if isinstance(form, PublishForm) else PublishForm(version=version),
        "send_back_form": form if isinstance(form, SendBackForm) else SendBackForm(version=version),
    }
    return form_page(request, "errorbank/entry_review.html", form, **context)


def _version(request: SignedInRequest, pk: int, *, on: date) -> EntryVersion:
    """A wording of an entry this person publishes; what was decided meanwhile says so itself."""
    return get_object_or_404(reviewable_versions(request.user, on=on), pk=pk)


def _decided(request: SignedInRequest, pk: int, *, on: date) -> ErrorEntry:
    return _readable(request, ErrorEntry.objects.decided_by(request.user, on=on), pk, on=on)


def _readable(request: SignedInRequest, rows: QuerySet[ErrorEntry], pk: int, *, on: date) -> ErrorEntry:
    """One of these that is in use, or not published yet."""
    readable = readable_entries(request.user, on=on).filter(retired_at=None).values("pk")
    return get_object_or_404(rows.filter(pk__in=readable).select_related("published"), pk=pk)
