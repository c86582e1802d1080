"""Posts, terms and Party groups of one organisation."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from branches.access import SignedInRequest, may, requires
from branches.forms.post import (
    GroupAddForm,
    GroupEditForm,
    GroupEndForm,
    PostAddForm,
    PostEndForm,
    TermAddForm,
    TermExtendForm,
)
from branches.models import Member, Organisation, PartyGroup, Term
from branches.queries.elections import election_rows, reply_for
from branches.queries.reach import candidates_for, endable_posts, givable_roles
from branches.rules import HANDED_OVER_ROLES
from branches.views.pages import form_page, permitted

PAGE_OR_FORM = require_http_methods(["GET", "POST"])
EDIT_POST = "branches.edit_post"
EDIT = "branches.edit_organisation"


@PAGE_OR_FORM
@requires(EDIT_POST)
def post_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT_POST, on=today)
    form = PostAddForm(
        request.POST or None,
        organisation=organisation,
        roles=givable_roles(request.user, organisation, on=today),
        candidates=candidates_for(organisation, request.user, on=today),
        initial={"since": today},
    )
    if form.is_valid() and form.save(by=request.user, on=today):
        given = form.result
        until = f"，任职至 {given.until:%Y-%m-%d}" if given.until else ""
        messages.success(request, f"已登记{given.holder_name}任“{given.get_role_display()}”{until}。")
        return redirect("branches:organisation_detail", pk)
    return form_page(request, "branches/post_add.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(EDIT_POST)
def post_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    posts = endable_posts(request.user, on=today).select_related("organisation", "member", "user")
    post = get_object_or_404(posts, pk=pk)
    form = PostEndForm(request.POST or None, post=post, initial={"day": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已登记{post.holder_name}离任“{post.get_role_display()}”。")
        return redirect("branches:organisation_detail", post.organisation_id)
    told = {"organisation": post.organisation, "handed_over": post.role in HANDED_OVER_ROLES}
    return form_page(request, "branches/post_end.html", form, post=post, **told)


@PAGE_OR_FORM
@requires(EDIT)
def term_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    initial = {"document": reply_for(organisation, on=today)}
    form = TermAddForm(request.POST or None, organisation=organisation, initial=initial)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已登记选举，本届任期至 {form.result.ends_on:%Y-%m-%d}。")
        return _after_election(request, organisation, on=today)
    return form_page(request, "branches/term_add.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(EDIT)
def term_extend(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    mine = Organisation.objects.permitted_to(request.user, EDIT, on=today)
    terms = Term.objects.current().filter(organisation__in=mine).select_related("organisation")
    term = get_object_or_404(terms, pk=pk)
    form = TermExtendForm(request.POST or None, term=term, initial={"approved_on": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已登记延期至 {form.result.extended_to:%Y-%m-%d}。")
        return redirect("branches:organisation_detail", term.organisation_id)
    return form_page(request, "branches/term_extend.html", form, term=term, organisation=term.organisation)


@PAGE_OR_FORM
@requires(EDIT)
def group_add(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    organisation = permitted(request, pk, EDIT, on=today)
    people = Member.objects.in_branch(organisation, on=today)
    form = GroupAddForm(
        request.POST or None, organisation=organisation, people=people, initial={"since": today}
    )
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"已成立“{form.result.name}”。")
        return redirect("branches:organisation_detail", pk)
    return form_page(request, "branches/group_add.html", form, organisation=organisation)


@PAGE_OR_FORM
@requires(EDIT)
def group_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    group = _permitted_group(request, pk, on=today)
    people = Member.objects.in_branch(group.organisation, on=today)
    form = GroupEditForm(request.POST or None, group=group, on=today, people=people)
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{form.result.name}”已保存。")
        return redirect("branches:organisation_detail", group.organisation_id)
    return form_page(request, "branches/group_edit.html", form, group=group, organisation=group.organisation)


@PAGE_OR_FORM
@requires(EDIT)
def group_end(request: SignedInRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    group = _permitted_group(request, pk, on=today)
    form = GroupEndForm(request.POST or None, group=group, initial={"day": today})
    if form.is_valid() and form.save(by=request.user, on=today):
        messages.success(request, f"“{group.name}”已登记撤销。")
        return redirect("branches:organisation_detail", group.organisation_id)
    return form_page(request, "branches/group_end.html", form, group=group, organisation=group.organisation)


def _after_election(request: SignedInRequest, organisation: Organisation, *, on: date) -> HttpResponse:
    """The result is to be filed next, where somebody may look at the chain."""
    row = election_rows([organisation], on=on)[0:1]
    if row and row[0].filing and may(request.user, "branches.view_election", on=on):
        messages.info(request, "接下来请将选举结果报上级批准、备案，办好后在这里登记。")
        return redirect("branches:election_detail", row[0].filing.pk)
    return redirect("branches:organisation_detail", organisation.pk)


def _permitted_group(request: SignedInRequest, pk: int, *, on: date) -> PartyGroup:
    mine = Organisation.objects.permitted_to(request.user, EDIT, on=on)
    groups = PartyGroup.objects.filter(organisation__in=mine, until=None).select_related("organisation")
    return get_object_or_404(groups, pk=pk)
