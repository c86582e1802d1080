"""Mentors: quiet help, what one offers, pairs and their end."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from training.actions.mentors import ENDED, MentorRefused, ask_help, close_help
from training.forms.mentors import DecideForm, OfferForm, PairForm, TalkForm
from training.models import HelpRequest, Pair
from training.models.mentors import ASK_HELP, KEEP_MENTOR, VIEW_MENTOR
from training.queries.mentors import help_page, offers_for, pair_page, pairs_of, topics_asked_for

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(VIEW_MENTOR)
def help_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    context = {
        "page": help_page(user, may_ask=may(user, ASK_HELP, on=today), on=today),
        "keeps": (keeps := may(user, KEEP_MENTOR, on=today)),
        "asked_for": topics_asked_for(user, on=today) if keeps else [],
    }
    return render(request, "training/help_list.html", context)


@PAGE_OR_FORM
@requires(VIEW_MENTOR)
def help_offer(request: SignedInRequest) -> HttpResponse:
    form = OfferForm(request.POST or None, user=request.user)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        done = "同事能看到您可以帮这些了。" if form.result else "已经从帮手名单里取下。"
        messages.success(request, done)
        return redirect("training:help_list")
    return form_page(request, "training/help_offer.html", form)


@require_POST
@requires(ASK_HELP)
def help_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    offer = get_object_or_404(offers_for(request.user, on=today), pk=pk)
    try:
        row = ask_help(offer, by=request.user, on=today)
    except MentorRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"已经告诉{row.helper.name}，只有对方看得到是您。")
    return redirect("training:help_list")


@require_POST
@requires(VIEW_MENTOR)
def help_close(request: SignedInRequest, pk: int) -> HttpResponse:
    mine = HelpRequest.objects.filter(Q(asker=request.user) | Q(helper=request.user))
    row = get_object_or_404(mine, pk=pk)
    try:
        close_help(row, by=request.user, on=timezone.localdate())
    except MentorRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, "已经收起。")
    return redirect("training:help_list")


@require_safe
@requires(VIEW_MENTOR)
def pair_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    rows = pairs_of(user, on=today)
    context = {
        "standing": [pair for pair in rows if not pair.has_ended],
        "ended": [pair for pair in rows if pair.has_ended],
        "may_keep": may(user, KEEP_MENTOR, on=today),
        "today": today,
    }
    return render(request, "training/pair_list.html", context)


@PAGE_OR_FORM
@requires(KEEP_MENTOR)
def pair_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = PairForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "结好了，两人会收到通知；到期前两周清单里提醒。")
        return redirect("training:pair_detail", form.result.pk)
    return form_page(request, "training/pair_add.html", form)


@require_safe
@requires(VIEW_MENTOR)
def pair_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    pair = _seen_by(request, pk)
    page = pair_page(pair, request.user, on=today)
    form = TalkForm(pair=pair, on=today) if page.is_running else None
    return render(request, "training/pair_detail.html", {"page": page, "form": form})


@PAGE_OR_FORM
@requires(KEEP_MENTOR)
def pair_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    kept = Pair.objects.permitted_to(request.user, KEEP_MENTOR, on=today)
    pair = get_object_or_404(kept.select_related("mentor", "pupil"), pk=pk)
    if pair.has_ended:
        messages.info(request, ENDED)
        return redirect("training:pair_detail", pk)
    form = DecideForm(request.POST or None, pair=pair, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "定下了，两人会收到通知。")
        return redirect("training:pair_detail", pk)
    return form_page(request, "training/pair_decide.html", form, pair=pair)


@PAGE_OR_FORM
@requires(VIEW_MENTOR)
def pair_talk(request: SignedInRequest, pk: int) -> HttpResponse:
    """The day of a talk, by one of the two."""
    today = timezone.localdate()
    pair = get_object_or_404(Pair.objects.of(request.user).select_related("mentor", "pupil"), pk=pk)
    form = TalkForm(request.POST or None, pair=pair, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "记下了。")
        return redirect("training:pair_detail", pk)
    return form_page(request, "training/pair_talk.html", form, pair=pair)


def _seen_by(request: SignedInRequest, pk: int) -> Pair:
    shown = Pair.objects.visible_to(request.user, on=timezone.localdate())
    return get_object_or_404(shown.select_related("mentor", "pupil", "organisation"), pk=pk)
