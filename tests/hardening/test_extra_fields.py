"""Nothing is set by writing it into a form that does not show it: real pages of every app, and all forms."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.test import Client, override_settings
from django.urls import include, path, reverse

from accounts.models import User
from branches.forms.base import ActionForm
from tests.hardening.addresses import all_addresses
from tests.hardening.filling import filled, writes
from tests.hardening.viewers import AS_OF
from tests.hardening.walking import client_of
from tests.papers.conftest import MEETING

# What a page may write where it shows it, and nowhere else.
CHOSEN = {"organisation": "1", "state": "closed", "role": "secretary", "member": "1", "owner": "1"}
# What nobody sets by writing it into any form.
NEVER = {
    "is_superuser": "1",
    "is_staff": "1",
    "is_active": "1",
    "exclusive_duty": "administrator",
    "session_epoch": "0",
    "must_change_password": "",
    "user": "1",
    "made_by": "1",
    "granted_by": "1",
    "entered_by": "1",
    "made_at": "2020-01-01",
    "id_number_sealed": "x",
    "id_number_digest": "x",
    "pk": "1",
    "id": "1",
}
# Declared by a form that writes although it is none of the choices a view narrows, and why.
SHOWN = {
    "burden.forms.measures.EntryForm.owner": "the words of a list: which office answers for it",
    "incentives.forms.appeals.AnswerForm.state": "one of two outcomes, which is all the answer decides",
    "personal.forms.AnswerForm.state": "one of two outcomes, which is all the answer decides",
}
# Viewer → pages whose form is filled in and sent twice, with and without all of the above.
PAGES = {
    "own_worker": (
        "accounts:profile",
        "branches:development_add",
        "branches:development_correct",
        "burden:demand_propose",
        "errorbank:entry_add",
        "errorbank:finding_add",
        "incentives:nomination_add",
        "incentives:reserve_end",
        "ledgers:archive_page",
        "notices:channel_edit",
        "personal:correction_ask",
        "training:help_offer",
        "training:output_add",
        "training:pair_talk",
        "training:work_edit",
        "training:work_judge",
    ),
    "staff": (
        "branches:election_step",
        "branches:event_correct",
        "branches:grant_add",
        "branches:group_edit",
        "branches:joint_group_edit",
        "branches:member_add",
        "branches:organisation_event_correct",
        "branches:post_add",
        "burden:demand_add",
        "burden:measure_value_add",
        "burden:survey_close",
        "dashboards:brief_edit",
        "errorbank:entry_review",
        "errorbank:proposal_confirm",
        "errorbank:recheck_assign",
        "incentives:appeal_answer",
        "incentives:entry_take_back",
        "incentives:honour_call",
        "incentives:level_fact_add",
        "incentives:nomination_decide",
        "incentives:story_edit",
        "papers:template_add",
        "personal:correction_answer",
        "reminders:action_add",
        "reminders:handover_add",
        "reminders:handover_check",
        "reminders:pack_edit",
        "training:card_edit",
        "training:contest_add",
        "training:pair_decide",
        "training:rotation_month",
    ),
    "own_secretary": ("burden:agreed_time_add", "incentives:honour_withdraw", "reminders:stand_in_add"),
}
# Pages that write no row: what is chosen there stays in the browser.
COOKIES = {"accounts:profile"}
# Apps without a page of that kind, and why.
WITHOUT = {
    "box": "nobody is signed in: tests/box",
    "factors": "asks for a code of the own device: tests/factors",
    "guide": "its one form says that a tour was seen",
}


def typed(name: str) -> dict[str, Any]:
    """What a page asks for besides what can be guessed."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    given: dict[str, dict[str, Any]] = {
        "accounts:profile": {"theme": "dark"},
        "dashboards:brief_edit": {"text": "本月各项工作按期完成。"},
        "papers:template_add": {"file": SimpleUploadedFile("记录.docx", MEETING, word)},
    }
    return given.get(name, {})


def written(client: Client, address: str, data: dict[str, Any]) -> tuple[int, list[Any]]:
    """The answer, and what the request wrote, which is taken back."""
    point = transaction.savepoint()
    try:
        with writes() as seen:
            status = client.post(address, data).status_code
    finally:
        transaction.savepoint_rollback(point)
    return status, seen


def taken(user: User, name: str, address: str) -> str:
    """What is wrong with this page: its form was refused, or the extra fields made a difference."""
    form = client_of(user).get(address).context["form"]
    data = filled(form, on=AS_OF)
    extra = {key: value for key, value in (CHOSEN | NEVER).items() if key not in form.fields}
    status, plain = written(client_of(user), address, data | typed(name))
    if status != 302 or bool(plain) == (name in COOKIES):
        return f"{name} was not saved: {status}"
    if (status, plain) != written(client_of(user), address, data | typed(name) | extra):
        return f"{name} takes what it does not show"
    return ""


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", PAGES)
def test_what_a_page_does_not_show_is_not_taken(
    viewer: str, people: dict[str, User | None], made: dict[str, str]
) -> None:
    user, addresses = people[viewer], all_addresses() | made
    assert user
    found = [taken(user, name, addresses[name]) for name in PAGES[viewer]]
    assert [problem for problem in found if problem] == []


def test_every_app_has_its_page() -> None:
    apps = {name.partition(":")[0] for name in all_addresses() if ":" in name} - {"admin"}
    assert {name.partition(":")[0] for names in PAGES.values() for name in names} == apps - WITHOUT.keys()


class NameForm(forms.Form):
    name = forms.CharField()


def careless(request: HttpRequest) -> HttpResponse:
    """Shows one field, and takes whatever else is a column."""
    form = NameForm(request.POST or None, initial={"name": "雷彩霞"})
    if form.is_valid():
        columns = {field.name for field in User._meta.fields} - {"id"}
        sent = {key: value for key, value in request.POST.items() if key in columns}
        User.objects.update(**{key: value for key, value in sent.items() if value})
        return redirect("home")
    return render(request, "403.html", {"form": form})


urlpatterns = [path("w/careless/", careless, name="careless"), path("", include("partyaffairs.urls"))]


@pytest.mark.django_db
def test_a_page_that_takes_them_is_found(people: dict[str, User | None]) -> None:
    user = people["own_worker"]
    assert user
    with override_settings(ROOT_URLCONF=__name__):
        assert taken(user, "careless", reverse("careless")) == "careless takes what it does not show"


# --- what forms declare ------------------------------------------------------------------------


def forms_below(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for below in kind.__subclasses__():
        yield below
        yield from forms_below(below)


def ours() -> list[type[forms.BaseForm]]:
    """Every form of the portal; the modules are read with the addresses."""
    all_addresses()
    found = {
        form for form in forms_below(forms.BaseForm) if not form.__module__.startswith(("django", "tests"))
    }
    return sorted(found, key=lambda form: (form.__module__, form.__qualname__))


def offers_nothing_yet(field: forms.Field) -> bool:
    """A choice among what the view finds this person may choose."""
    if isinstance(field, forms.ModelChoiceField):
        return field.queryset is not None and field.queryset.query.is_empty()
    return isinstance(field, forms.ChoiceField) and field.choices == []


def declared(kinds: list[type[forms.BaseForm]]) -> Iterator[str]:
    """Protected fields that forms have of themselves; filters only read, so they may name what they like."""
    for kind in kinds:
        fields: dict[str, forms.Field] = getattr(kind, "base_fields", {})
        for name, field in fields.items():
            chosen = name in CHOSEN and issubclass(kind, ActionForm) and not offers_nothing_yet(field)
            if name in NEVER or chosen:
                yield f"{kind.__module__}.{kind.__qualname__}.{name}"


def test_no_form_takes_its_fields_from_a_model() -> None:
    found = ours()
    assert len(found) > 100
    assert sum(issubclass(form, ActionForm) for form in found) > 80
    assert [
        form for form in found if issubclass(form, forms.BaseModelForm) and "admin" not in form.__module__
    ] == []


def test_no_form_declares_what_nobody_may_set() -> None:
    assert sorted(declared(ours())) == sorted(SHOWN)


def test_a_form_that_declares_it_is_found() -> None:
    planted: dict[str, Any] = {
        "made_by": forms.IntegerField(),
        "role": forms.ChoiceField(choices=[("secretary", "书记")]),
        "state": forms.ChoiceField(),
        "title": forms.CharField(),
    }
    kind = type("Planted", (ActionForm,), planted)
    assert [name.rpartition(".")[2] for name in declared([kind])] == ["made_by", "role"]
