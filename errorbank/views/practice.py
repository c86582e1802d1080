"""This week's five: a question, its answer, how well it was remembered. For oneself alone."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, requires
from errorbank.actions.practice import PracticeRefused, forget_practice, rate_entry
from errorbank.forms.practice import RateForm
from errorbank.models import ErrorEntry
from errorbank.queries.practice import PRACTISE, choices_for, practised_entry, week_of
from errorbank.rules.practice import A_WEEK, Remembered

CHOSEN = "errorbank_practice_chosen"


@never_cache
@require_safe
@requires(PRACTISE)
def practice_question(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    week = week_of(request.user, on=today)
    entry = week.left[0] if week.left else None
    context = {
        "week": week,
        "entry": entry,
        "wording": entry.published if entry else None,
        "choices": choices_for(entry, request.user, on=today) if entry else [],
        "a_week": A_WEEK,
    }
    return render(request, "errorbank/practice_question.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(PRACTISE)
def practice_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was chosen stands in no address, and in the session only until the answer is rated."""
    entry = _entry(request, pk)
    if request.method == "POST":
        request.session[CHOSEN] = [pk, request.POST.get("choice", "")[:20]]
        return redirect("errorbank:practice_answer", pk)
    of, chosen = request.session.get(CHOSEN, (pk, ""))
    context = {
        "entry": entry,
        "wording": entry.published,
        "answered": of == pk and chosen != "",
        "is_right": of == pk and chosen == str(entry.published_id),
        "ratings": Remembered.choices,
    }
    return render(request, "errorbank/practice_answer.html", context)


@require_POST
@requires(PRACTISE)
def practice_rate(request: SignedInRequest, pk: int) -> HttpResponse:
    entry, form = _entry(request, pk), RateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请在“记得、有点模糊、忘了”中选一个。")
        return redirect("errorbank:practice_answer", pk)
    remembered = Remembered(form.cleaned_data["remembered"])
    request.session.pop(CHOSEN, None)
    try:
        rate_entry(request.user, entry, remembered=remembered, on=timezone.localdate())
    except PracticeRefused as refused:
        messages.info(request, str(refused))
    return redirect("errorbank:practice_question")


@require_POST
@requires(PRACTISE)
def practice_forget(request: SignedInRequest) -> HttpResponse:
    forget_practice(request.user)
    request.session.pop(CHOSEN, None)
    messages.success(request, "您的自测记录已全部删除。")
    return redirect("errorbank:practice_question")


def _entry(request: SignedInRequest, pk: int) -> ErrorEntry:
    entry = practised_entry(request.user, pk, on=timezone.localdate())
    if entry is None:
        raise Http404
    return entry
