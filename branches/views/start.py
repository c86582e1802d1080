"""The public page that sets up an empty installation; it does not exist once there is an organisation."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from branches.actions.installation import setup_code
from branches.forms.account import StartForm
from branches.models import Organisation
from branches.views.pages import form_page


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    if Organisation.objects.exists():
        raise Http404
    form = StartForm(request.POST or None, expected_code=setup_code())
    if form.is_valid() and form.save(by=None, on=timezone.localdate()):
        started = form.result
        context = {
            "started": started,
            "slips": [started.slip],
            "address": request.build_absolute_uri("/w/"),
        }
        return render(request, "branches/start_done.html", context)
    return form_page(request, "branches/start.html", form)
