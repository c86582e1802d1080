"""Uses an upgraded portal as its people do: python -m tests.upgrade.looking [health].

Prints what was seen as JSON."""

import json
import os
import sys
from io import StringIO
from typing import Any

import django
import pytest

PASSWORD = "Demo-2026!"  # as the first release kept it, hashed


def main() -> dict[str, Any]:
    assert pytest  # by its presence the settings know a test: style sheets need not be collected
    os.environ["NOTICE_SENDER"] = "portal@example.com"  # the installation of a test has mail
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the apps
    from django.test import Client  # noqa: PLC0415 - the same
    from django.utils import timezone  # noqa: PLC0415 - the same

    from audit.queries import verify_chain  # noqa: PLC0415 - the same
    from branches.models import Organisation  # noqa: PLC0415 - the same
    from periods.months import Month  # noqa: PLC0415 - the same
    from reminders.actions.refresh import refresh  # noqa: PLC0415 - the same
    from reminders.actions.summaries_check import check_summaries  # noqa: PLC0415 - the same
    from reminders.models import ReminderItem  # noqa: PLC0415 - the same
    from reminders.rules import ItemState  # noqa: PLC0415 - the same

    seen: dict[str, Any] = {"audit": verify_chain("").broken, "summaries": len(check_summaries().differences)}
    call_command("prepare", static="no", stdout=StringIO())
    call_command("makemigrations", check_changes=True, dry_run=True, stdout=StringIO())
    client = Client()
    seen["health"] = client.get("/healthz").content.decode()
    answer = client.post("/w/account/login/", {"username": "secretary01", "password": PASSWORD})
    seen["signed in"] = (answer.status_code, client.get("/w/", follow=True).status_code)
    page = client.get("/w/reminders/?month=2026-11").content.decode()
    branch = Organisation.objects.get(code="BR01")
    november = ReminderItem.objects.filter(organisation=branch, due_on__month=11, due_on__year=2026)
    names = {item.version.name for item in november.exclude(state=ItemState.WITHDRAWN)}
    seen["in November"] = len(names)
    seen["not on the page"] = sorted(name for name in names if name not in page)
    month, on = Month.of(timezone.localdate()), timezone.localdate()
    refresh(month, on=on)
    seen["made by a second refresh"] = refresh(month, on=on).created
    return seen


def health() -> str:
    """What a web process of today says over the tables there are."""
    django.setup()
    from django.test import Client  # noqa: PLC0415 - needs the apps

    answer = Client().get("/healthz")
    return f"{answer.status_code} {answer.content.decode()}"


if __name__ == "__main__":
    print(health() if "health" in sys.argv else json.dumps(main(), ensure_ascii=False))
