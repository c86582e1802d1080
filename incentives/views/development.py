"""Reserve pool, recommendations and the evidence file: the person's own, and those one keeps."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.views.pages import form_page
from incentives.actions.development import answer_reserve, dossier_pdf, make_dossier
from incentives.forms.development import RecommendForm, ReserveDecideForm, ReserveEndForm, ReserveForm
from incentives.models import Dossier, Recommendation, ReservePlace
from incentives.models.contributions import VIEW_RECORD
from incentives.models.development import KEEP_RESERVE
from incentives.models.notices import VIEW_NOTICE
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.levels import RUNNING_RESERVE
from incentives.views.levels import person_or_404
from ledgers.renderers.pdf import CONTENT_TYPE, PdfFailedError

PAGE_OR_FORM = require_http_methods(["GET", "POST"])


@require_safe
@never_cache
@requires(VIEW_NOTICE)
def reserve_list(request: SignedInRequest) -> HttpResponse:
    """One's own, and those of organisations whose pool one keeps; nobody else's."""
    today = timezone.localdate()
    related = ("user", "organisation", "proposed_by", "decided_by")
    places = ReservePlace.objects.visible_to(request.user, on=today).select_related(*related)
    told = Recommendation.objects.visible_to(request.user, on=today)
    context = {
        "rows": places.order_by("organisation__level", "organisation__code", "user__name", "-pk"),
        "told": told.select_related("user", "organisation", "made_by").order_by("-made_on", "-pk"),
        "running": RUNNING_RESERVE,
        "keeps": may(request.user, KEEP_RESERVE, on=today),
    }
    return render(request, "incentives/reserve_list.html", context)


@PAGE_OR_FORM
@requires(KEEP_RESERVE)
def reserve_propose(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = ReserveForm(request.POST or None, user=request.user, on=today, now=timezone.now())
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已提出，请本人答复。")
        return redirect("incentives:reserve_list")
    return form_page(request, "incentives/reserve_propose.html", form)


@require_POST
@requires(VIEW_NOTICE)
def reserve_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(ReservePlace.objects.filter(user=request.user), pk=pk)
    try:
        agrees = request.POST.get("agrees") == "yes"
        answer_reserve(place, agrees=agrees, by=request.user, on=timezone.localdate())
        messages.success(request, "已记下您的答复。")
    except IncentiveRefused as refused:
        messages.error(request, str(refused))
    return redirect("incentives:reserve_list")


@PAGE_OR_FORM
@requires(KEEP_RESERVE)
def reserve_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = ReservePlace.objects.permitted_to(request.user, KEEP_RESERVE, on=today)
    place = get_object_or_404(mine.select_related("user"), pk=pk)
    form = ReserveDecideForm(request.POST or None, place=place)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "研究结果已登记，本人能看到。")
        return redirect("incentives:reserve_list")
    return form_page(request, "incentives/reserve_decide.html", form, place=place)


@PAGE_OR_FORM
@requires(VIEW_NOTICE)
def reserve_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = ReservePlace.objects.visible_to(request.user, on=today)
    place = get_object_or_404(mine.select_related("user"), pk=pk)
    form = ReserveEndForm(request.POST if request.method == "POST" else None, place=place)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已结束。")
        return redirect("incentives:reserve_list")
    return form_page(request, "incentives/reserve_end.html", form, place=place)


@PAGE_OR_FORM
@requires(KEEP_RESERVE)
def recommendation_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    form = RecommendForm(request.POST or None, user=request.user, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "推荐已登记，本人能看到。")
        return redirect("incentives:reserve_list")
    return form_page(request, "incentives/recommendation_add.html", form)


@require_POST
@requires(VIEW_NOTICE)
def dossier_make(request: SignedInRequest, pk: int) -> HttpResponse:
    """One click: freeze today's evidence file and hand over its PDF."""
    today = timezone.localdate()
    person = person_or_404(request, pk, VIEW_RECORD, on=today)
    return _pdf(request, make_dossier(person.user, person.organisation, by=request.user, on=today))


@require_safe
@never_cache
@requires(VIEW_NOTICE)
def dossier_list(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    person = person_or_404(request, pk, VIEW_RECORD, on=today)
    files = Dossier.objects.visible_to(request.user, on=today).filter(user=person.user)
    context = {
        "person": person,
        "own": person.user.pk == request.user.pk,
        "files": files.select_related("made_by").order_by("-made_on", "-pk"),
    }
    return render(request, "incentives/dossier_list.html", context)


@require_safe
@never_cache
@requires(VIEW_NOTICE)
def dossier_download(request: SignedInRequest, pk: int) -> HttpResponse:
    """Made again from the stored snapshot."""
    today = timezone.localdate()
    found = Dossier.objects.visible_to(request.user, on=today).select_related("user")
    return _pdf(request, get_object_or_404(found, pk=pk))


def _pdf(request: SignedInRequest, dossier: Dossier) -> HttpResponse:
    try:
        content = dossier_pdf(dossier, by=request.user)
    except (IncentiveRefused, PdfFailedError) as problem:
        messages.error(request, str(problem))
        return redirect("incentives:dossier_list", dossier.user_id)
    name = content_disposition_header(True, f"履职实绩档案_{dossier.user.name}_{dossier.made_on}.pdf") or ""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": name})
