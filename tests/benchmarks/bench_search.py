"""The search beside the overview on DATABASE_URL, with DEBUG=1, so that pages need no collected files.

`python -m tests.benchmarks.bench_search grow BRANCHES`, then `measure`. The first grows the tree with one
month of items. The second prints JSON: seconds of both pages for staff of the committee, who see everything,
for staff of one general branch and for one worker. Best of ROUNDS, because the machine is shared.
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
from tests.factories.branches import make_post, make_user  # noqa: E402

ROUNDS = 3
# In nearly every row, in a few, in one, in none.
QUESTIONS = ("党", "党课", "P0000123", "绝无此词")


READERS = {
    "committee": (OrganisationKind.COMMITTEE, Role.COMMITTEE_STAFF),
    "staff": (OrganisationKind.GENERAL_BRANCH, Role.GENERAL_BRANCH_STAFF),
    "worker": (OrganisationKind.BRANCH, Role.WORKER),
}


def make_readers() -> None:
    for name, (kind, role) in READERS.items():
        place = Organisation.objects.filter(kind=kind).order_by("pk")[0]
        make_post(place, role, user=make_user(f"bench_{name}"))


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
        make_readers()
        sys.exit()
    told = {name: measured(User.objects.get(username=f"bench_{name}")) for name in READERS}
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
