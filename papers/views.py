"""Official forms: the list, looking after templates, choosing a matter and filling one."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.rules import Refusal
from branches.views.pages import form_page
from papers.actions import retire_template
from papers.forms import MANAGE, FillForm, TemplateAddForm, TemplateReplaceForm
from papers.models import PaperTemplate
from papers.queries import FILL, Layout, layout_of, samples_of, sources_for, templates_by_source
from papers.source import PaperSource, PaperValues, place_of

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])
_OFFICE = "application/vnd.openxmlformats-officedocument."
CONTENT_TYPES = {"docx": f"{_OFFICE}wordprocessingml.document", "xlsx": f"{_OFFICE}spreadsheetml.sheet"}


def _source(request: SignedInRequest, code: str, on: date) -> PaperSource:
    """Http404 for a source this person may not read."""
    source = next((source for source in sources_for(request.user, on=on) if source.code == code), None)
    if source is None:
        raise Http404
    return source


def _managed(request: SignedInRequest, pk: int) -> PaperTemplate:
    mine = PaperTemplate.objects.permitted_to(request.user, MANAGE, on=timezone.localdate())
    return get_object_or_404(mine.for_list(), pk=pk)


@require_safe
@requires(FILL)
def paper_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "groups": templates_by_source(request.user, on=today),
        "may_manage": may(request.user, MANAGE, on=today),
    }
    return render(request, "papers/paper_list.html", context)


@require_safe
@requires(FILL)
def paper_names(request: SignedInRequest, code: str) -> HttpResponse:
    """Every name a template of this source may ask for."""
    source = _source(request, code, timezone.localdate())
    return render(request, "papers/paper_names.html", {"source": source, "samples": samples_of(source)})


@require_safe
@requires(FILL)
def sample_download(request: SignedInRequest, code: str, extension: str) -> HttpResponse:
    source = _source(request, code, timezone.localdate())
    sample = next((sample for sample in samples_of(source) if sample.key == extension), None)
    if sample is None:
        raise Http404
    return _attachment(sample.content, f"{source.title}_模板样式.{extension}", extension)


@PAGE_OR_FORM
@requires(MANAGE)
def template_add(request: SignedInRequest) -> HttpResponse:
    """`?source=meeting` chooses what it is for beforehand."""
    today = timezone.localdate()
    form = TemplateAddForm(
        request.POST or None,
        user=request.user,
        on=today,
        files=request.FILES or None,
        initial={"source": request.GET.get("source", "")},
    )
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "模板已上传，可以使用了。")
        return redirect("papers:template_detail", form.result.pk)
    return form_page(request, "papers/template_add.html", form, sources=sources_for(request.user, on=today))


@require_safe
@requires(FILL)
def template_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    reaching = PaperTemplate.objects.reaching(request.user, FILL, on=today).for_list()
    template = get_object_or_404(reaching.select_related("organisation", "added_by", "replaced_by"), pk=pk)
    managed = PaperTemplate.objects.permitted_to(request.user, MANAGE, on=today).filter(pk=pk)
    source = _source(request, template.source, today)
    context = {
        "template": template,
        "source": source,
        "fields": [field for field in source.all_fields if field.full_name in template.names],
        "replaces": template.replaces.defer("content").first(),
        "may_manage": template.retired_at is None and managed.exists(),
    }
    return render(request, "papers/template_detail.html", context)


@require_safe
@requires(FILL)
def template_download(request: SignedInRequest, pk: int) -> HttpResponse:
    reaching = PaperTemplate.objects.reaching(request.user, FILL, on=timezone.localdate())
    template = get_object_or_404(reaching, pk=pk)
    return _attachment(bytes(template.content), f"{template.title}.{template.kind}", template.kind)


@PAGE_OR_FORM
@requires(MANAGE)
def template_replace(request: SignedInRequest, pk: int) -> HttpResponse:
    template = _managed(request, pk)
    form = TemplateReplaceForm(request.POST or None, template=template, files=request.FILES or None)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, "已换成新文件，原来的文件留作记录。")
        return redirect("papers:template_detail", form.result.pk)
    return form_page(request, "papers/template_replace.html", form, replaced=template)


@PAGE_OR_FORM
@requires(MANAGE)
def template_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    template = _managed(request, pk)
    if request.method != "POST":
        return render(request, "papers/template_retire.html", {"template": template})
    try:
        retire_template(template, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"模板“{template.title}”已停用。")
    return redirect("papers:paper_list")


@never_cache
@PAGE_OR_FORM
@requires(FILL)
def paper_fill(request: SignedInRequest, code: str) -> HttpResponse:
    """`?template=` and `?object=`, in any order; what is not chosen yet is asked for."""
    today = timezone.localdate()
    source = _source(request, code, today)
    layout, (pk, matter) = _layout(request, source, today), _matter(request, source, today)
    context: dict[str, Any] = {"source": source, "layout": layout, "matter": matter, "object_id": pk}
    if layout is None or matter is None:
        return render(request, "papers/paper_fill.html", context | _choices(request, source, layout, today))
    data = request.POST if request.method == "POST" else None
    form = FillForm(data, layout=layout, matter=matter, object_id=pk)
    if form.is_valid() and form.save(by=request.user, on=today):
        return _attachment(form.result.content, form.result.name, layout.kind)
    place = place_of(source.code, pk) if form.missing else ""
    return form_page(request, "papers/paper_fill.html", form, **context, place=place)


def _layout(request: SignedInRequest, source: PaperSource, on: date) -> Layout | None:
    """None when none is chosen; Http404 when it is not this person's."""
    if not (key := request.GET.get("template", "")):
        return None
    if (layout := layout_of(request.user, source, key, on=on)) is None:
        raise Http404
    return layout


def _matter(request: SignedInRequest, source: PaperSource, on: date) -> tuple[int, PaperValues | None]:
    """The same for the matter."""
    if not (written := request.GET.get("object", "")):
        return 0, None
    pk = int(written) if written.isdecimal() and len(written) <= 18 else 0
    if (matter := source.values(request.user, pk, on)) is None:
        raise Http404
    return pk, matter


def _choices(
    request: SignedInRequest, source: PaperSource, layout: Layout | None, on: date
) -> dict[str, Any]:
    """First the template, then the matter."""
    if layout is None:
        groups = templates_by_source(request.user, on=on)
        asked = request.GET.get("object", "")
        group = next(group for group in groups if group.source is source)
        return {"group": group, "query": f"&object={asked}" if asked else ""}
    asked = request.GET.get("q", "").strip()[:80]
    return {"asked": asked, "choices": source.choices(request.user, asked, on)}


def _attachment(content: bytes, name: str, extension: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=CONTENT_TYPES[extension], headers=headers)
