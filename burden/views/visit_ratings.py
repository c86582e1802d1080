"""What branches say of visits: their own page, and the sums that may be shown."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, requires
from branches.models import Organisation
from branches.views.pages import form_page
from burden.forms.visits import RatingForm
from burden.models import VisitRating
from burden.models.visits import FILE_VISIT, RATE_VISIT
from burden.queries.visit_ratings import closed_quarters, published_ratings, shown_rows
from burden.queries.visits import office_looks
from burden.rules.suppression import LEAST
from burden.views.visits import PAGE_OR_FORM, asked_year


@PAGE_OR_FORM
@never_cache
@requires(RATE_VISIT)
def visit_rate(request: SignedInRequest, inspection: int, branch: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, RATE_VISIT, on=today).branches()
    place = get_object_or_404(mine, pk=branch)
    looked = get_object_or_404(office_looks().filter(targets=place), pk=inspection)
    rating = VisitRating.objects.filter(inspection=looked, branch=place).first()
    form = RatingForm(request.POST or None, inspection=looked, branch=place, rating=rating)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "评价已保存，本季度内可以修改。")
        return redirect("burden:visit_list")
    context = {"inspection": looked, "branch": place, "rating": rating}
    return form_page(request, "burden/visit_rate.html", form, **context)


@require_safe
@requires(FILE_VISIT)
def visit_ratings(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    year = asked_year(request, usual=today.year)
    context = {
        "year": year,
        "rows": shown_rows(published_ratings(request.user, year, on=today)),
        "closed": closed_quarters(year, on=today),
        "least": LEAST,
    }
    return render(request, "burden/visit_ratings.html", context)
