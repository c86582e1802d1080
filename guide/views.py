"""Help on the screens, and the tour somebody sees at the first sign-in.

Every page here is for everybody who is signed in: it explains, and shows no data of any organisation.
"""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import safe_next
from branches.access import SignedInRequest, holdings_of
from guide import queries
from guide.actions import put_away
from guide.rules import TOUR_SHOWN, Entry, Tour

LONGEST_QUESTION = 40


@require_safe
def help_list(request: SignedInRequest) -> HttpResponse:
    """Everything by area, the reader's own first; `?q=` looks for words."""
    holdings = holdings_of(request.user, on=timezone.localdate())
    asked = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    context = {
        "asked": asked,
        "hits": queries.find_help(asked.split(), holdings=holdings),
        "shelves": queries.shelves(holdings, mine=True),
        "others": queries.shelves(holdings, mine=False),
        "tours": queries.tours_for(holdings),
        **_way_back(request),
    }
    return render(request, "guide/help_list.html", context)


@require_safe
def help_page(request: SignedInRequest, code: str) -> HttpResponse:
    entry = queries.all_entries().get(code)
    if entry is None:
        raise Http404
    return render(request, "guide/help_page.html", _entry_context(request, entry))


@require_safe
@vary_on_headers("HX-Request")
def help_here(request: SignedInRequest) -> HttpResponse:
    """The entry on `?screen=URL_NAME`: with htmx a fragment, else to its page; the list when none is."""
    entry = queries.entry_on(request.GET.get("screen", ""))
    if request.headers.get("HX-Request"):
        return render(request, "guide/_help_inline.html", _entry_context(request, entry))
    target = reverse("guide:help_page", args=[entry.code]) if entry else reverse("guide:help_list")
    return redirect(f"{target}{_way_back(request)['keep']}")


@require_safe
def tour_page(request: SignedInRequest, code: str) -> HttpResponse:
    """One calm page of a few steps; once shown, this visit is not led here again."""
    tour = _own_tour(request, code)
    if not request.session.get(TOUR_SHOWN):
        request.session[TOUR_SHOWN] = True
    return render(request, "guide/tour_page.html", {"tour": tour})


@require_POST
def tour_done(request: SignedInRequest, code: str) -> HttpResponse:
    put_away(_own_tour(request, code), user=request.user, now=timezone.now())
    return redirect("home")


def _own_tour(request: SignedInRequest, code: str) -> Tour:
    """Http404 for a tour of a role this person does not have."""
    mine = queries.tours_for(holdings_of(request.user, on=timezone.localdate()))
    found = next((tour for tour in mine if tour.code == code), None)
    if found is None:
        raise Http404
    return found


def _entry_context(request: SignedInRequest, entry: Entry | None) -> dict[str, Any]:
    return {"entry": entry, "related": queries.related(entry) if entry else [], **_way_back(request)}


def _way_back(request: SignedInRequest) -> dict[str, Any]:
    """The page somebody came from, as a link and as what the links between pages of help carry along."""
    asked = request.GET.get("back")
    if not asked:
        return {"back": "", "keep": ""}
    back = safe_next(request, asked)
    return {"back": back, "keep": f"?{urlencode({'back': back})}"}
