"""The skill map: one's own, and a pupil's for the mentor while the pair lasts."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, requires
from training.models import Pair
from training.queries.skills import pupil_map, skill_map

VIEW_SKILL = "training.view_skill"


@require_safe
@requires(VIEW_SKILL)
def skill_mine(request: SignedInRequest) -> HttpResponse:
    page = skill_map(request.user, on=timezone.localdate())
    return render(request, "training/skill_mine.html", {"page": page})


@require_safe
@requires(VIEW_SKILL)
def skill_pupil(request: SignedInRequest, pk: int) -> HttpResponse:
    """`pk`: the pair; only its mentor, and only while it lasts."""
    today = timezone.localdate()
    mine = Pair.objects.running(on=today).filter(mentor=request.user)
    pair = get_object_or_404(mine.select_related("pupil"), pk=pk)
    context = {"page": pupil_map(pair.pupil, on=today), "pair": pair}
    return render(request, "training/skill_pupil.html", context)
