"""One's own messages: the list, one of them, the number in the header."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from branches.access import SignedInRequest, may
from notices.actions.inbox import mark_all_read, mark_read
from notices.models import Message
from notices.queries import inbox as queries
from notices.queries.dead_letters import VIEWING
from notices.rules import Level

PAGE_SIZE = 30
# The number in the header asks again when it hears this.
READ = "messages-read"


@require_safe
@never_cache
def message_list(request: SignedInRequest) -> HttpResponse:
    """`?show=unread`, `?level=due`; without them everything, what is unread first."""
    asked = request.GET.get("level", "")
    level = Level(asked) if asked in Level.values else None
    unread = request.GET.get("show") == "unread"
    found = queries.inbox(request.user, unread=unread, level=level).unread_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(message, queries.label_of(message)) for message in page.object_list],
        "count": queries.unread_count(request.user),
        "levels": Level,
        "level": level,
        "unread": unread,
        "may_view_failed": may(request.user, VIEWING, on=timezone.localdate()),
    }
    return render(request, "notices/message_list.html", context)


@require_safe
@never_cache
def message_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Opening it is reading it."""
    message = get_object_or_404(Message.objects.of(request.user).select_related("organisation"), pk=pk)
    mark_read(message, now=timezone.now())
    shown = queries.message_page(message, on=timezone.localdate())
    return render(request, "notices/message_detail.html", {"shown": shown, "message": message})


@require_POST
def message_read_all(request: SignedInRequest) -> HttpResponse:
    count = mark_all_read(request.user, now=timezone.now())
    if request.headers.get("HX-Request"):
        return trigger_client_event(HttpResponse(status=204), READ)
    messages.success(request, f"{count} 条消息已标为已读。" if count else "没有未读的消息。")
    return redirect("notices:message_list")


@require_safe
@never_cache
def unread_count(request: SignedInRequest) -> HttpResponse:
    """What the header shows beside the bell; it knows nothing of the page around it."""
    count = queries.unread_count(request.user)
    return HttpResponse(render_to_string("notices/_unread_count.html", {"count": count}))
