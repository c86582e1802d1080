"""The organisation tree, and the pages of one organisation."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from branches.access import SignedInRequest, holdings_on, may, requires
from branches.forms.organisation import (
    OrganisationAddForm,
    OrganisationDissolveForm,
    OrganisationEditForm,
    OrganisationMoveForm,
    OrganisationsAddForm,
)
from branches.models import Organisation
from branches.models.organisation import OrganisationQuerySet
from branches.queries.findings import findings_of
from branches.queries.history import events_of, groups_on
from branches.queries.people import grants_of, people_of, posts_of
from branches.queries.reach import endable_posts
from branches.queries.tree import TreeNode, next_codes, node_of, past_tree_for, tree_for
from branches.roles import holders_of
from branches.rules import OrganisationKind
from branches.views.history import AskedDay, asked_day, organisation_past
from branches.views.pages import form_page, permitted
from branches.views.settling import with_pages

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
EDIT = "branches.edit_organisation"
PER_PAGE = 200
RIGHTS = {
    "edit": EDIT,
    "edit_members": "branches.edit_member",
    "edit_posts": "branches.edit_post",
    "view_members": "branches.view_member",
    "view_elections": "branches.view_election",
    "import_roster": "branches.import_roster",
}


@require_safe
@requires("branches.view_organisation")
def organisation_tree(request: SignedInRequest) -> HttpResponse:
    today, search = timezone.localdate(), request.GET.get("q", "")[:80]
    asked = asked_day(request, today=today)
    page = Paginator(_nodes(request, asked, search, on=today), PER_PAGE).get_page(request.GET.get("page"))
    may_add = may(request.user, EDIT, on=today)
    if page.paginator.count == 1 and not search and not may_add:
        return redirect("branches:organisation_detail", page.object_list[0].organisation.pk)
    context = {
        "page": page,
        "search": search,
        "asked": asked,
        "may_add": may_add,
        "may_edit_calendar": may(request.user, "branches.edit_calendar", on=today),
    }
    return render(request, "branches/organisation_tree.html", context)


@require_safe
@requires("branches.view_organisation")
def organisation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, "branches.view_organisation", on=today)
    asked = asked_day(request, today=today)
    if asked.day:
        return organisation_past(request, organisation, asked, today=today)
    node, allowed = node_of(organisation, on=today), _rights(request, organisation, on=today)
    context = {
        "organisation": organisation,
        "facts": node.facts,
        "totals": node,
        "below": node.children,
        "today": today,
        "asked": asked,
        **_people(organisation, allowed["rights"], on=today),
        **_plain_facts(organisation, on=today),
        **allowed,
    }
    return render(request, "branches/organisation_detail.html", context)


@PAGE_OR_FORM
@requires(EDIT)
def organisation_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    initial = {"code": next_codes(OrganisationKind.BRANCH, 1)[0], "parent": request.GET.get("parent")}
    form = OrganisationAddForm(request.POST or None, places=places, on=today, initial=initial)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已新增“{form.result.name}”。")
        return redirect("branches:organisation_detail", form.result.pk)
    return form_page(request, "branches/organisation_add.html", form)


@PAGE_OR_FORM
@requires(EDIT)
def organisations_add(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    places = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    initial = {"parent": request.GET.get("parent")}
    form = OrganisationsAddForm(request.POST or None, places=places, on=today, initial=initial)
    if form.is_valid() and form.save(by=request.user, on=today):
        codes = [made.code for made in form.result]
        messages.success(request, f"已新增 {len(codes)} 个组织，编号 {codes[0]} 至 {codes[-1]}。")
        return redirect("branches:organisation_tree")
    return form_page(
        request,
        "branches/organisations_add.html",
        form,
        next_code=next_codes(OrganisationKind.BRANCH, 1)[0],
    )


@PAGE_OR_FORM
@requires(EDIT)
def organisation_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    form = OrganisationEditForm(request.POST or None, organisation=organisation)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”的资料已保存。")
        return redirect("branches:organisation_detail", pk)
    return form_page(request, "branches/organisation_edit.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(EDIT)
def organisation_move(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    places = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    form = OrganisationMoveForm(request.POST or None, organisation=organisation, places=places, on=today)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{organisation.name}”已移到“{form.cleaned_data['parent'].name}”之下。")
        return redirect("branches:organisation_detail", pk)
    return form_page(request, "branches/organisation_move.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(EDIT)
def organisation_dissolve(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    form = OrganisationDissolveForm(request.POST or None, organisation=organisation, initial={"day": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{organisation.name}”已登记撤销。")
        return redirect("branches:organisation_tree")
    return form_page(request, "branches/organisation_dissolve.html", form, organisation=organisation)


def _nodes(request: SignedInRequest, asked: AskedDay, search: str, *, on: date) -> list[TreeNode]:
    if asked.day:
        return past_tree_for(request.user, on=on, past=asked.day, search=search)
    return tree_for(request.user, on=on, search=search)


def _people(organisation: Organisation, rights: dict[str, bool], *, on: date) -> dict[str, Any]:
    """Who may not look at members sees numbers and office holders only."""
    return {
        "people": people_of(organisation, on=on) if rights["view_members"] else [],
        "posts": posts_of(organisation),
        "grants": grants_of(organisation, on=on) if rights["edit_posts"] else [],
    }


def _plain_facts(organisation: Organisation, *, on: date) -> dict[str, Any]:
    return {
        "groups": groups_on(organisation, on=on),
        "history": list(events_of(organisation)),
        "units": organisation.units.filter(until=None).order_by("pk"),
        "seasons": organisation.busy_seasons.order_by("starts"),
    }


def _rights(request: SignedInRequest, organisation: Organisation, *, on: date) -> dict[str, Any]:
    """What this person may do with this organisation today: the buttons and links of its page."""
    user = request.user
    held = holdings_on(user, organisation, on=on)
    others = Organisation.objects.visible_to(user, on=on).exclude(pk=organisation.pk)
    gone = organisation.dissolved_on is not None and organisation.dissolved_on <= on
    return {
        **_way_back(organisation, others),
        "rights": {name: bool(held & holders_of(right)) for name, right in RIGHTS.items()},
        # A dissolved branch owes nothing any more.
        "findings": [] if gone else with_pages(findings_of(organisation, on=on), held),
        "links": _links(organisation) if held & holders_of("reminders.view_item") else [],
        "endable": set(
            endable_posts(user, on=on).filter(organisation=organisation).values_list("pk", flat=True)
        ),
        "gone": gone,
        "joined": others.filter(made_by_joint_group__branches=organisation).first() if gone else None,
    }


def _way_back(organisation: Organisation, others: OrganisationQuerySet) -> dict[str, Any]:
    """The page above, and whether there is a tree: who sees this organisation alone has neither."""
    parent_first = Case(When(pk=organisation.parent_id, then=0), default=1)
    other = others.order_by(parent_first).values_list("pk", flat=True).first()
    seen = other is not None and other == organisation.parent_id
    return {
        "parent_url": reverse("branches:organisation_detail", args=[other]) if seen else "",
        "has_tree": other is not None,
    }


def _links(organisation: Organisation) -> list[dict[str, str]]:
    query = "?" + urlencode({"organisation": organisation.code})
    if organisation.kind == OrganisationKind.COMMITTEE:
        return []
    return [
        {
            "label": "本月清单",
            "icon": "calendar-check",
            "url": reverse("reminders:month_list") + query,
        },
        {
            "label": "提醒台账",
            "icon": "book-open",
            "url": reverse("ledgers:ledger_preview", args=["reminders"]) + query,
        },
    ]
