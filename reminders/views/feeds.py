"""Calendar links of one's own, and the public address under which a calendar program fetches one."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.rules import Refusal
from reminders.actions.feeds import Made, note_used, remake_feed, revoke_feed
from reminders.feed_rules import MOST_LINKS, calendar_text, changed_at, etag_of
from reminders.forms.feeds import FeedForm
from reminders.models import CalendarFeed
from reminders.queries.feeds import USE, feed_behind, feed_content, feeds_of

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])
INVALID = 422
ENDING = ".ics"
# Kept by nobody on the way and asked for anew each time, with the ETag: no-store would forbid that too.
FEED_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@csrf_exempt  # reads only, and any other method is refused without asking who sent it
@login_not_required
@require_safe
def feed_calendar(request: HttpRequest, name: str) -> HttpResponseBase:
    """`name` is the token and “.ics”. Whatever is wrong with it, the answer is the same."""
    today = timezone.localdate()
    feed = feed_behind(name.removesuffix(ENDING)) if name.endswith(ENDING) else None
    if feed is None:
        return HttpResponse("没有这个日历链接。\n", "text/plain; charset=utf-8", 404, headers=FEED_HEADERS)
    note_used(feed, on=today)
    content = feed_content(feed, on=today)
    etag = etag_of(content, portal=settings.PORTAL_URL)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        text = calendar_text(content, link_to=_item_address if settings.PORTAL_URL else None)
        response = HttpResponse(text, "text/calendar; charset=utf-8")
        response["Last-Modified"] = http_date(changed_at(content, feed.made_at).timestamp())
    for header, value in {**FEED_HEADERS, "ETag": etag}.items():
        response[header] = value
    return response


def _item_address(pk: int) -> str:
    return str(settings.PORTAL_URL) + reverse("reminders:item_detail", args=[pk])


@never_cache
@require_safe
def feed_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, FeedForm(user=request.user))


@never_cache
@PAGE_OR_FORM
@requires(USE)
def feed_add(request: SignedInRequest) -> HttpResponse:
    """The form stands on the list; who comes back to this address later is led there."""
    if request.method != "POST":
        return redirect("reminders:feed_list")
    form = FeedForm(request.POST, user=request.user)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        return _made(request, form.result)
    return _list(request, form)


@never_cache
@PAGE_OR_FORM
@requires(USE)
def feed_remake(request: SignedInRequest, pk: int) -> HttpResponse:
    feed = _own(request, pk)
    if request.method != "POST":
        return render(request, "reminders/feed_remake.html", {"feed": feed})
    try:
        return _made(request, remake_feed(feed, now=timezone.now()))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("reminders:feed_list")


@never_cache
@PAGE_OR_FORM
def feed_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open to everybody who ever made a link, whatever posts have ended since."""
    feed = _own(request, pk)
    if request.method != "POST":
        return render(request, "reminders/feed_revoke.html", {"feed": feed})
    try:
        revoke_feed(feed, now=timezone.now())
        messages.success(request, f"“{feed}”的日历链接已停用。")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("reminders:feed_list")


def _own(request: SignedInRequest, pk: int) -> CalendarFeed:
    return get_object_or_404(feeds_of(request.user), pk=pk)


def _list(request: SignedInRequest, form: FeedForm) -> HttpResponse:
    feeds = list(feeds_of(request.user))
    context = {
        "feeds": feeds,
        "form": form,
        "most": MOST_LINKS,
        "full": len(feeds) >= MOST_LINKS,
        "usable": may(request.user, USE, on=timezone.localdate()),
    }
    return render(request, "reminders/feed_list.html", context, status=INVALID if form.errors else 200)


def _made(request: SignedInRequest, made: Made) -> HttpResponse:
    """The answer to the form itself: the token is kept nowhere, so it can be shown only now."""
    path = reverse("feed_calendar", args=[made.token + ENDING])
    address = settings.PORTAL_URL + path if settings.PORTAL_URL else request.build_absolute_uri(path)
    webcal = f"webcal://{address.partition('://')[2]}"
    context = {"feed": made.feed, "address": address, "webcal": webcal}
    return render(request, "reminders/feed_made.html", context)
