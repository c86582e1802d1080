"""Pages that belong to no app: the public start page, the way in, health, and operations."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from branches.access import SignedInRequest, may, requires
from branches.models import Organisation
from guide.queries import due_tour
from guide.rules import TOUR_SHOWN
from partyaffairs.operations import work_of
from partyaffairs.panels import PANELS
from partyaffairs.runs import late_names
from partyaffairs.tables import Tables, tables_are

# Where each kind of user begins, the first that fits.
START_PAGES = (
    ("reminders.view_overview", "reminders:overview"),
    ("reminders.close_item", "reminders:month_list"),
    ("reminders.view_item", "reminders:month_list"),
    ("branches.view_organisation", "branches:organisation_tree"),
    # A leaver's grant alone opens the own handover.
    ("reminders.view_handover", "reminders:handover_list"),
    # Recipients of the anonymous channel; auditors read what is promised to all.
    ("burden.open_box", "burden:box_desk"),
    ("burden.view_measure", "burden:measure_list"),
)


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """An empty installation begins with its organisation: nobody could sign in yet."""
    return render(request, "landing.html", {"is_empty": not Organisation.objects.exists()})


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say 'ok' when the database answers with the tables of this program; without one it is a 500."""
    tables = tables_are()
    return HttpResponse(
        tables.value, content_type="text/plain", status=200 if tables is Tables.FITTING else 503
    )


@login_not_required
@never_cache
@require_safe
def healthz_jobs(request: HttpRequest) -> JsonResponse:
    """503 when periodic work is late; which one, administrators see on their page."""
    late = late_names(now=timezone.now())
    return JsonResponse({"status": "late" if late else "ok"}, status=503 if late else 200)


@require_safe
@never_cache
@requires("partyaffairs.view_operations")
def operations_page(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    context = {"work": work_of(now=now), "panels": [panel(now) for panel in PANELS], "as_of": now}
    return render(request, "operations_page.html", context)


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """The portal's own way in; who is signed in and no support was sent here by the admin site's refusal."""
    if request.user.is_authenticated:
        if not request.user.is_staff:
            raise PermissionDenied
        return redirect("admin:index")
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The start page of one's role; before it, once a visit, a tour that was never put away."""
    today = timezone.localdate()
    if TOUR_SHOWN not in request.session and (tour := due_tour(request.user, on=today)):
        return redirect("guide:tour_page", tour.code)
    for permission, name in START_PAGES:
        if may(request.user, permission, on=today):
            return redirect(name)
    return render(request, "no_post.html")
