"""What is typed into a form that asks for a password stays in no row of the lockout's counters."""

from importlib import import_module
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.db import connection
from django.http import HttpRequest
from django.test import Client

from accounts.lockout import FormlessHandler
from tests.factories.accounts import make_account
from tests.factors.phone import CHECK, LOGIN, make_phone

pytestmark = pytest.mark.django_db
CANARY = "Canary-2026"
BETWEEN = "\n---------\n"  # what django-axes writes between two forms
ACCOUNT = "/w/account/"
PROOF = {"password": f"{CANARY}-password", "code": f"{CANARY}-code"}
CHANGED = {name: f"{CANARY}-{name}" for name in ("old_password", "new_password")}
# Every page that asks for a password → what is typed there.
FORMS = {
    f"{ACCOUNT}password/": {**CHANGED, "repeated": CHANGED["new_password"]},
    f"{ACCOUNT}password/confirm/": {"password": f"{CANARY}-confirm", "next": f"/w/?q={CANARY}"},
    f"{CHECK}off/": PROOF,
    f"{CHECK}codes/": PROOF,
    f"{CHECK}replace/": PROOF,
}


def counters() -> list[dict[str, Any]]:
    return [row for model in apps.get_app_config("axes").get_models() for row in model._base_manager.values()]


def told(rows: list[dict[str, Any]]) -> list[str]:
    """The columns that repeat what was typed, whatever its case."""
    return [name for row in rows for name, value in row.items() if CANARY.lower() in str(value).lower()]


def test_a_sign_in_that_failed_leaves_no_word_of_the_form(client: Client) -> None:
    make_account()
    for name in ("worker03", f"{CANARY}-name"):
        for _ in range(2):
            typed = {"username": name, "password": f"{CANARY}-p", "extra": f"{CANARY}-extra"}
            assert client.post(f"{LOGIN}?q={CANARY}", typed).status_code == 422
    kept = [(row["failures_since_start"], row["get_data"], row["post_data"]) for row in counters()]
    assert kept == [(2, BETWEEN, BETWEEN)] * 2
    assert told(counters()) == []


@pytest.mark.parametrize("address", FORMS)
def test_a_password_asked_for_again_leaves_no_word_of_the_form(client: Client, address: str) -> None:
    client.force_login(phone_user(client))
    for _ in range(2):
        assert client.post(f"{address}?q={CANARY}", FORMS[address]).status_code == 422
    [row] = counters()
    assert row["failures_since_start"] == 2
    assert told([row]) == []


def phone_user(client: Client) -> Any:
    phone = make_phone()
    client.force_login(phone.user)
    session = client.session
    session["second_factor_given"] = 1
    session.save()
    return phone.user


def test_the_view_finds_its_form_again(rf: Any) -> None:
    request: HttpRequest = rf.post("/w/account/login/?next=/w/x/", {"username": "worker03", "next": "/w/"})
    request.axes_locked_out = True  # type: ignore[attr-defined]  # set by axes
    for name in ("axes_ip_address", "axes_user_agent", "axes_path_info"):
        setattr(request, name, "")
    request.axes_attempt_time = None  # type: ignore[attr-defined]  # set by axes
    FormlessHandler().user_login_failed(None, {"username": "worker03"}, request)
    assert (request.POST["username"], request.GET["next"]) == ("worker03", "/w/x/")


def test_the_update_takes_what_was_written_down_before() -> None:
    typed = f"old_password={CANARY}"
    AccessAttempt.objects.create(username="worker03", post_data=typed, failures_since_start=1)
    migration = import_module("accounts.migrations.0010_forget_typed_forms")
    migration.forget(apps, connection.schema_editor())
    assert counters() == []
