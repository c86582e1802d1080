"""Handing over: the list, one handover, its acts, its signatures, its sheet.

Who may do what, the actions decide; a refusal comes back as a sentence. With htmx a saved line or part
answers in its place; without, it is a redirect to the same place.
"""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import log_confirmation
from branches.access import SignedInRequest, may, requires
from branches.models import Post
from branches.rules import Refusal
from branches.views.pages import INVALID, form_page
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError
from notices.queries.about import told_about
from papers.queries import FILL
from reminders.actions.handover import check_handover, choose_mentor, choose_newcomer
from reminders.actions.handover.document import export_handover
from reminders.forms.handover import (
    AbsentCheckForm,
    CancelForm,
    NoteForm,
    OpenForm,
    PartForm,
    SignForm,
)
from reminders.handover_rules import Capacity, HandoverState
from reminders.models import Handover, HandoverLine
from reminders.notice_events import handover_subject
from reminders.queries.handover import HandoverPage, Rights, handover_page, handovers_of
from reminders.queries.handover.choosing import openable_posts

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
CHANGED_WORDS = "有 {} 条在您打开页面后有变化，请再看一遍后确认。"
LIST, VIEW, OPEN = "reminders.list_handovers", "reminders.view_handover", "reminders.open_handover"


def _handover(request: SignedInRequest, pk: int, on: date) -> Handover:
    """Http404 for a handover this person may not read."""
    mine = Handover.objects.visible_to(request.user, on=on).select_related("organisation", "leaver_post")
    return get_object_or_404(mine, pk=pk)


def _staffs(request: SignedInRequest, pk: int, on: date) -> Handover:
    """Http404 for a handover of branches for which this person does not arrange it."""
    mine = Handover.objects.permitted_to(request.user, OPEN, on=on).select_related("organisation")
    return get_object_or_404(mine, pk=pk)


@require_safe
@never_cache
@requires(VIEW)
def handover_list(request: SignedInRequest) -> HttpResponse:
    """Who comes with a leaver's grant alone has one handover and no list."""
    today = timezone.localdate()
    page = handovers_of(request.user, on=today, page=request.GET.get("page"))
    if not may(request.user, LIST, on=today) and len(page.object_list) == 1:
        return redirect("reminders:handover_detail", page.object_list[0].pk)
    context = {
        "page": page,
        "running": [row for row in page.object_list if row.running],
        "past": [row for row in page.object_list if not row.running],
        "may_open": may(request.user, OPEN, on=today),
    }
    return render(request, "reminders/handover_list.html", context)


@PAGE_OR_FORM
@requires(OPEN)
def handover_add(request: SignedInRequest) -> HttpResponse:
    """`?post=3` chooses the post beforehand."""
    today = timezone.localdate()
    posts = list(openable_posts(request.user, on=today))
    form = OpenForm(request.POST or None, posts=posts, initial={"post": request.GET.get("post", "")})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "交接清单已整理好，有关的同志都会收到消息。")
        return redirect("reminders:handover_detail", form.result.pk)
    return form_page(request, "reminders/handover_add.html", form)


@require_safe
@never_cache
@requires(VIEW)
def handover_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    page = handover_page(_handover(request, pk, today), request.user, on=today)
    context = {"page": page, "handover": page.handover, "open_part": _open_part(page), "today": today}
    context["may_fill"] = may(request.user, FILL, on=today)
    return render(request, "reminders/handover_detail.html", context)


def _open_part(page: HandoverPage) -> str:
    """The first part in which there is something left to confirm, else the first."""
    left = (part.code for part in page.parts if part.confirmed < len(part.current))
    first = page.parts[0].code if page.parts else ""
    return next(left, first) if page.rights.confirm else first


@require_POST
@requires(VIEW)
def handover_note(request: SignedInRequest, pk: int, line: int) -> HttpResponse:
    """The leaver's words to one line."""
    today = timezone.localdate()
    handover = _handover(request, pk, today)
    found = get_object_or_404(HandoverLine.objects.select_related("handover"), handover=handover, pk=line)
    form = NoteForm(request.POST, line=found)
    saved = form.is_valid() and form.save(by=request.user, on=today)
    if not request.headers.get("HX-Request"):
        _say(request, "说明已保存。" if saved else "", form)
        return redirect(f"{_url(pk)}#line-{line}")
    page = handover_page(handover, request.user, on=today)
    row = next((row for row in page.lines if row.pk == line), None)
    context = {"page": page, "handover": page.handover, "line": row, "form": form, "saved": saved}
    return render(request, "reminders/_handover_line.html", context, status=200 if saved else INVALID)


@require_POST
@requires(VIEW)
def handover_confirm(request: SignedInRequest, pk: int, part: str) -> HttpResponse:
    """The newcomer's marks and questions in one part."""
    today = timezone.localdate()
    page = handover_page(_handover(request, pk, today), request.user, on=today)
    rows = next((rows for rows in page.parts if rows.code == part), None)
    if rows is None:
        raise Http404
    form = PartForm(request.POST, handover=page.handover, part=rows)
    saved = form.is_valid() and form.save(by=request.user, on=today)
    if request.headers.get("HX-Request") and saved and page.handover.state == HandoverState.CHECKED:
        return _part_answer(request, page.handover, part, changed=form.changed, on=today)
    _say(request, _confirmed_words(page.handover, form.changed) if saved else "", form)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(_url(pk))
    return redirect(f"{_url(pk)}#part-{part}")


def _part_answer(
    request: SignedInRequest, handover: Handover, part: str, *, changed: int, on: date
) -> HttpResponse:
    page = handover_page(handover, request.user, on=on)
    rows = next(rows for rows in page.parts if rows.code == part)
    context = {"page": page, "handover": page.handover, "part": rows, "open_part": part, "saved": True}
    context["changed"] = CHANGED_WORDS.format(changed) if changed else ""
    return render(request, "reminders/_handover_part.html", context)


def _confirmed_words(handover: Handover, changed: int) -> str:
    if handover.state == HandoverState.CONFIRMED:
        return "清单已全部确认，接下来三方签字。"
    return "已保存。" + (CHANGED_WORDS.format(changed) if changed else "")


@PAGE_OR_FORM
@requires(VIEW)
def handover_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """The leaver with one tap; staff for an absent leaver with the reason."""
    today = timezone.localdate()
    page = handover_page(_handover(request, pk, today), request.user, on=today)
    if not page.rights.check_in_absence:
        return _act(request, pk, lambda: check_handover(page.handover, by=request.user, on=today), "核对完毕")
    form = AbsentCheckForm(request.POST or None, handover=page.handover)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已代为核对，接下来由接收人逐条确认。")
        return redirect(_url(pk))
    return form_page(request, "reminders/handover_check.html", form, handover=page.handover, page=page)


@require_POST
@requires(OPEN)
def handover_newcomer(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    handover, post = _staffs(request, pk, today), _post(request)
    return _act(
        request,
        pk,
        lambda: choose_newcomer(handover, post=post, by=request.user, on=today),
        f"接收人已定为{post.holder_name}",
    )


@require_POST
@requires(OPEN)
def handover_mentor(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    handover, post = _staffs(request, pk, today), _post(request)
    return _act(
        request,
        pk,
        lambda: choose_mentor(handover, post=post, by=request.user, on=today),
        f"已请{post.holder_name}结对帮带",
    )


def _post(request: SignedInRequest) -> Post:
    written = request.POST.get("post", "")
    if not written.isdecimal() or len(written) > 18:
        raise Http404
    return get_object_or_404(Post.objects.select_related("member", "user"), pk=int(written))


def _act(request: SignedInRequest, pk: int, action: Callable[[], object], done: str) -> HttpResponse:
    """Do it when posted; either way back to the page, with the sentence of success or refusal."""
    if request.method == "POST":
        try:
            action()
        except Refusal as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, f"{done}。")
    return redirect(_url(pk))


@never_cache
@sensitive_post_parameters("password")
@PAGE_OR_FORM
@requires(VIEW)
def handover_sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """`?absent=1`: staff sign for a leaver who cannot come."""
    today = timezone.localdate()
    page = handover_page(_handover(request, pk, today), request.user, on=today)
    capacity, absent = _capacity(page.rights, absent="absent" in request.GET)
    if capacity is None:
        messages.info(request, page.waiting.words or "现在没有需要您签字的地方。")
        return redirect(_url(pk))
    form = SignForm(
        request.POST or None, request=request, handover=page.handover, capacity=capacity, absent=absent
    )
    valid = form.is_valid()
    if form.is_bound:
        log_confirmation(request, request.user, right=form.user is not None)
    if valid and _signs(form, request, on=today):
        return redirect(_url(pk))
    context = {"page": page, "handover": page.handover, "form": form, "capacity": capacity, "absent": absent}
    return render(request, "reminders/handover_sign.html", context, status=INVALID if form.errors else 200)


def _capacity(rights: Rights, *, absent: bool) -> tuple[Capacity | None, bool]:
    """In which capacity this person signs now, and whether for an absent leaver."""
    if rights.sign_for_leaver and (absent or not rights.sign):
        return Capacity.LEAVER, True
    return (rights.sign[0] if rights.sign else None), False


def _signs(form: SignForm, request: SignedInRequest, *, on: date) -> bool:
    """Whether there is nothing left to do here: signed, or the list changed and is looked at once more."""
    if form.save(by=request.user, on=on, now=timezone.now()):
        messages.success(request, _signed_words(form.handover))
        return True
    if form.handover.state == HandoverState.CONFIRMED:
        return False
    messages.warning(request, "清单刚刚有变动，还没有签字。请接收人确认变动的条目后再签。")
    return True


def _signed_words(handover: Handover) -> str:
    if handover.state == HandoverState.SIGNED:
        return f"三方签字齐了，交接完成，未办结事项已转给{handover.newcomer_name}。"
    return "已签字。"


@PAGE_OR_FORM
@requires(OPEN)
def handover_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    handover = _staffs(request, pk, today)
    form = CancelForm(request.POST or None, handover=handover)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "交接已撤销，有关的同志都会收到消息。")
        return redirect(_url(pk))
    return form_page(request, "reminders/handover_cancel.html", form, handover=handover, back_url=_url(pk))


@require_safe
@never_cache
@requires(VIEW)
def handover_told(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who was told what and when; a page of its own that the handover's page opens in its place."""
    handover = _handover(request, pk, timezone.localdate())
    context = {"handover": handover, "told": told_about(handover_subject(handover.pk))}
    return render(request, "reminders/handover_told.html", context)


@require_safe
@never_cache
@requires(VIEW)
def handover_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """The one-page PDF; a draft until it is signed."""
    today = timezone.localdate()
    page = handover_page(_handover(request, pk, today), request.user, on=today)
    try:
        content = export_handover(page, by=request.user, now=timezone.now())
    except PdfFailedError:
        messages.error(request, "交接单没有生成，请稍后再试。")
        return redirect(_url(pk))
    name = (
        f"工作交接单_{page.handover.organisation.name[:40]}_{page.handover.leaver_name}_{today:%Y-%m-%d}.pdf"
    )
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})


def _url(pk: int) -> str:
    return reverse("reminders:handover_detail", args=[pk])


def _say(request: SignedInRequest, done: str, form: NoteForm | PartForm) -> None:
    """The outcome of a form that has no page of its own."""
    if done:
        messages.success(request, done)
    for errors in form.errors.values():
        for error in errors:
            messages.warning(request, str(error))
