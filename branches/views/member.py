"""Pages of one person: facts, and the dated events behind them."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import recently_confirmed
from branches.access import SignedInRequest, requires
from branches.actions.personal_data import reveal_id_number
from branches.forms.event import EventAddForm, EventCorrectForm, EventFields
from branches.forms.member import MemberAddForm, MemberEditForm
from branches.models import Member, MemberEvent, Organisation
from branches.queries.history import place_on
from branches.queries.people import member_page
from branches.queries.roster import masked_number_of
from branches.queries.tree import next_member_code
from branches.rules import Refusal
from branches.views.history import asked_day
from branches.views.pages import form_page, permitted

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
EDIT = "branches.edit_member"
REVEAL = "branches.reveal_id_number"


@require_safe
@requires("branches.view_member")
def member_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    member = get_object_or_404(Member.objects.visible_to(request.user, on=today), pk=pk)
    return render(request, "branches/member_detail.html", _page_of(request, member, on=today))


@never_cache
@require_POST
@requires(REVEAL)
@recently_confirmed
def id_number_reveal(request: SignedInRequest, pk: int) -> HttpResponse:
    """The person's page once more, this time with the number in full; nothing of it is kept."""
    today = timezone.localdate()
    member = get_object_or_404(Member.objects.permitted_to(request.user, REVEAL, on=today), pk=pk)
    try:
        number = reveal_id_number(member, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("branches:member_detail", pk)
    context = _page_of(request, member, on=today) | {"id_number": number}
    return render(request, "branches/member_detail.html", context)


def _page_of(request: SignedInRequest, member: Member, *, on: date) -> dict[str, Any]:
    def permitted_here(permission: str) -> bool:
        return Member.objects.permitted_to(request.user, permission, on=on).filter(pk=member.pk).exists()

    number, page = masked_number_of(member), member_page(member, on=on)
    asked = asked_day(request, today=on)
    return {
        "asked": asked,
        "place": place_on(member, on=asked.day) if asked.day else None,
        "page": page,
        "may_open_case": page.lacks_case and permitted_here("branches.edit_development"),
        "member": member,
        "editable": permitted_here(EDIT),
        "masked_number": number,
        "revealable": number and permitted_here(REVEAL),
        "today": on,
    }


@PAGE_OR_FORM
@requires(EDIT)
def member_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    initial = {"code": next_member_code(), "since": today}
    form = MemberAddForm(request.POST or None, organisation=organisation, initial=initial)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{form.result.name}已登记入册。")
        return redirect("branches:organisation_detail", pk)
    return form_page(request, "branches/member_add.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(EDIT)
def member_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    member = _permitted(request, pk, on=today)
    form = MemberEditForm(request.POST or None, member=member)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"{form.result.name}的资料已保存。")
        return redirect("branches:member_detail", pk)
    return form_page(request, "branches/member_edit.html", form, member=member)


@PAGE_OR_FORM
@requires(EDIT)
def event_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    member = _permitted(request, pk, on=today)
    places = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    form = EventAddForm(request.POST or None, member=member, places=places, on=today, initial={"on": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        said = f"已登记{member.name}的“{form.result.get_kind_display()}”。{_ended(form)}"
        messages.success(request, said)
        return redirect("branches:member_detail", pk)
    return form_page(request, "branches/event_add.html", form, member=member)


@PAGE_OR_FORM
@requires(EDIT)
def event_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Member.objects.permitted_to(request.user, EDIT, on=today)
    events = MemberEvent.objects.standing().filter(member__in=mine).select_related("member")
    event = get_object_or_404(events, pk=pk)
    places = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    form = EventCorrectForm(request.POST or None, event=event, places=places, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        said = f"{event.member.name}的“{event.get_kind_display()}”已更正，原来的一条保留备查。"
        messages.success(request, said + _ended(form) + _not_restored(event))
        return _after_correction(request, event.member, on=today)
    return form_page(request, "branches/event_correct.html", form, event=event, member=event.member)


def _ended(form: EventFields) -> str:
    """Which posts and places in Party groups ended with the event."""
    each = (f"{p.organisation.name}{p.get_role_display()}（至 {p.until:%Y-%m-%d}）" for p in form.ended)
    posts = f"任职随之结束：{'、'.join(each)}。" if form.ended else ""
    groups = "、".join(f"“{group.name}”" for group in form.left)
    return posts + (f"同时退出党小组{groups}。" if groups else "")


def _not_restored(event: MemberEvent) -> str:
    """Whoever takes a departure back should know that its posts and groups stay ended."""
    ended = event.member.posts.filter(until=event.on - timedelta(days=1)).exists()
    left = event.member.group_seats.filter(until=event.on).exists()
    what = "任职和党小组" if ended and left else "党小组" if left else "任职"
    return f"原来随之结束的{what}没有恢复，需要的请重新登记。" if ended or left else ""


def _permitted(request: SignedInRequest, pk: int, *, on: date) -> Member:
    return get_object_or_404(Member.objects.permitted_to(request.user, EDIT, on=on), pk=pk)


def _after_correction(request: SignedInRequest, member: Member, *, on: date) -> HttpResponse:
    """A person without any event left belongs to no organisation and has no page any more."""
    if Member.objects.visible_to(request.user, on=on).filter(pk=member.pk).exists():
        return redirect("branches:member_detail", member.pk)
    return redirect("branches:organisation_tree")
