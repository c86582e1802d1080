"""What stored data points at: the open list, and the two ways to decide."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, requires
from branches.views.pages import form_page
from errorbank.forms.detection import ConfirmForm, DismissForm
from errorbank.models import Proposal
from errorbank.queries.proposals import CONFIRM, deadlines_of, open_proposals, places_with_proposals
from errorbank.rules import ProposalState

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PAGE_SIZE = 50


@require_safe
@requires(CONFIRM)
def proposal_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = request.GET.get("organisation", "")[:32]
    rows = open_proposals(request.user, on=today, organisation=asked)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": page.object_list,
        "asked": asked,
        "places": places_with_proposals(request.user, on=today),
    }
    return render(request, "errorbank/proposal_list.html", context)


@PAGE_OR_FORM
@requires(CONFIRM)
def proposal_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """To the finding that was made; a decided one goes back to the list with its state."""
    return _decide(request, pk, ConfirmForm, "proposal_confirm", "已列为问题整改，支部会收到消息。")


@PAGE_OR_FORM
@requires(CONFIRM)
def proposal_dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, DismissForm, "proposal_dismiss", "已登记为不是问题，不再提示。")


def _decide(
    request: SignedInRequest, pk: int, form_class: type[ConfirmForm | DismissForm], name: str, said: str
) -> HttpResponse:
    today = timezone.localdate()
    mine = Proposal.objects.permitted_to(request.user, CONFIRM, on=today)
    proposal = get_object_or_404(mine.select_related("organisation", "entry__published"), pk=pk)
    if proposal.state != ProposalState.OPEN:
        messages.warning(request, f"这条提示现在是“{proposal.get_state_display()}”，没有重复处理。")
        return redirect("errorbank:proposal_list")
    form = form_class(request.POST or None, proposal=proposal, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, said)
        return redirect("errorbank:proposal_list")
    context = {"proposal": proposal, "deadlines": deadlines_of(proposal, on=today)}
    return form_page(request, f"errorbank/{name}.html", form, **context)
