"""What is told of who was honoured: drafted by staff, released and taken back by the person."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, requires
from branches.views.pages import form_page
from incentives.actions.stories import take_story_back
from incentives.forms.honours import ReleaseForm, StoryForm
from incentives.models import HonourCase, HonourStory
from incentives.models.honours import RUN_HONOUR, VIEW_HONOUR
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.stories import StoryKind

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PER_PAGE = 20


@require_safe
@never_cache
@requires(VIEW_HONOUR)
def story_list(request: SignedInRequest) -> HttpResponse:
    found = HonourStory.objects.visible_to(request.user, on=timezone.localdate())
    related = ("case__call", "case__nominee", "case__organisation")
    rows = found.select_related(*related).order_by("-drafted_on", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "incentives/story_list.html", {"rows": page})


@require_safe
@never_cache
@requires(VIEW_HONOUR)
def story_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    found = HonourStory.objects.visible_to(request.user, on=timezone.localdate())
    related = ("case__call", "case__nominee", "case__organisation", "drafted_by")
    story = get_object_or_404(found.select_related(*related), pk=pk)
    context = {
        "story": story,
        "own": story.case.nominee_id == request.user.pk,
        "form": ReleaseForm(story=story),
    }
    return render(request, "incentives/story_detail.html", context)


@PAGE_OR_FORM
@requires(RUN_HONOUR)
def story_edit(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    today = timezone.localdate()
    if kind not in StoryKind.values:
        raise Http404
    cases = HonourCase.objects.permitted_to(request.user, RUN_HONOUR, on=today).awarded()
    case = get_object_or_404(cases.exclude(nominee=None).select_related("call", "nominee"), pk=pk)
    form = StoryForm(request.POST or None, case=case, kind=StoryKind(kind))
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已保存，{case.subject_name}同意以后才发布。")
        return redirect("incentives:story_detail", form.result.pk)
    return form_page(request, "incentives/story_edit.html", form, case=case, kind=form.kind)


@require_POST
@requires(VIEW_HONOUR)
def story_release(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    own = HonourStory.objects.filter(case__nominee=request.user)
    story = get_object_or_404(own.select_related("case"), pk=pk)
    form = ReleaseForm(request.POST, story=story)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已发布，您随时可以收回。")
    else:
        messages.error(request, "稿子刚刚改过，请重新看一遍再决定。")
    return redirect("incentives:story_detail", pk)


@require_POST
@requires(VIEW_HONOUR)
def story_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    own = HonourStory.objects.filter(case__nominee=request.user)
    story = get_object_or_404(own.select_related("case"), pk=pk)
    try:
        take_story_back(story, by=request.user, on=timezone.localdate())
        messages.success(request, "已收回，别人不再看到。")
    except IncentiveRefused as refused:
        messages.error(request, str(refused))
    return redirect("incentives:story_detail", pk)
