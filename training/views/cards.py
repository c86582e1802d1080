"""Scenario cards: the list, one card, playing alone and on a big screen, writing and publishing."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.forms.base import LONGEST_KEY
from branches.models import Organisation
from branches.views.pages import form_page
from errorbank.queries.entries import readable_entries
from errorbank.rules import ErrorCategory
from training.actions.cards import CardRefused, answer_step, publish_card, retire_card, start_again
from training.actions.cards import card_from_entry as draft_from
from training.forms.cards import CardForm
from training.models import Card
from training.models.cards import EDIT_CARD, PLAY_CARD
from training.queries.cards import (
    Play,
    cards_of,
    drafts_of,
    editing_place,
    play_of,
    retired_of,
    runs_of,
)
from training.rules.cards import screen_of, screens_of

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE, LONGEST_QUESTION, LONGEST_PAGE = 20, 60, 6


def _played(request: SignedInRequest, pk: int) -> Play:
    """How far this person is with a card that is open; else 404."""
    cards = Card.objects.open_to(request.user, on=timezone.localdate())
    card = get_object_or_404(cards.select_related("published", "entry__published"), pk=pk)
    play = play_of(request.user, card)
    if play is None:
        raise Http404
    return play


def _edited(request: SignedInRequest, pk: int) -> Card:
    mine = Card.objects.edited_by(request.user, on=timezone.localdate())
    return get_object_or_404(mine.select_related("published"), pk=pk)


def _place(request: SignedInRequest) -> Organisation:
    place = editing_place(request.user, on=timezone.localdate())
    if place is None:
        raise PermissionDenied
    return place


@require_safe
@requires(PLAY_CARD)
def card_list(request: SignedInRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    question = request.GET.get("q", "")[:LONGEST_QUESTION].replace("\0", " ").strip()
    category = request.GET.get("category", "")
    category = category if category in ErrorCategory.values else ""
    rows = cards_of(user, question=question, category=category, on=today)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page", "1")[:LONGEST_PAGE])
    runs, may_edit = runs_of(user), may(user, EDIT_CARD, on=today)
    context: dict[str, Any] = {
        "page": page,
        "plays": [Play(card, card.published, runs.get(card.pk)) for card in page if card.published],
        "question": question,
        "category": category,
        "categories": ErrorCategory.choices,
        "may_edit": may_edit,
        "drafts": drafts_of(user, on=today) if may_edit else [],
        "retired": retired_of(user, on=today) if may_edit else [],
    }
    return render(request, "training/card_list.html", context)


@require_safe
@requires(PLAY_CARD)
def card_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    shown = Card.objects.visible_to(user, on=today)
    card = get_object_or_404(shown.select_related("published", "organisation", "entry__published"), pk=pk)
    may_edit = Card.objects.edited_by(user, on=today).filter(pk=pk).exists()
    versions = list(card.versions.order_by("-number"))
    context = {
        "card": card,
        "play": play_of(user, card),
        "may_edit": may_edit,
        "draft": next((row for row in versions if may_edit and row.published_on is None), None),
        "versions": [row for row in versions if row.published_on],
    }
    return render(request, "training/card_detail.html", context)


@PAGE_OR_FORM
@requires(PLAY_CARD)
def card_play(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """One step; the one after the last says what to take home."""
    play = _played(request, pk)
    if request.method == "POST":
        choice = request.POST.get("choice", "")[:LONGEST_KEY]
        place = int(choice) if choice.isascii() and choice.isdigit() else -1
        try:
            answer_step(play.card, number, place, by=request.user, on=timezone.localdate())
        except CardRefused as refusal:
            messages.info(request, str(refusal))
        return redirect("training:card_play", pk, number)
    if not 1 <= number <= play.here:
        return redirect("training:card_play", pk, play.here)
    step = play.steps[number - 1] if number <= play.total else None
    context = {"play": play, "card": play.card, "number": number, "step": step}
    context["chosen"] = play.chosen(number)
    return render(request, "training/card_play.html", context)


@require_POST
@requires(PLAY_CARD)
def card_start(request: SignedInRequest, pk: int) -> HttpResponse:
    start_again(_played(request, pk).card, by=request.user)
    return redirect("training:card_play", pk, 1)


@require_safe
@requires(PLAY_CARD)
def card_screen(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """For a beamer: a step, then the same step with what follows from each choice, then the next."""
    today = timezone.localdate()
    cards = Card.objects.open_to(request.user, on=today).select_related("published")
    card = get_object_or_404(cards, pk=pk)
    steps = card.published.read_steps if card.published else ()
    if not 1 <= number <= screens_of(steps):
        raise Http404
    context = {"card": card, "screen": screen_of(steps, number), "total": len(steps)}
    return render(request, "training/card_screen.html", context)


@PAGE_OR_FORM
@requires(EDIT_CARD)
def card_add(request: SignedInRequest) -> HttpResponse:
    form = CardForm(request.POST or None, place=_place(request))
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "草稿已保存。看一遍没有问题，就点“发布”。")
        return redirect("training:card_detail", form.result.pk)
    return form_page(request, "training/card_add.html", form)


@PAGE_OR_FORM
@requires(EDIT_CARD)
def card_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the draft, or begin a new version of what is published."""
    card = _edited(request, pk)
    version = card.versions.order_by("-number").first()
    form = CardForm(request.POST or None, card=card, version=version)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "草稿已保存。看一遍没有问题，就点“发布”。")
        return redirect("training:card_detail", pk)
    return form_page(request, "training/card_edit.html", form, card=card)


@require_POST
@requires(EDIT_CARD)
def card_from_entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk` is that of an entry of the error bank."""
    entry = get_object_or_404(readable_entries(request.user, on=timezone.localdate()), pk=pk)
    try:
        card = draft_from(_place(request), entry, by=request.user)
    except CardRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("errorbank:entry_detail", pk)
    messages.success(request, "草稿已生成。请把情境写具体，再加一两步，看一遍就可以发布。")
    return redirect("training:card_edit", card.pk)


@require_POST
@requires(EDIT_CARD)
def card_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    card, today = _edited(request, pk), timezone.localdate()
    return _done(
        request, card, lambda: publish_card(card, by=request.user, on=today), "已发布，各支部可以练了。"
    )


@require_POST
@requires(EDIT_CARD)
def card_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    card = _edited(request, pk)
    return _done(request, card, lambda: retire_card(card, by=request.user), "已停用，练过的记录保留。")


def _done(request: SignedInRequest, card: Card, act: Callable[[], Card], words: str) -> HttpResponse:
    try:
        act()
    except CardRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"“{card.title}”{words}")
    return redirect("training:card_detail", card.pk)
