"""The search beside the overview on DATABASE_URL, with DEBUG=1, so that pages need no collected files.

`python -m tests.benchmarks.bench_search grow BRANCHES`, then `measure`. The first grows the tree with one month
of items; the second prints JSON: seconds of both pages for staff of the committee,
who see everything, for staff of one general branch and for one worker. Best of ROUNDS, because the machine is
shared.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402 - needs the settings
from django.urls import reverse  # noqa: E402

from accounts.models import User  # noqa: E402
from branches.models import Organisation  # noqa: E402
from branches.rules import OrganisationKind, Role  # noqa: E402
from periods.months import Month  # noqa: E402
from reminders.actions.refresh import refresh  # noqa: E402
from tests.benchmarks.refresh_floor import DAY, grow  # noqa: E402
from tests.factories.branches import make_holder  # noqa: E402

ROUNDS = 3
# In nearly every row, in a few, in one, in none.
QUESTIONS = ("党", "党课", "P0000123", "绝无此词")


def people() -> dict[str, User]:
    places = {kind: Organisation.objects.filter(kind=kind).order_by("pk") for kind in OrganisationKind}
    committee, general, branch = (
        places[kind][0]
        for kind in (OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH, OrganisationKind.BRANCH)
    )
    return {
        "committee": make_holder(committee, Role.COMMITTEE_STAFF),
        "staff": make_holder(general, Role.GENERAL_BRANCH_STAFF),
        "worker": make_holder(branch, Role.WORKER),
    }


def measured(user: User) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    page = "reminders:month_list" if user.posts.filter(role=Role.WORKER).exists() else "reminders:overview"
    beside = _best(client, reverse(page), {})
    seconds = {asked: _best(client, reverse("dashboards:search"), {"q": asked}) for asked in QUESTIONS}
    return {
        "beside": page,
        "beside_seconds": round(beside, 3),
        "search_seconds": {asked: round(each, 3) for asked, each in seconds.items()},
        "worst_to_beside": round(max(seconds.values()) / beside, 2),
    }


def _best(client: Client, path: str, query: dict[str, str]) -> float:
    return min(_seconds(client, path, query) for _ in range(ROUNDS))


def _seconds(client: Client, path: str, query: dict[str, str]) -> float:
    start = time.perf_counter()
    reply = client.get(path, query, secure=True)
    assert reply.status_code == 200, (path, reply.status_code)
    return time.perf_counter() - start


if __name__ == "__main__":
    if sys.argv[1] == "grow":
        grow(int(sys.argv[2]))
        refresh(Month.of(DAY), on=DAY)
        sys.exit()
    sys.stdout.write(json.dumps({name: measured(user) for name, user in people().items()}) + "\n")
