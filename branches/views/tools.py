"""Two calculators: they answer and store nothing."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from branches.access import SignedInRequest, requires
from branches.forms.tools import DuesForm, VoteForm
from branches.models import Organisation
from branches.rules import dues, votes
from branches.rules.basis import merged_sentence
from branches.views.pages import INVALID

USE = "branches.use_calculator"


@require_GET
@requires(USE)
def vote_calculator(request: SignedInRequest) -> HttpResponse:
    today, kind = timezone.localdate(), _chosen(votes.VoteKind, request.GET.get("kind"))
    mine = Organisation.objects.permitted_to(request.user, USE, on=today)
    branches = mine.branches().active(on=today).order_by("code")
    asked = request.GET if "asked" in request.GET else None
    form = VoteForm(asked, kind=kind, branches=branches, on=today)
    status = INVALID if form.errors else 200
    context = {
        "form": form,
        "kind": kind,
        "kinds": votes.VoteKind,
        "rule": votes.RULES[kind],
        "votes": votes,
        "tool": "votes",
    }
    return render(request, "branches/vote_calculator.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@cache_control(no_store=True)
@requires(USE)
def dues_calculator(request: SignedInRequest) -> HttpResponse:
    """Amounts come in the body of a POST alone, so that no address and no log shows them."""
    category = _chosen(dues.DuesCategory, request.GET.get("category"))
    form = DuesForm(request.POST if request.method == "POST" else None, category=category)
    status = INVALID if form.errors else 200
    context = {"form": form, "category": category, "categories": dues.DuesCategory, "dues": dues}
    # What somebody wrote into the address is handed on to no other page.
    context |= {"tool": "dues", "note": dues.NOTE_OF.get(category), "private_address": True}
    if form.is_bound and form.is_valid() and form.result:
        context |= {
            "steps": dues.explain(form.result),
            "basis": merged_sentence(dues.BRACKET_BASIS[category]),
        }
        context |= _side_notes(form)
    return render(request, "branches/dues_calculator.html", context, status=status)


def _side_notes(form: DuesForm) -> dict[str, Any]:
    admitted, unpaid = form.cleaned_data["admitted_on"], form.cleaned_data["unpaid"]
    return {
        "first_month": dues.first_month(admitted) if admitted else None,
        "arrears": dues.arrears_hint(unpaid or 0),
    }


def _chosen(choices: Any, value: str | None) -> Any:
    """The chosen entry, or the first: an address nobody made leads to the usual case."""
    return choices(value) if value in choices.values else next(iter(choices))
