"""The joint-branch planner: who is in trouble, ranked proposals, groups composed by hand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.actions.joint import PlanRefused, draft_plan, groups_from
from branches.actions.joint_job import JOB, kept_report, request_proposal
from branches.forms.joint import ASKED, ComposeForm, PlannerForm, planning_places
from branches.models import JointPlan, Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.planning.sketch import joint_sketch
from branches.queries.joint import Scene, preferences_for, report_of, scene_of
from branches.queries.joint_compose import Composed, compose
from branches.queries.joint_plan import plans_for
from jobs.actions import JobNotOpenError, cancel, send
from jobs.models import Job

VIEW, EDIT = "branches.view_joint_plan", "branches.edit_joint_plan"
INVALID = 422
# From so many branches on, the proposal is worked out in the background.
IN_REQUEST = 60


@dataclass(frozen=True)
class Asked:
    """What a request asks: the form, and the scene where the form holds."""

    organisation: Organisation
    form: PlannerForm
    values: dict[str, Any]
    scene: Scene | None

    @property
    def is_large(self) -> bool:
        return self.scene is not None and len(self.scene.branches) > IN_REQUEST


@require_safe
@requires(VIEW)
def joint_planner(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = _asked(request, on=today)
    if asked is None:
        return render(request, "branches/joint_planner.html", {"plans": []})
    report = _report(request, asked)
    context = {
        "asked": asked,
        "form": asked.form,
        "report": report,
        "cards": _cards(asked, report) if report else [],
        "plans": plans_for(request.user, on=today),
        "may_edit": _may_edit(request, asked.organisation, on=today),
        "query": request.GET.urlencode(),
    }
    status = INVALID if asked.form.errors else 200
    return render(request, "branches/joint_planner.html", context, status=status)


@require_POST
@requires(EDIT)
def joint_accept(request: SignedInRequest) -> HttpResponse:
    """Make a draft of one alternative; the address carries the same question as the page."""
    today = timezone.localdate()
    asked = _asked(request, on=today)
    if asked is None or asked.scene is None or not _may_edit(request, asked.organisation, on=today):
        raise Http404
    report = _report(request, asked)
    chosen = _chosen(report, request.POST) if report else None
    if report is None or chosen is None:
        messages.error(request, "情况已有变化，请核对最新的方案后再采用。")
        return redirect(_back(request))
    return _drafted(request, asked, figures={**_said(report), "alternative": chosen, "origin": "proposal"})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(VIEW)
def joint_compose(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = _asked(request, on=today)
    if asked is None or asked.scene is None:
        return redirect("branches:joint_planner")
    form = _compose_form(request, asked.scene)
    composed = _composed(form, asked)
    if composed and "draft" in request.POST and _fits(form, composed):
        return _draft_by_hand(request, asked, composed)
    context = {
        "asked": asked,
        "form": form,
        "composed": composed,
        "drawing": _drawing(composed),
        "may_edit": _may_edit(request, asked.organisation, on=today),
        "query": request.GET.urlencode(),
    }
    status = INVALID if form.errors else 200
    return render(request, "branches/joint_compose.html", context, status=status)


@require_POST
@requires(VIEW)
def joint_start(request: SignedInRequest) -> HttpResponse:
    """Work a large proposal out in the background."""
    asked = _asked(request, on=timezone.localdate())
    if asked is None or asked.scene is None:
        return redirect(_back(request))
    job = request_proposal(
        asked.organisation,
        on=asked.scene.on,
        chosen=asked.values["branches"],
        preferences=asked.scene.question.preferences,
        query=_question(request),
        by=request.user,
    )
    send(job)
    return redirect("branches:joint_progress", job.pk)


@require_safe
@requires(VIEW)
def joint_progress(request: SignedInRequest, pk: UUID) -> HttpResponse:
    job = _own_job(request, pk)
    query = job.parameters["query"]
    context = {"job": job, "result_url": f"{reverse('branches:joint_planner')}?{query}&job={job.pk}"}
    template = (
        "branches/_joint_progress.html"
        if request.headers.get("HX-Request")
        else "branches/joint_progress.html"
    )
    return render(request, template, context)


@require_POST
@requires(VIEW)
def joint_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    job = _own_job(request, pk)
    try:
        cancel(job)
    except JobNotOpenError as error:
        messages.info(request, str(error))
    return redirect("branches:joint_progress", pk)


def _own_job(request: SignedInRequest, pk: UUID) -> Job:
    return get_object_or_404(Job.objects.owned_by(request.user).filter(kind=JOB), pk=pk)


def _asked(request: SignedInRequest, *, on: date) -> Asked | None:
    """What the address asks; None where the person has no organisation to plan for."""
    places = planning_places(Organisation.objects.permitted_to(request.user, VIEW, on=on), on=on)
    organisation = _organisation(places, request.GET.get("organisation", ""))
    if organisation is None:
        return None
    day = _day(request.GET.get("as_of", ""), on)
    wishes = preferences_for(organisation, on=day)
    data = request.GET if ASKED in request.GET else None
    form = PlannerForm(data, places=places, organisation=organisation, on=day, wishes=wishes)
    if form.is_bound and not form.is_valid():
        return Asked(organisation, form, {}, None)
    values = form.values()
    preferences = form.preferences() if form.is_bound else wishes
    scene = scene_of(organisation, on=values["as_of"], chosen=values["branches"], preferences=preferences)
    return Asked(organisation, form, values, scene)


def _organisation(places: OrganisationQuerySet, given: str) -> Organisation | None:
    """The asked one, else the first general branch, else the first of all."""
    found = list(places.order_by("-kind", "level", "code"))
    asked = (place for place in found if str(place.pk) == given)
    return next(asked, found[0] if found else None)


def _day(given: str, today: date) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return today


def _question(request: SignedInRequest) -> str:
    """The address without the job that answers it."""
    asked = request.GET.copy()
    asked.pop("job", None)
    return asked.urlencode()


def _report(request: SignedInRequest, asked: Asked) -> Mapping[str, Any] | None:
    """The answer: worked out here, or by a finished job of this person for the same question."""
    if asked.scene is None:
        return None
    if not asked.is_large:
        return report_of(asked.scene)
    try:
        key = UUID(request.GET.get("job", ""))
    except ValueError:
        return None
    job = Job.objects.owned_by(request.user).filter(kind=JOB, pk=key).first()
    return kept_report(job, _question(request)) if job else None


def _cards(asked: Asked, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each alternative with its drawing, and the address where it can be changed by hand."""
    conditions = {name: value for name, value in asked.values.items() if name not in {"branches", "asked"}}
    conditions |= {"organisation": asked.organisation.pk, "as_of": report["as_of"], ASKED: "1"}
    kept = {
        name: "on" if value is True else value for name, value in conditions.items() if value is not False
    }
    return [
        {
            "one": one,
            "drawing": joint_sketch(report["places"], one["groups"], uid=f"plan{one['rank']}"),
            "signature": _signature(one),
            "compose": urlencode({**kept, **_places_in(one)}),
        }
        for one in report["alternatives"]
    ]


def _drawing(composed: Composed | None) -> str | None:
    if composed is None:
        return None
    return joint_sketch(composed.figures["places"], composed.figures["alternative"]["groups"], uid="composed")


def _places_in(one: Mapping[str, Any]) -> dict[str, int]:
    return {f"in_{key}": n for n, group in enumerate(one["groups"], 1) for key in group["keys"]}


def _signature(one: Mapping[str, Any]) -> str:
    """Which branches stand together: what the person saw when accepting."""
    return ";".join("+".join(group["branches"]) for group in one["groups"])


def _chosen(report: Mapping[str, Any], posted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The alternative of that rank, if it is still the one that was shown."""
    for one in report["alternatives"]:
        if str(one["rank"]) == posted.get("rank") and _signature(one) == posted.get("signature"):
            return dict(one)
    return None


def _said(report: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("as_of", "horizon_months", "in_trouble", "places", "status", "status_text", "unplaced")
    return {name: report[name] for name in kept}


def _drafted(request: SignedInRequest, asked: Asked, *, figures: dict[str, Any]) -> HttpResponse:
    scene = asked.scene
    if scene is None:
        raise Http404
    try:
        plan: JointPlan = draft_plan(
            asked.organisation,
            groups=groups_from(figures["alternative"]["groups"], scene.branches),
            as_of=scene.on,
            parameters=asdict(scene.question.preferences),
            figures=figures,
            by=request.user,
        )
    except PlanRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(request))
    messages.success(request, "已保存为草案。请核对名称、集中地点和书记人选，再按步骤报批。")
    return redirect("branches:joint_plan", plan.pk)


def _compose_form(request: SignedInRequest, scene: Scene) -> ComposeForm:
    """Filled from what was sent, or from an address that names groups."""
    given = request.POST if request.method == "POST" else request.GET
    data = given if any(name.startswith("in_") for name in given) else None
    return ComposeForm(data, branches=scene.branches.values(), wishes=scene.question.preferences)


def _composed(form: ComposeForm, asked: Asked) -> Composed | None:
    if asked.scene is None or not form.is_bound or not form.is_valid():
        return None
    return compose(asked.scene, form.composed(), form.preferences())


def _fits(form: ComposeForm, composed: Composed) -> bool:
    """Whether a draft may be made of it; what the documents do not allow is said on the form."""
    if composed.refusal:
        form.add_error(None, composed.refusal)
    return not composed.refusal


def _draft_by_hand(request: SignedInRequest, asked: Asked, composed: Composed) -> HttpResponse:
    if not _may_edit(request, asked.organisation, on=timezone.localdate()):
        raise Http404
    return _drafted(request, asked, figures=composed.figures)


def _may_edit(request: SignedInRequest, organisation: Organisation, *, on: date) -> bool:
    mine = Organisation.objects.permitted_to(request.user, EDIT, on=on)
    return may(request.user, EDIT, on=on) and mine.filter(pk=organisation.pk).exists()


def _back(request: SignedInRequest) -> str:
    query = request.GET.urlencode()
    return reverse("branches:joint_planner") + (f"?{query}" if query else "")
