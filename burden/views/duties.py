"""The duty list: read by everybody, settled by staff, and in short where something is asked of branches."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from branches.access import SignedInRequest, requires
from branches.models import Organisation
from branches.views.pages import INVALID
from burden.forms.duties import DutyForm
from burden.forms.lines import MORE
from burden.forms.measures import places_for
from burden.models.schemes import EDIT_DUTY, VIEW_DUTY
from burden.queries.duties import duties_for, duty_page
from burden.rules.duties import by_kind
from burden.rules.measures_vocabulary import DutyKind

# What whoever asks something of branches should have read.
TOLD = (DutyKind.MAY_DECLINE, DutyKind.DECIDES)


@require_safe
@never_cache
@requires(VIEW_DUTY)
def duty_list(request: SignedInRequest) -> HttpResponse:
    """`?version=3` another version; without it what holds today."""
    today, asked = timezone.localdate(), request.GET.get("version", "")
    known = asked.isascii() and asked.isdecimal() and len(asked) <= 18
    if asked and not known:
        raise Http404
    page = duty_page(request.user, asked=int(asked) if asked else None, on=today)
    if page is None:
        raise Http404
    places = places_for(request.user, EDIT_DUTY, on=today)
    return render(request, "burden/duty_list.html", {"page": page, "places": places, "on": today})


@require_http_methods(["GET", "POST"])
@never_cache
@requires(EDIT_DUTY)
def duty_edit(request: SignedInRequest, code: str) -> HttpResponse:
    today = timezone.localdate()
    place = get_object_or_404(places_for(request.user, EDIT_DUTY, on=today), code=code)
    form = DutyForm(request.POST or None, place=place, on=today, now=timezone.now())
    if form.is_bound and form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{place.name}的权责清单已保存。")
        return redirect("burden:duty_list")
    status = INVALID if form.is_bound and MORE not in request.POST else 200
    return render(request, "burden/duty_edit.html", {"form": form, "place": place}, status=status)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@requires(VIEW_DUTY)
def duty_excerpt(request: SignedInRequest, code: str) -> HttpResponse:
    """What branches of this organisation may decline, and who decides; by itself it is the whole list."""
    if not request.headers.get("HX-Request"):
        return redirect("burden:duty_list")
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, VIEW_DUTY, on=today)
    place = get_object_or_404(mine, code=code)
    lines, settled = duties_for(place, on=today)
    groups = [(kind, found) for kind, found in by_kind(lines) if kind in TOLD]
    return render(request, "burden/_duty_excerpt.html", {"groups": groups, "settled": settled})
