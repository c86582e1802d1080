"""Study packs: links and files that help with an action."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from branches.forms.base import LONGEST_KEY
from reminders.actions.packs import PackRefusal, remove_material, retire_pack
from reminders.forms.pack import MaterialForm, PackForm
from reminders.models import StudyMaterial, StudyPack
from reminders.queries.packs import linked_actions, packs_for_list
from reminders.uploads import CONTENT_TYPES, FileRefused, extension_of
from reminders.views.scope import chosen_scope
from training.models import Session

READ, EDIT = "reminders.view_pack", "reminders.edit_pack"
PAGE_SIZE = 50
INVALID = 422
PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(READ)
def pack_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    packs = packs_for_list(request.user, on=today)
    page = Paginator(packs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "may_edit": may(request.user, EDIT, on=today)}
    return render(request, "reminders/pack_list.html", context)


@PAGE_OR_FORM
@requires(READ)
def pack_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The pack; who may edit it adds a material from the same page."""
    today = timezone.localdate()
    pack = get_object_or_404(StudyPack.objects.visible_to(request.user, on=today), pk=pk)
    editable = pack.retired_at is None and _editable(request).filter(pk=pk).exists()
    if request.method == "POST" and not editable:
        raise Http404
    form = MaterialForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _added(form, pack, request):
        messages.success(request, "资料已添加。")
        return redirect("reminders:pack_detail", pack.pk)
    context = {
        "pack": pack,
        "form": form if editable else None,
        "materials": pack.materials.order_by("pk"),
        "actions": linked_actions(pack, request.user, on=today),
    }
    return render(request, "reminders/pack_detail.html", context, status=_status(form))


def _added(form: MaterialForm, pack: StudyPack, request: SignedInRequest) -> bool:
    try:
        form.save(pack, by=request.user)
    except (PackRefusal, FileRefused) as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _kept(form: PackForm, request: SignedInRequest) -> StudyPack | None:
    """Save; None with the refusal as a form error."""
    try:
        return form.save(by=request.user)
    except PackRefusal as refusal:
        form.add_error(None, str(refusal))
        return None


@PAGE_OR_FORM
@requires(EDIT)
def pack_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    session = _session(request)
    scope = chosen_scope(request, EDIT, on=today)
    place = session.organisation if session else scope.place
    form = PackForm(request.POST or None, organisation=place, on=today, session=session)
    if form.is_valid() and (pack := _kept(form, request)):
        messages.success(request, "资料包已建立，请添加资料。")
        return redirect("reminders:pack_detail", pack.pk)
    context = {"form": form, "scope": scope, "session": session}
    return render(request, "reminders/pack_add.html", context, status=_status(form))


def _session(request: SignedInRequest) -> Session | None:
    """The session of the address that this person's office holds, else 404; None without one."""
    if not (text := request.GET.get("session", "")):
        return None
    mine = Session.objects.permitted_to(request.user, EDIT, on=timezone.localdate())
    key = int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else 0
    return get_object_or_404(mine.select_related("organisation"), pk=key)


@require_safe
@requires(READ)
def pack_of_session(request: SignedInRequest, session: int) -> HttpResponse:
    """To what was handed out at a session; who may edit packs makes one where there is none."""
    today = timezone.localdate()
    found = get_object_or_404(Session.objects.visible_to(request.user, on=today), pk=session)
    pack = StudyPack.objects.visible_to(request.user, on=today).in_use().filter(session=found).first()
    if pack:
        return redirect("reminders:pack_detail", pack.pk)
    if Session.objects.permitted_to(request.user, EDIT, on=today).filter(pk=session).exists():
        answer = redirect("reminders:pack_add")
        answer["Location"] += f"?session={session}"
        return answer
    messages.info(request, "这次培训还没有放学习资料。")
    return redirect("training:session_detail", session)


@PAGE_OR_FORM
@requires(EDIT)
def pack_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    pack = get_object_or_404(_editable(request).in_use().select_related("organisation"), pk=pk)
    form = PackForm(request.POST or None, organisation=pack.organisation, on=today, pack=pack)
    if form.is_valid() and _kept(form, request):
        messages.success(request, "资料包已更新。")
        return redirect("reminders:pack_detail", pack.pk)
    return render(request, "reminders/pack_edit.html", {"form": form, "pack": pack}, status=_status(form))


@PAGE_OR_FORM
@requires(EDIT)
def pack_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    pack = get_object_or_404(_editable(request), pk=pk)
    if request.method != "POST":
        return render(request, "reminders/pack_retire.html", {"pack": pack})
    try:
        retire_pack(pack, by=request.user, at=timezone.now())
    except PackRefusal as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"资料包“{pack.title}”已停用。")
    return redirect("reminders:pack_list")


@require_POST
@requires(EDIT)
def material_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    material = get_object_or_404(StudyMaterial, pk=pk, pack__in=_editable(request))
    try:
        remove_material(material, by=request.user)
    except PackRefusal as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"“{material.title}”已移除。")
    return redirect("reminders:pack_detail", material.pack_id)


@require_safe
@requires(READ)
def material_download(request: SignedInRequest, pk: int) -> FileResponse:
    """A file as an attachment; the browser is told neither to guess its type nor to run it."""
    visible = StudyPack.objects.visible_to(request.user, on=timezone.localdate())
    material = get_object_or_404(StudyMaterial.objects.exclude(file=""), pk=pk, pack__in=visible)
    extension = extension_of(material.file.name or "")
    try:
        content = material.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = material.title if extension_of(material.title) == extension else f"{material.title}.{extension}"
    response = FileResponse(
        content, as_attachment=True, filename=name, content_type=CONTENT_TYPES.get(extension)
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _editable(request: SignedInRequest) -> Any:
    return StudyPack.objects.permitted_to(request.user, EDIT, on=timezone.localdate())


def _status(form: Any) -> int:
    return INVALID if form.is_bound and form.errors else 200
