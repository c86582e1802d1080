"""Leave: who is away, who stands in."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, may, requires
from branches.models import Post
from branches.rules import Refusal
from branches.views.pages import form_page
from reminders.actions.stand_ins import end_stand_in
from reminders.forms.stand_ins import StandInAddForm, StandInEditForm
from reminders.models import StandIn
from reminders.queries.stand_ins import (
    ARRANGE,
    VIEW,
    arrangeable_posts,
    candidates,
    changeable_by,
    stand_ins_for,
)
from reminders.stand_in_rules import leave_days

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
PAGE_SIZE = 20


@require_safe
@requires(VIEW)
def stand_in_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    page = Paginator(stand_ins_for(request.user, on=today), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(stand_in) for stand_in in page],
        "today": today,
        "may_arrange": may(request.user, ARRANGE, on=today),
    }
    return render(request, "reminders/stand_in_list.html", context)


@PAGE_OR_FORM
@requires(ARRANGE)
def stand_in_add(request: SignedInRequest) -> HttpResponse:
    """`?post=3` says whose leave it is; asked for first where there is a choice."""
    today, now = timezone.localdate(), timezone.now()
    posts = list(arrangeable_posts(request.user, on=today))
    post = _chosen(posts, request.GET.get("post", ""))
    if post is None:
        return render(request, "reminders/stand_in_choose.html", {"posts": posts, "user": request.user})
    people = candidates(post, by=request.user, on=today)
    form = StandInAddForm(request.POST or None, post=post, people=people, now=now, initial={"since": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已安排{form.result.grant.user.name}代办，双方都会收到消息。")
        return redirect("reminders:stand_in_list")
    return form_page(
        request, "reminders/stand_in_add.html", form, post=post, people=people, choice=len(posts) > 1
    )


def _chosen(posts: list[Post], written: str) -> Post | None:
    """The post named, or the only one; None where it has to be chosen. A foreign one is a 404."""
    if not written:
        return posts[0] if len(posts) == 1 else None
    found = next((post for post in posts if str(post.pk) == written), None)
    if found is None:
        raise Http404
    return found


@PAGE_OR_FORM
@requires(ARRANGE)
def stand_in_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today, now = timezone.localdate(), timezone.now()
    stand_in = get_object_or_404(_changeable(request), pk=pk)
    initial = {"until": stand_in.grant.until}
    form = StandInEditForm(request.POST or None, stand_in=stand_in, now=now, initial=initial)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{stand_in.absent_post.holder_name}的请假代办已改到新的日期。")
        return redirect("reminders:stand_in_list")
    return form_page(request, "reminders/stand_in_edit.html", form, **_row(stand_in))


@PAGE_OR_FORM
@requires(ARRANGE)
def stand_in_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    stand_in = get_object_or_404(_changeable(request), pk=pk)
    context = {**_row(stand_in), "begun": stand_in.grant.since <= today}
    if request.method != "POST":
        return render(request, "reminders/stand_in_end.html", context)
    try:
        end_stand_in(stand_in, by=request.user, on=today, now=timezone.now())
    except Refusal as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, f"{stand_in.absent_post.holder_name}的请假代办已结束。")
    return redirect("reminders:stand_in_list")


def _changeable(request: SignedInRequest) -> QuerySet[StandIn]:
    rows = changeable_by(request.user, on=timezone.localdate())
    return rows.select_related("organisation", "grant__user", "absent_post__user", "absent_post__member")


def _row(stand_in: StandIn) -> dict[str, Any]:
    return {"stand_in": stand_in, "days": leave_days(stand_in.grant.since, stand_in.grant.until)}
