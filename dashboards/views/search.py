"""One box for everything: a plain form, answered as a page or, while somebody types, as a part of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from branches.access import SignedInRequest, requires
from branches.rules.search import LONGEST_QUESTION, read_question
from dashboards.queries.search import kind_of
from dashboards.queries.search import search as find

INVALID = 422


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@requires("dashboards.search")
def search(request: SignedInRequest) -> HttpResponse:
    """`?q=` is the question, `?kind=` narrows to one kind with pages; nobody writes down what was asked."""
    question = read_question(request.GET.get("q", ""))
    kind = kind_of(request.GET.get("kind", ""))
    page = _page(request.GET.get("page", ""))
    answer = find(request.user, question, on=timezone.localdate(), kind=kind, page=page)
    context = {"question": question, "answer": answer, "longest": LONGEST_QUESTION}
    template = "_search_answer" if request.headers.get("HX-Request") else "search"
    status = INVALID if question.trouble else 200
    return render(request, f"dashboards/{template}.html", context, status=status)


def _page(asked: str) -> int:
    return int(asked) if asked.isdecimal() and len(asked) < 4 else 1
