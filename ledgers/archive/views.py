"""The page on which a year is archived."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest
from jobs.models import Job
from ledgers.archive.actions import ARCHIVE_JOB
from ledgers.archive.forms import ArchiveForm
from ledgers.views import by_ledger, sent

MOST_SHOWN = 10


@require_http_methods(["GET", "POST"])
@by_ledger
def archive_page(request: SignedInRequest) -> HttpResponse:
    form = ArchiveForm(request.POST or None, user=request.user, on=timezone.localdate())
    if form.is_valid() and (job := form.save()):
        return sent(job)
    mine = Job.objects.owned_by(request.user).filter(kind=ARCHIVE_JOB).order_by("-created")[:MOST_SHOWN]
    status = 422 if form.errors else 200
    return render(request, "ledgers/archive_page.html", {"form": form, "jobs": mine}, status=status)
