"""Outputs: the library, one output, writing, agreeing, review, use, pick, booklet and brief."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.forms.base import ActionForm
from branches.models import Organisation
from branches.views.pages import form_page
from errorbank.rules import ErrorCategory
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError
from training.actions.output_documents import booklet_name
from training.actions.outputs import NOT_WAITING, NOT_WRITABLE, OutputRefused
from training.actions.outputs import answer_credit as answer
from training.actions.outputs import drop_use as drop
from training.actions.outputs import submit_output as submit
from training.forms.outputs import BookletForm, BriefForm, OutputForm, PickForm, ReviewForm, UseForm
from training.models import Output, OutputUse, OutputVersion
from training.models.outputs import REVIEW_OUTPUT, SUBMIT_OUTPUT, VIEW_OUTPUT
from training.queries.outputs import (
    Asked,
    library_of,
    output_page,
    own_undecided,
    picks_of,
    versions_to_review,
)
from training.rules.outputs import UNDECIDED, OutputKind, OutputState

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE, LONGEST_QUESTION, LONGEST_PAGE, YEAR_DIGITS = 20, 60, 6, 4


def _asked(request: SignedInRequest) -> Asked:
    """The filters of the address; what is no choice narrows nothing."""
    said = request.GET
    kind, topic, year = said.get("kind", ""), said.get("topic", ""), said.get("year", "")
    return Asked(
        question=said.get("q", "")[:LONGEST_QUESTION].replace("\0", " ").strip(),
        kind=kind if kind in OutputKind.values else "",
        topic=topic if topic in ErrorCategory.values else "",
        year=int(year) if year.isascii() and year.isdigit() and len(year) == YEAR_DIGITS else None,
    )


def _written_by(request: SignedInRequest, pk: int) -> Output:
    mine = Output.objects.written_by(request.user)
    return get_object_or_404(mine.select_related("organisation", "library"), pk=pk)


def _in_library(request: SignedInRequest, pk: int) -> Output:
    shown = Output.objects.in_library(request.user, on=timezone.localdate())
    return get_object_or_404(shown.select_related("organisation", "library"), pk=pk)


@require_safe
@requires(VIEW_OUTPUT)
def output_list(request: SignedInRequest) -> HttpResponse:
    today, user, asked = timezone.localdate(), request.user, _asked(request)
    number = request.GET.get("page", "1")[:LONGEST_PAGE]
    context: dict[str, Any] = {
        "page": Paginator(library_of(user, asked, on=today), A_PAGE).get_page(number),
        "asked": asked,
        "picks": picks_of(user, on=today),
        "undecided": own_undecided(user),
        "may_submit": may(user, SUBMIT_OUTPUT, on=today),
        "to_review": versions_to_review(user, on=today) if may(user, REVIEW_OUTPUT, on=today) else [],
        "kinds": OutputKind.choices,
        "topics": ErrorCategory.choices,
    }
    return render(request, "training/output_list.html", context)


@require_safe
@requires(VIEW_OUTPUT)
def output_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    mine = Output.objects.visible_to(user, on=today).select_related("organisation", "library")
    page = output_page(get_object_or_404(mine, pk=pk), user, on=today)
    return render(request, "training/output_detail.html", {"page": page, "asks_me": page.asks(user)})


@PAGE_OR_FORM
@requires(SUBMIT_OUTPUT)
def output_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = OutputForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "草稿已保存。看一遍没有问题，就点“提交”。")
        return redirect("training:output_detail", form.result.pk)
    return form_page(request, "training/output_add.html", form)


@PAGE_OR_FORM
@requires(SUBMIT_OUTPUT)
def output_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the draft, or begin a new version of what is published."""
    today, output = timezone.localdate(), _written_by(request, pk)
    version = output.versions.order_by("-number").first()
    if version is None or (version.state in UNDECIDED and not version.is_writable):
        messages.info(request, NOT_WRITABLE)
        return redirect("training:output_detail", pk)
    form = OutputForm(request.POST or None, user=request.user, on=today, output=output, version=version)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "改好了。看一遍没有问题，就点“提交”。")
        return redirect("training:output_detail", pk)
    return form_page(request, "training/output_edit.html", form, output=output)


@require_POST
@requires(SUBMIT_OUTPUT)
def output_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    output = _written_by(request, pk)
    try:
        version = submit(output, by=request.user, on=timezone.localdate())
    except OutputRefused as refusal:
        messages.info(request, str(refusal))
    else:
        waits = "请其他作者确认署名，都确认后送审核。" if version.waits_for_authors else "已送审核。"
        messages.success(request, f"“{output.title}”已提交，{waits}")
    return redirect("training:output_detail", pk)


@require_POST
@requires(VIEW_OUTPUT)
def output_credit(request: SignedInRequest, pk: int) -> HttpResponse:
    """An author agrees to be named, or wants the name off."""
    output, agrees = _written_by(request, pk), request.POST.get("answer") == "yes"
    try:
        answer(output, agrees=agrees, by=request.user, on=timezone.localdate())
    except OutputRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("training:output_detail", pk)
    messages.success(request, "署名已确认。" if agrees else f"“{output.title}”不再署您的名字。")
    return redirect("training:output_detail", pk) if agrees else redirect("training:output_list")


@PAGE_OR_FORM
@requires(REVIEW_OUTPUT)
def output_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk` is that of the version."""
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, REVIEW_OUTPUT, on=today)
    rows = OutputVersion.objects.filter(output__library__in=places).exclude(state=OutputState.DRAFT)
    version = get_object_or_404(rows.select_related("output__organisation"), pk=pk)
    if not version.waits_for_review:
        messages.info(request, NOT_WAITING)
        return redirect("training:output_list")
    form = ReviewForm(request.POST or None, version=version)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "审核结果已保存，作者会收到通知。")
        return redirect("training:output_list")
    authors = version.authors.select_related("user").order_by("pk")
    return form_page(request, "training/output_review.html", form, version=version, authors=authors)


@PAGE_OR_FORM
@requires(SUBMIT_OUTPUT)
def output_use(request: SignedInRequest, pk: int) -> HttpResponse:
    today, output = timezone.localdate(), _in_library(request, pk)
    form = UseForm(request.POST or None, output=output, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已登记在用，作者会收到通知。")
        return redirect("training:output_detail", pk)
    return form_page(request, "training/output_use.html", form, output=output)


@require_POST
@requires(SUBMIT_OUTPUT)
def output_unuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk` is that of the use."""
    places = Organisation.objects.permitted_to(request.user, SUBMIT_OUTPUT, on=timezone.localdate())
    rows = OutputUse.objects.filter(organisation__in=places.branches())
    use = get_object_or_404(rows.select_related("output", "organisation"), pk=pk)
    drop(use, by=request.user)
    messages.success(request, f"“{use.organisation.name}”在用的登记已撤下。")
    return redirect("training:output_detail", use.output_id)


@PAGE_OR_FORM
@requires(REVIEW_OUTPUT)
def output_pick(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, REVIEW_OUTPUT, on=today)
    output = get_object_or_404(Output.objects.filter(library__in=places, published__isnull=False), pk=pk)
    form = PickForm(request.POST or None, output=output)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"本月推荐：“{output.title}”。")
        return redirect("training:output_list")
    return form_page(request, "training/output_pick.html", form, output=output)


@PAGE_OR_FORM
@requires(VIEW_OUTPUT)
def output_booklet(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = BookletForm(request.POST or None, user=request.user, on=today)
    if content := _made(request, form):
        said = form.cleaned_data
        title = booklet_name(said["organisation"], year=said["year"], topic=said["topic"])
        return _download(content, f"{title.replace(' ', '')}_{said['organisation'].name}.pdf")
    return form_page(request, "training/output_booklet.html", form)


@PAGE_OR_FORM
@requires(VIEW_OUTPUT)
def output_brief(request: SignedInRequest) -> HttpResponse:
    form = BriefForm(request.POST or None, user=request.user, on=timezone.localdate())
    if content := _made(request, form):
        said = form.cleaned_data
        return _download(content, f"成果简报_{said['organisation'].name}_{said['month']}.pdf")
    return form_page(request, "training/output_brief.html", form)


def _made(request: SignedInRequest, form: ActionForm) -> bytes:
    """The paper that was asked for; nothing where the form has to be shown again."""
    try:
        made = form.is_valid() and form.save(by=request.user, on=timezone.localdate())
    except PdfFailedError as problem:
        form.add_error(None, str(problem))
        made = False
    return bytes(form.result) if made else b""


def _download(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})
