"""The public pages of the channel. One address a matter: the history of a browser shows no step taken.

Nothing is kept between two pages: what was typed, and later the receipt, rides in the form itself.
"""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from burden.box.actions import accept_letter, look_up, withdraw
from burden.box.door import QuietRequest, quiet_page, quiet_read, render_quietly
from burden.box.files import BoxUnusable
from burden.box.forms import LEVEL_WORDS, CopyForm, LetterForm, ReceiptForm
from burden.box.limits import Level, Outcome, categories
from burden.box.promises import promises_of
from burden.box.receipts import Receipt, new_receipt, read_receipt
from burden.box.sealing import Letter
from burden.box.spool import DayFull, WeekFull
from burden.box.words import exposures
from burden.models.surveys import SurveyRound
from burden.queries.box_page import (
    names_of_people,
    names_of_places,
    open_levels,
    public_answers,
    public_figures,
    readers,
)

INVALID = 422
BUSY = 503


@quiet_page
def letter_write(request: QuietRequest) -> HttpResponse:
    """Write, check, send, copy the receipt: each a form that posts here and names its step."""
    if request.method != "POST":
        return _write(request, LetterForm(levels=open_levels()))
    if request.POST.get("step") == "copied":
        return _copied(request)
    form = LetterForm(request.POST, levels=open_levels())
    if not form.is_valid():
        return _write(request, form, status=INVALID)
    return LETTER_STEPS.get(request.POST.get("step", ""), _check)(request, form)


def _write(request: QuietRequest, form: LetterForm, *, status: int = 200) -> HttpResponse:
    promises = promises_of(production=settings.PRODUCTION, encrypted=request.is_secure())
    known = readers(form.levels, on=timezone.localdate())
    context = {
        "form": form,
        "ready": bool(form.levels),
        "promises": promises,
        "readers": known,
        "survey_runs": SurveyRound.objects.open().exists(),
    }
    return render_quietly(request, "box/letter_write.html", context, status=status)


def _edit(request: QuietRequest, form: LetterForm) -> HttpResponse:
    return _write(request, LetterForm(initial=form.cleaned_data, levels=form.levels))


def _check(request: QuietRequest, form: LetterForm) -> HttpResponse:
    """What may give the writer away, worked out in memory and forgotten with the answer."""
    letter = form.cleaned_data
    context = {
        "letter": letter,
        "category": categories()[letter["category"]],
        "level": LEVEL_WORDS[Level(letter["level"])],
        "exposures": exposures(letter["text"], names=names_of_people(), places=names_of_places()),
        # Pressed twice, or sent again by a reload, it is one letter.
        "once": new_receipt(),
    }
    return render_quietly(request, "box/letter_check.html", context)


def _send(request: QuietRequest, form: LetterForm) -> HttpResponse:
    """The receipt is shown only now that the letter lies safely in the spool."""
    letter = Letter(form.cleaned_data["category"], form.cleaned_data["text"])
    receipt = read_receipt(request.POST.get("once", "")) or new_receipt()
    try:
        accept_letter(letter, form.cleaned_data["level"], receipt=receipt)
    except (WeekFull, BoxUnusable) as reason:
        context = {"letter": form.cleaned_data, "once": receipt, "is_full": isinstance(reason, WeekFull)}
        return render_quietly(request, "box/letter_full.html", context, status=BUSY)
    return _sent(request, receipt, CopyForm())


def _sent(request: QuietRequest, receipt: Receipt, form: CopyForm, *, status: int = 200) -> HttpResponse:
    context = {"receipt": receipt, "form": form}
    return render_quietly(request, "box/letter_sent.html", context, status=status)


def _copied(request: QuietRequest) -> HttpResponse:
    """Compare what was typed with the receipt in the same form; neither is looked up or kept."""
    receipt = read_receipt(request.POST.get("receipt", ""))
    if receipt is None:
        return _write(request, LetterForm(levels=open_levels()))
    form = CopyForm(request.POST, receipt=receipt)
    if not form.is_valid():
        return _sent(request, receipt, form, status=INVALID)
    return render_quietly(request, "box/letter_copied.html")


LETTER_STEPS: Mapping[str, Callable[[QuietRequest, LetterForm], HttpResponse]] = {
    "check": _check,
    "edit": _edit,
    "send": _send,
}


@quiet_page
def receipt_look(request: QuietRequest) -> HttpResponse:
    """Look up a receipt, or withdraw its letter after one more question."""
    if request.method != "POST":
        return render_quietly(request, "box/receipt_look.html", {"form": ReceiptForm()})
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return render_quietly(request, "box/receipt_look.html", {"form": form}, status=INVALID)
    return RECEIPT_STEPS.get(request.POST.get("step", ""), _answer)(request, form.cleaned_data["receipt"])


def _answer(request: QuietRequest, receipt: Receipt) -> HttpResponse:
    """The same page for a receipt that is unknown, expired, withdrawn or not yet answered."""
    answer = look_up(receipt)
    outcome = Outcome(answer.outcome).label if answer else ""
    return render_quietly(request, "box/receipt_answer.html", {"answer": answer, "outcome": outcome})


def _ask(request: QuietRequest, receipt: Receipt) -> HttpResponse:
    return render_quietly(request, "box/receipt_withdraw.html", {"receipt": receipt})


def _withdraw(request: QuietRequest, receipt: Receipt) -> HttpResponse:
    try:
        withdraw(receipt)
    except BoxUnusable as reason:
        context = {"receipt": receipt, "is_day_full": isinstance(reason, DayFull), "is_busy": True}
        return render_quietly(request, "box/receipt_withdraw.html", context, status=BUSY)
    return render_quietly(request, "box/receipt_withdrawn.html")


RECEIPT_STEPS: Mapping[str, Callable[[QuietRequest, Receipt], HttpResponse]] = {
    "look": _answer,
    "ask": _ask,
    "withdraw": _withdraw,
}


@quiet_read
def wall(request: QuietRequest) -> HttpResponse:
    """What was answered in public, by month, and the figures of years that are over."""
    return render_quietly(request, "box/wall.html", {"months": public_answers(), "years": public_figures()})
