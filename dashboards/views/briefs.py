"""The monthly briefs: the archive, one of them, its words, its release, its correction, its PDF."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.rules import Refusal
from branches.views.pages import form_page
from dashboards.actions.brief_document import export_brief, file_name, parts_of
from dashboards.actions.briefs import drop_correction, renew_brief, word_section
from dashboards.forms.briefs import CorrectForm, PrepareForm, ReleaseForm, SectionForm
from dashboards.models import READ, RELEASE, Brief, Section
from dashboards.queries.briefs import archive_of, other_editions, readers_of
from dashboards.rules.brief_words import BriefSection
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
ONLY_DRAFTS = "这份通报已经发布，不能再改。确需更正的，请用“更正”另出一版。"


def _readable(request: SignedInRequest, pk: int, on: date) -> Brief:
    """Http404 for one this person may not read."""
    mine = Brief.objects.visible_to(request.user, on=on).select_related("organisation", "released_by")
    return get_object_or_404(mine, pk=pk)


def _releasable(request: SignedInRequest, pk: int, on: date) -> Brief:
    """Http404 for one of an organisation this person does not release for."""
    mine = Brief.objects.permitted_to(request.user, RELEASE, on=on).select_related("organisation")
    return get_object_or_404(mine, pk=pk)


@require_safe
@never_cache
@requires(READ)
def brief_list(request: SignedInRequest) -> HttpResponse:
    """`?year=2026`; without it the latest year there is one of."""
    today, asked = timezone.localdate(), request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else None
    context = {
        "archive": archive_of(request.user, year=year, on=today),
        "may_release": may(request.user, RELEASE, on=today),
    }
    return render(request, "dashboards/brief_list.html", context)


@PAGE_OR_FORM
@requires(RELEASE)
def brief_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = PrepareForm(request.POST or None, user=request.user, on=today, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "通报已整理好，请核对文字，再发布。")
        return redirect("dashboards:brief_detail", form.result.pk)
    return form_page(request, "dashboards/brief_add.html", form)


@require_safe
@never_cache
@requires(READ)
def brief_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    brief = _readable(request, pk, today)
    others = other_editions(brief, request.user, on=today)
    context = {
        "brief": brief,
        "parts": parts_of(brief),
        "others": others,
        "newer": next((other for other in others if other.edition > brief.edition), None),
        "may_release": Brief.objects.permitted_to(request.user, RELEASE, on=today).filter(pk=pk).exists(),
    }
    return render(request, "dashboards/brief_detail.html", context)


@PAGE_OR_FORM
@never_cache
@requires(RELEASE)
def brief_edit(request: SignedInRequest, pk: int, section: str) -> HttpResponse:
    """The words of one section; what was typed comes back with every error."""
    today = timezone.localdate()
    brief = _releasable(request, pk, today)
    part = _section(brief, section)
    if request.method == "GET" and not brief.is_draft:
        messages.error(request, ONLY_DRAFTS)
        return redirect("dashboards:brief_detail", pk)
    form = SectionForm(request.POST or None, brief=brief, section=part, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{part.heading}”已保存。")
        return _back(pk, part)
    return form_page(request, "dashboards/brief_edit.html", form, brief=brief, section=part)


@require_POST
@requires(RELEASE)
def brief_restore(request: SignedInRequest, pk: int, section: str) -> HttpResponse:
    """The generated words again."""
    brief = _releasable(request, pk, timezone.localdate())
    part = _section(brief, section)

    def restore() -> str:
        word_section(brief, BriefSection(part.key), text="", by=request.user, now=timezone.now())
        return f"“{part.heading}”已恢复自动文字。"

    _try(request, restore)
    return _back(pk, part)


@require_POST
@requires(RELEASE)
def brief_renew(request: SignedInRequest, pk: int) -> HttpResponse:
    """The figures of this moment; says what changed."""
    today = timezone.localdate()
    brief = _releasable(request, pk, today)

    def renew() -> str:
        changes = renew_brief(brief, by=request.user, on=today, now=timezone.now())
        kept = "您改过的文字保持原样，请核对。" if brief.edited else ""
        return f"已按最新数据重新整理：{'；'.join(changes) or '数据没有变化'}。{kept}"

    _try(request, renew)
    return redirect("dashboards:brief_detail", pk)


@PAGE_OR_FORM
@never_cache
@requires(RELEASE)
def brief_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asked once more, with who will read it."""
    today = timezone.localdate()
    brief = _releasable(request, pk, today)
    form = ReleaseForm(request.POST if request.method == "POST" else None, brief=brief, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已发布，编为 {form.result.issue}。各支部党务工作者会收到消息。")
        return redirect("dashboards:brief_detail", pk)
    readers = readers_of(brief, on=today)
    return form_page(request, "dashboards/brief_release.html", form, brief=brief, readers=readers)


@PAGE_OR_FORM
@never_cache
@requires(RELEASE)
def brief_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new edition of a released one, with the reason."""
    today = timezone.localdate()
    brief = _releasable(request, pk, today)
    form = CorrectForm(request.POST or None, brief=brief, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已另出一版草稿，改好后再发布；发布以前，各支部看到的还是原来的一版。")
        return redirect("dashboards:brief_detail", form.result.pk)
    return form_page(request, "dashboards/brief_correct.html", form, brief=brief)


@require_POST
@requires(RELEASE)
def brief_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """A correction that is not needed after all."""
    brief = _releasable(request, pk, timezone.localdate())

    def drop() -> str:
        drop_correction(brief, by=request.user)
        return f"{brief.of.label}通报的更正草稿已撤回，原来的一版不变。"

    _try(request, drop)
    return redirect("dashboards:brief_list")


@require_safe
@never_cache
@requires(READ)
def brief_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    brief = _readable(request, pk, timezone.localdate())
    try:
        content = export_brief(brief, by=request.user)
    except PdfFailedError as problem:
        messages.error(request, str(problem))
        return redirect("dashboards:brief_detail", pk)
    disposition = content_disposition_header(True, file_name(brief)) or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})


def _section(brief: Brief, key: str) -> Section:
    found = next((section for section in brief.sections if section.key == key), None)
    if found is None:
        raise Http404
    return found


def _try(request: SignedInRequest, act: Callable[[], str]) -> Any:
    """Say what was done, or why not."""
    try:
        messages.success(request, act())
    except Refusal as refusal:
        messages.error(request, str(refusal))


def _back(pk: int, section: Section) -> HttpResponse:
    response = redirect("dashboards:brief_detail", pk)
    response["Location"] += f"#{section.key}"
    return response
