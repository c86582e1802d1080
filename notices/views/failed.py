"""What could not be delivered, for who looks after the people it was for."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from branches.access import SignedInRequest, may, requires
from notices.actions.dead_letters import RetryRefused, retry_delivery
from notices.queries.dead_letters import RETRYING, VIEWING, dead_letter_rows, dead_letters, deliveries_to

PAGE_SIZE = 50


@require_safe
@never_cache
@requires(VIEWING)
def failed_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    found = dead_letters(request.user, on=today)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": dead_letter_rows(page.object_list),
        "may_retry": may(request.user, RETRYING, on=today),
    }
    return render(request, "notices/failed_list.html", context)


@require_POST
@requires(RETRYING)
def failed_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    mine = deliveries_to(request.user, on=timezone.localdate(), permission=RETRYING)
    delivery = get_object_or_404(mine, pk=pk)
    recipient = delivery.message.recipient
    try:
        retry_delivery(delivery, by=request.user, now=timezone.now())
        messages.success(request, f"给{recipient}的这条通知会再发一次，仍发不出去时会回到这里。")
    except RetryRefused as refusal:
        messages.warning(request, str(refusal))
    return redirect("notices:failed_list")
