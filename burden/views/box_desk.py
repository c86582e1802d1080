"""The recipients' desk. Letters stand in clear in these answers alone; nothing of them is kept."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from branches.access import SignedInRequest, requires
from branches.views.pages import INVALID
from burden.box.desk import StaleSheet
from burden.forms.box_desk import DeskForms
from burden.forms.box_keys import OpenForm
from burden.models import BoxRecipient
from burden.queries.box_recipients import is_staffed, recipient_of
from burden.views.box_failures import told_bare

OPEN_BOX = "burden.open_box"


def _page(request: SignedInRequest, form: OpenForm) -> HttpResponse:
    context = {"form": form, "staffed": is_staffed(form.recipient.level)}
    return render(request, "burden/box_desk.html", context, status=INVALID if form.errors else 200)


def _ready(request: SignedInRequest) -> BoxRecipient | None:
    mine = recipient_of(request.user, on=timezone.localdate())
    return mine if mine and mine.is_active else None


@require_http_methods(["GET", "POST"])
@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@told_bare
@requires(OPEN_BOX)
def box_desk(request: SignedInRequest) -> HttpResponse:
    """Ask for the passphrase; with it show the letters in this one answer."""
    mine = _ready(request)
    if mine is None:
        return redirect("burden:box_key")
    form = OpenForm(request.POST or None, recipient=mine)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        context = {"desk": DeskForms.of(form.result), "more": form.result.more}
        return render(request, "burden/box_letters.html", context)
    return _page(request, form)


@require_POST
@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@told_bare
@requires(OPEN_BOX)
def box_reply(request: SignedInRequest) -> HttpResponse:
    """Keep what was decided and show the rest again, without asking for the passphrase."""
    mine, today = _ready(request), timezone.localdate()
    if mine is None:
        return redirect("burden:box_key")
    try:
        desk = DeskForms.read(request.POST, recipient=mine, on=today)
    except StaleSheet as stale:
        form = OpenForm({}, recipient=mine)
        form.errors.clear()
        form.add_error(None, str(stale))
        return _page(request, form)
    kept, wrong = desk.save()
    context = {"desk": desk.remaining(), "kept": kept, "wrong": wrong}
    return render(request, "burden/box_letters.html", context, status=INVALID if wrong else 200)
