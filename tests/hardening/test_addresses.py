"""Every address has a name of its own, and the admin site opens to its keepers alone."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver, get_resolver, include, path, reverse
from django.urls.resolvers import RegexPattern

from accounts.models import User
from tests.hardening.addresses import all_addresses, every_url, unfit_names
from tests.hardening.walking import client_of, sent

CLOSED_TO = ("stranger", "nobody", "own_worker", "staff", "committee", "recipient", "auditor")


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("one more")


def test_every_address_has_a_name_of_its_own() -> None:
    assert unfit_names(get_resolver()) == []
    assert every_url().keys() == all_addresses().keys()


def test_a_nameless_address_and_a_name_given_twice_are_noticed() -> None:
    planted = include(([path("new/", page), path("a/", page, name="a"), path("b/", page, name="a")], "x"))
    root = URLResolver(RegexPattern(r"^/"), [path("w/", planted), path("alone/", page)])
    assert unfit_names(root) == ["alone/", "x:a", "x:new/"]


def admin_addresses() -> Iterator[str]:
    """Lists, forms and objects of all that is registered, and the pages beside them."""
    yield from (reverse("admin:index"), reverse("admin:jsi18n"), reverse("admin:autocomplete"))
    for model in admin.site._registry:
        kind = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._base_manager.values_list("pk", flat=True).first() or 1
        yield reverse(f"{kind}_changelist")
        yield reverse(f"{kind}_add")
        for name in ("change", "delete", "history"):
            yield reverse(f"{kind}_{name}", args=[row])
        yield reverse("admin:app_list", args=[model._meta.app_label])


@pytest.mark.django_db
def test_the_admin_site_is_closed_to_all_but_administrators(people: dict[str, User | None]) -> None:
    addresses = list(admin_addresses())
    assert len(addresses) > 40
    opened = {
        (viewer, address): answer.status_code
        for viewer in CLOSED_TO
        for client in [client_of(people[viewer])]
        for address in addresses
        for method in ("get", "post")
        if "/account/login/" not in (answer := sent(client, method, address)).headers.get("Location", "")
        and answer.status_code != 403
        and "/w/admin/login/" not in answer.headers.get("Location", "")
    }
    assert opened == {}


@pytest.mark.django_db
def test_its_lists_open_to_an_administrator(people: dict[str, User | None]) -> None:
    client = client_of(people["administrator"])
    rows = [model._meta for model in admin.site._registry]
    lists = [reverse(f"admin:{row.app_label}_{row.model_name}_changelist") for row in rows]
    assert {sent(client, "get", address).status_code for address in lists} == {200}
