"""Every page names the permission it needs, or stands in this short list."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from branches.access import permission_of
from branches.roles import all_permissions

# Pages anybody may see: no session, no cookie.
PUBLIC = {
    "landing",
    "healthz",
    "healthz_jobs",
    "accounts:login",
    "admin_login",
    "branches:start",
    "feed_calendar",
    "box:letter_write",
    "box:receipt_look",
    "box:survey",
    "box:survey_done",
    "box:wall",
}
# Pages every signed-in person has for their own account; they show nobody else's data.
OWN_ACCOUNT = {
    "home",
    "admin_logout",
    "admin_password_change",
    "accounts:logout",
    "accounts:large_text",
    "accounts:password_change",
    "accounts:password_confirm",
    "accounts:profile",
    "accounts:session_end",
    "accounts:session_list",
    "accounts:sessions_end",
    "factors:factor_check",
    "factors:factor_codes",
    "factors:factor_codes_confirm",
    "factors:factor_off",
    "factors:factor_replace",
    "factors:factor_set_up",
    "guide:help_here",
    "guide:help_list",
    "guide:help_page",
    "guide:tour_done",
    "guide:tour_page",
    "notices:channel_add",
    "notices:channel_edit",
    "notices:channel_pause",
    "notices:channel_remove",
    "notices:channel_try",
    "notices:choice_edit",
    "notices:hours_edit",
    "notices:message_detail",
    "notices:message_list",
    "notices:message_read_all",
    "notices:notice_settings",
    "notices:unread_count",
    "personal:correction_ask",
    "personal:correction_recall",
    "personal:notice_page",
    "personal:own_data",
    "personal:own_file",
    "reminders:feed_list",
    "reminders:feed_revoke",
}
# Ledgers decide by themselves who may open them (Ledger.may_open).
BY_LEDGER = "ledgers.by_ledger"


def patterns(resolver: URLResolver, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), f"{namespace}{entry.name}", entry.callback


PAGES = [page for page in patterns(get_resolver()) if not page[1].startswith("admin:")]


def test_pages_are_found() -> None:
    assert len(PAGES) > 20


@pytest.mark.parametrize(("route", "name", "view"), PAGES, ids=[page[1] for page in PAGES])
def test_page_names_its_permission(route: str, name: str, view: Any) -> None:
    if name in PUBLIC:
        assert permission_of(view) is None
        assert view.login_required is False
        return
    assert route.startswith("w/")
    assert getattr(view, "login_required", True) is True
    if name in OWN_ACCOUNT:
        return
    permission = permission_of(view)
    assert permission == BY_LEDGER or permission in all_permissions()


def test_public_and_own_lists_name_real_pages() -> None:
    names = {page[1] for page in PAGES}
    assert names >= PUBLIC | OWN_ACCOUNT
