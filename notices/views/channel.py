"""One's own ways out of the portal, what comes on which, and when."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.access import SignedInRequest, may
from branches.views.pages import INVALID, form_page
from notices.actions import channels as actions
from notices.forms import ChannelAddForm, ChannelLabelForm, ChoiceForm, HoursForm
from notices.models import Channel
from notices.queries import channels as queries
from notices.queries.dead_letters import VIEWING
from notices.queries.preferences import events_for, preferences_of
from notices.rules import ROBOTS
from notices.senders import email_available

PAGE_OR_FORM = require_http_methods(["GET", "HEAD", "POST"])


def _own(request: SignedInRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.of(request.user).select_related("user"), pk=pk)


@require_safe
@never_cache
def notice_settings(request: SignedInRequest) -> HttpResponse:
    return _settings(request, HoursForm(saved=preferences_of(request.user)))


def _settings(request: SignedInRequest, hours: HoursForm) -> HttpResponse:
    today = timezone.localdate()
    rows = queries.channel_rows(request.user)
    channels = [row.channel for row in rows]
    context = {
        "rows": rows,
        "kinds": queries.kinds_on_offer() if len(rows) < actions.CHANNELS_PER_PERSON else [],
        "mail": email_available(),
        "most": actions.CHANNELS_PER_PERSON,
        "table": queries.choice_table(channels, events_for(request.user, on=today)),
        "hours": hours,
        "may_view_failed": may(request.user, VIEWING, on=today),
    }
    return render(request, "notices/notice_settings.html", context, status=INVALID if hours.errors else 200)


@require_POST
def choice_edit(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    channels = list(Channel.objects.of(request.user))
    events = events_for(request.user, on=today)
    form = ChoiceForm(request.POST, channels=channels, events=events)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, "已保存：哪些事项发到哪里。")
    else:
        messages.warning(request, "没有保存：通知方式有变化，请核对后再保存一次。")
    return redirect("notices:notice_settings")


@require_POST
def hours_edit(request: SignedInRequest) -> HttpResponse:
    form = HoursForm(request.POST, saved=preferences_of(request.user))
    if not (form.is_valid() and form.save(by=request.user, on=timezone.localdate())):
        return _settings(request, form)
    messages.success(request, "已保存：通知时间。")
    return redirect("notices:notice_settings")


@sensitive_post_parameters("address", "secret")
@PAGE_OR_FORM
@never_cache
def channel_add(request: SignedInRequest, kind: str) -> HttpResponse:
    chosen = next((each for each in queries.kinds_on_offer() if each == kind), None)
    if chosen is None:
        raise Http404
    form = ChannelAddForm(request.POST if request.method == "POST" else None, kind=chosen)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, f"已添加“{form.result.label}”。请点“试发”，看看能不能收到。")
        return redirect("notices:notice_settings")
    return form_page(request, "notices/channel_add.html", form, kind=chosen, is_robot=chosen in ROBOTS)


@PAGE_OR_FORM
@never_cache
def channel_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    channel = _own(request, pk)
    form = ChannelLabelForm(request.POST if request.method == "POST" else None, channel=channel)
    if form.is_valid() and form.save(by=request.user, on=timezone.localdate()):
        messages.success(request, f"已改名为“{form.result.label}”。")
        return redirect("notices:notice_settings")
    return form_page(request, "notices/channel_edit.html", form, row=queries.channel_row(channel))


@require_POST
def channel_pause(request: SignedInRequest, pk: int) -> HttpResponse:
    """`active=1` takes it into use again."""
    channel = _own(request, pk)
    active = request.POST.get("active") == "1"
    try:
        actions.set_active(channel, active=active, by=request.user)
        messages.success(request, f"“{channel.label}”{'已重新启用' if active else '已暂停'}。")
    except actions.ChannelRefused as refusal:
        messages.warning(request, str(refusal))
    return redirect("notices:notice_settings")


@PAGE_OR_FORM
@never_cache
def channel_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    channel = _own(request, pk)
    if request.method != "POST":
        return render(request, "notices/channel_remove.html", {"row": queries.channel_row(channel)})
    actions.remove_channel(channel, by=request.user, now=timezone.now())
    messages.success(request, f"“{channel.label}”已删除，地址不再保存。")
    return redirect("notices:notice_settings")


@require_POST
def channel_try(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send now and say what the other side answers: in place, or above the page."""
    channel = _own(request, pk)
    try:
        answer = actions.try_channel(channel, now=timezone.now())
        arrived, words = answer.sent, answer.words
    except actions.ChannelRefused as refusal:
        arrived, words = False, str(refusal)
    if request.headers.get("HX-Request"):
        context = {"row": queries.channel_row(channel), "arrived": arrived, "words": words}
        return render(request, "notices/_channel.html", context)
    add = messages.success if arrived else messages.warning
    add(request, f"“{channel.label}”试发{'成功' if arrived else '没有成功'}：{words}")
    return redirect("notices:notice_settings")
