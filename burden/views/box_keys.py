"""The key of a recipient: made by oneself, confirmed by another, with a sheet to remember it by."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, requires
from branches.views.pages import form_page
from burden.box.limits import LEAST_RECIPIENTS, Level
from burden.forms.box_keys import ConfirmForm, KeyForm
from burden.queries.box_recipients import fingerprint, key_rows, keys_of, level_of, recipient_of
from burden.rules.box_passphrase import strength
from burden.views.box_failures import told_bare

OPEN_BOX = "burden.open_box"


@require_http_methods(["GET", "POST"])
@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@told_bare
@requires(OPEN_BOX)
def box_key(request: SignedInRequest) -> HttpResponse:
    """Who receives, the own key, and a form for a (new) one."""
    today = timezone.localdate()
    level = level_of(request.user, on=today)
    form = KeyForm(request.POST or None)
    if form.is_valid() and form.save(by=request.user, on=today):
        words = strength(form.cleaned_data["passphrase"])
        messages.success(request, f"钥匙已生成，口令强度：{words}。请打印提醒单，口令自己记牢。")
        return redirect("burden:box_key")
    return form_page(
        request,
        "burden/box_key.html",
        form,
        level=level,
        mine=recipient_of(request.user, on=today),
        rows=key_rows(level),
        least=LEAST_RECIPIENTS,
    )


@require_safe
@never_cache
@requires(OPEN_BOX)
def box_key_sheet(request: SignedInRequest) -> HttpResponse:
    """What to put away on paper; the passphrase is not on it and could not be."""
    mine = recipient_of(request.user, on=timezone.localdate())
    if mine is None:
        return redirect("burden:box_key")
    context = {"mine": mine, "fingerprint": fingerprint(mine.public_key)}
    return render(request, "burden/box_key_sheet.html", context)


@require_http_methods(["GET", "POST"])
@sensitive_variables()
@sensitive_post_parameters()
@never_cache
@told_bare
@requires(OPEN_BOX)
def box_confirm(request: SignedInRequest, name: str) -> HttpResponse:
    """Let a new recipient of the own level in; 404 for everybody else's."""
    today = timezone.localdate()
    mine = recipient_of(request.user, on=today)
    known = keys_of(Level(mine.level)).filter(is_active=False) if mine and mine.is_active else None
    newcomer = get_object_or_404(keys_of(Level.OWN).none() if known is None else known, name=name)
    if mine is None:
        return redirect("burden:box_key")
    form = ConfirmForm(request.POST or None, recipient=mine, newcomer=newcomer)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已确认{newcomer.user.name}，来信已重新加密，新受理人可以打开了。")
        return redirect("burden:box_key")
    return form_page(
        request, "burden/box_confirm.html", form, newcomer=newcomer, seen=fingerprint(newcomer.public_key)
    )
