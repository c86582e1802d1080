"""A portal of a large company after years of use, on DATABASE_URL.

    python -m tests.benchmarks.load.world FOLDER BRANCHES MONTHS ACCOUNTS PEOPLE

Built by the portal's own refresh, month after month; what people did in it is written set-wise (fill.py).
All accounts share one password hash, made once: signing in is as dear as ever, preparing is not. The last
month is the current one, because the portal asks the clock. FOLDER gets world.json (who signs in as what, the
addresses that only this world has, its size) and two roster files of so many people who are not yet there.
"""

import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - needs the settings
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from branches.models import Member, Organisation, Post  # noqa: E402
from branches.rules import OrganisationKind, Role  # noqa: E402
from errorbank.actions.entries_load import load_entries  # noqa: E402
from periods.months import Month, month_range  # noqa: E402
from periods.spans import days_of  # noqa: E402
from records.rules import RecordKind  # noqa: E402
from reminders.actions.catalogue_load import load_catalogue  # noqa: E402
from reminders.actions.feeds import make_feed  # noqa: E402
from reminders.actions.refresh import refresh  # noqa: E402
from reminders.actions.summaries import rebuild  # noqa: E402
from reminders.models import ReminderItem  # noqa: E402
from reminders.rules import RefreshTrigger  # noqa: E402
from tests.benchmarks.load import fill  # noqa: E402
from tests.benchmarks.roster_import import roster  # noqa: E402
from tests.factories.branches import LONG_AGO  # noqa: E402
from tests.factories.reminders import grow_tree, make_action  # noqa: E402

PASSWORD = "Load-bench-2026!"
STAFF_OF_A_PLACE = 6
OWN_ACTIONS = 9
FEEDS = 40
# The tables by whose size the world is told.
TOLD = (
    "accounts_user",
    "branches_member",
    "reminders_reminderitem",
    "records_record",
    "records_attendance",
    "errorbank_finding",
    "errorbank_practicecard",
    "notices_message",
    "incentives_contributionentry",
    "accounts_signin",
    "audit_auditevent",
)


def build(*, branches: int, months: int, accounts: int, today: date) -> None:
    first = Month.of(today).plus(1 - months)
    call_command("migrate", verbosity=0)
    load_catalogue(on=first.first)
    load_entries()
    with transaction.atomic():
        _own_actions(grow_tree(branches))
        _name_places()
        _open_accounts(accounts)
    fill.make_days(first.first, today)
    for month in month_range(first, Month.of(today)):
        refresh(month, on=month.first, trigger=RefreshTrigger.SCHEDULE)
        fill.settle_items(month, today=today)
    refresh(Month.of(today), on=today, trigger=RefreshTrigger.SCHEDULE)
    with transaction.atomic():
        fill.fill_years(first.first, today)
    rebuild()
    _do("ANALYZE")


def _own_actions(root: Organisation) -> None:
    """What the committee itself asks of every branch each month, on top of the shipped catalogue."""
    kinds = (RecordKind.MEETING, RecordKind.ACTIVITY, RecordKind.DATE_ONLY, RecordKind.DOCUMENT)
    for n in range(OWN_ACTIONS):
        rule = {"kind": "periodic", "period": "month", "remind_days_before": [10]}
        make_action(
            f"own_{n}", organisation=root, name=f"本单位事项{n}", due_rule=rule, record_kind=kinds[n % 4]
        )


def _name_places() -> None:
    """Names as a roster file would spell them, each one only once."""
    for kind, name in (
        (OrganisationKind.GENERAL_BRANCH, "第{}党总支"),
        (OrganisationKind.BRANCH, "第{}党支部"),
    ):
        places = list(Organisation.objects.filter(kind=kind).order_by("code"))
        for number, place in enumerate(places):
            place.name = name.format(number)
        Organisation.objects.bulk_update(places, ["name"])


def _open_accounts(accounts: int) -> None:
    """One for every member, and for staff; each branch gets a worker among its members."""
    password = make_password(PASSWORD)
    members = list(Member.objects.order_by("pk"))
    people = [User(username=f"m{n:04d}", name=each.name, password=password) for n, each in enumerate(members)]
    people += [
        User(username=f"staff{n:03d}", name=f"党务干部{n}", password=password)
        for n in range(max(accounts - len(members), STAFF_OF_A_PLACE))
    ]
    made = User.objects.bulk_create(people, batch_size=1000)
    for member, user in zip(members, made, strict=False):
        member.user = user
    Member.objects.bulk_update(members, ["user"], batch_size=500)
    _give_posts(made[len(members) :])


def _give_posts(staff: list[User]) -> None:
    """Staff of the committee and of each general branch by turns; workers where a branch has none."""
    above = list(Organisation.objects.exclude(kind=OrganisationKind.BRANCH).order_by("path"))
    roles = {
        OrganisationKind.COMMITTEE: Role.COMMITTEE_STAFF,
        OrganisationKind.GENERAL_BRANCH: Role.GENERAL_BRANCH_STAFF,
    }
    posts = []
    for n, user in enumerate(staff):
        place = above[n % len(above)]
        posts.append(
            Post(organisation=place, role=roles[OrganisationKind(place.kind)], user=user, since=LONG_AGO)
        )
    served = set(Post.objects.filter(role=Role.WORKER).values_list("organisation", flat=True))
    for branch in Organisation.objects.filter(kind=OrganisationKind.BRANCH).exclude(pk__in=served):
        second = Member.objects.filter(memberships__organisation=branch).order_by("pk")[1]
        posts.append(Post(organisation=branch, role=Role.WORKER, member=second, since=LONG_AGO))
    Post.objects.bulk_create(posts)


def _do(text: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return list(cursor.fetchall()) if cursor.description else []


def told() -> dict[str, int]:
    return {table: _do(f"SELECT COUNT(*) FROM {table}")[0][0] for table in TOLD}  # noqa: S608 - our names


# --- what the people of the run need to know -------------------------------------------------------


def _names(*roles: Role) -> list[str]:
    posts = Post.objects.filter(role__in=roles)
    held = User.objects.filter(Q(posts__in=posts) | Q(member__posts__in=posts))
    return list(held.order_by("pk").values_list("username", flat=True).distinct())


def _feeds() -> list[str]:
    workers = User.objects.filter(username__in=_names(Role.WORKER)[:FEEDS]).order_by("pk")
    tokens = [make_feed(user, label="日历", now=timezone.now()).token for user in workers]
    return [reverse("feed_calendar", args=[f"{token}.ics"]) for token in tokens]


def _long_ledger(place: Organisation, rows: int, today: date) -> dict[str, Any]:
    """Of the years, halves, quarters and months lately that whose ledger has nearest to so many rows."""
    years = (today.year - 1, today.year)
    spans = [f"{year}{part}" for year in years for part in ("", "H1", "H2", "Q1", "Q2", "Q3", "-02", "-03")]
    items = ReminderItem.objects.filter(organisation__in=Organisation.objects.within(place))
    counted = {
        span: items.filter(Q(due_on__range=days_of(span)) | Q(done_on__range=days_of(span))).count()
        for span in spans
    }
    span, found = min(counted.items(), key=lambda pair: abs(pair[1] - rows))
    return {"query": f"organisation={place.code}&period={span}", "rows": found}


def _rosters(folder: Path, place: Organisation, people: int) -> list[str]:
    """The same people twice, in another department: the first file brings them, the next changes them."""
    places = list(Organisation.objects.filter(parent=place).order_by("code").values_list("name", flat=True))
    paths = [folder / f"roster_{n}.xlsx" for n in range(2)]
    for path, department in zip(paths, ("烟叶科", "市场科"), strict=True):
        path.write_bytes(roster(people, places=places, department=department))
    return [str(path) for path in paths]


def facts(folder: Path, people: int, today: date) -> dict[str, Any]:
    roles = {
        "secretary": (Role.SECRETARY,),
        "worker": (Role.WORKER,),
        "staff": (Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF),
    }
    # One general branch does the heavy work: long ledgers and whole rosters are its own business.
    general = Organisation.objects.filter(kind=OrganisationKind.GENERAL_BRANCH).order_by("code")[0]
    names = {name: _names(*held) for name, held in roles.items()}
    names["heavy"] = list(User.objects.filter(posts__organisation=general).values_list("username", flat=True))
    return {
        "password": PASSWORD,
        "people": names,
        "months": [str(Month.of(today).plus(-n)) for n in range(12)],
        "feeds": _feeds(),
        "general": general.pk,
        "today": today.isoformat(),
        "ledger": _long_ledger(general, people, today),
        "rosters": _rosters(folder, general, people),
        "rows": told(),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    branches, months, accounts, people = (int(text) for text in sys.argv[2:6])
    start = time.perf_counter()
    day = timezone.localdate()
    build(branches=branches, months=months, accounts=accounts, today=day)
    seconds = round(time.perf_counter() - start, 1)
    known = {"seconds": seconds, **facts(folder, people, day)}
    (folder / "world.json").write_text(json.dumps(known, ensure_ascii=False), "utf-8")
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": known["rows"]}) + "\n")
