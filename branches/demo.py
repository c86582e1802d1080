"""The seed case: organisations, people, posts, terms and events of the demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from accounts.models import User
from branches.actions.accounts import open_account
from branches.actions.members import MemberRow, add_event, register_members
from branches.actions.organisations import SeasonData, add_organisation, set_busy_seasons
from branches.actions.posts import give_post
from branches.actions.terms import add_term
from branches.demo_cases import load_cases
from branches.models import Member, Organisation
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role
from periods.months import Month, months_between, shift_months_keep_month_end

CASE = Path(__file__).with_name("data") / "seed_case.yaml"
PASSWORD = "Demo-2026!"  # noqa: S105 - the published password of the demo, refused in production mode
# Plans lie in or after this year; joining dates and older facts never move.
FIRST_PLAN = date(2024, 1, 1)
TERM_YEARS = 3


@dataclass
class DemoTree:
    """What the later floors' demo needs to know of this one."""

    as_of: date
    admin: User
    committee: Organisation
    general: Organisation
    staff: User
    branches: dict[str, Organisation] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    workers: dict[str, User] = field(default_factory=dict)
    secretaries: dict[str, User] = field(default_factory=dict)


def read_case() -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(CASE.read_text("utf-8"))
    return case


def months_to_shift(case: Mapping[str, Any], today: date) -> int:
    """Whole months by which the case's plans move so that its as-of month is the current one."""
    return months_between(Month.of(date.fromisoformat(case["meta"]["as_of"])), Month.of(today))


class Shift:
    """Moves plans by whole months; a month's last day stays a month's last day."""

    def __init__(self, months: int) -> None:
        self.months = months

    def plan(self, text: str) -> date:
        on = date.fromisoformat(text)
        return on if on < FIRST_PLAN else shift_months_keep_month_end(on, self.months)

    def term(self, elected: str) -> tuple[date, date]:
        """Election and end of a term: a term that still runs moves whole."""
        start = date.fromisoformat(elected)
        end = start.replace(year=start.year + TERM_YEARS)
        if end < FIRST_PLAN:
            return start, end
        moved = shift_months_keep_month_end(start, self.months)
        return moved, moved.replace(year=moved.year + TERM_YEARS)


def load(case: Mapping[str, Any], *, as_of: date, shift: Shift, by: User) -> DemoTree:
    """Load the case into an empty database; the caller opens the transaction."""
    tree = _organisations(case, as_of=as_of, by=by)
    _people(case, tree, shift=shift, by=by)
    _terms_and_posts(case, tree, shift=shift, by=by)
    _accounts(tree, by=by)
    load_cases(committee=tree.committee, general=tree.general, as_of=as_of, by=tree.staff)
    return tree


def _organisations(case: Mapping[str, Any], *, as_of: date, by: User) -> DemoTree:
    facts = case["organization"]
    committee = add_organisation(
        code="DW01", name="上级党委", kind=OrganisationKind.COMMITTEE, parent=None, by=by
    )
    general = add_organisation(
        code="DZ01",
        name=facts["general_branch"]["name_zh"],
        kind=OrganisationKind.GENERAL_BRANCH,
        parent=committee,
        by=by,
    )
    set_busy_seasons(general, seasons=[SeasonData("烤烟收购期", "08-01", "11-15")], by=by)
    staff, _ = open_account(username="staff", name="总支党务干部", by=by, same_password_as=by)
    tree = DemoTree(as_of=as_of, admin=by, committee=committee, general=general, staff=staff)
    for row in case["branches"]:
        tree.branches[row["code"]] = add_organisation(
            code=row["code"],
            name=row["name_zh"],
            kind=OrganisationKind.BRANCH,
            parent=general,
            by=by,
            industry_line=row["industry_line"]["zh"],
            latitude=Decimal(str(row["location"]["lat"])),
            longitude=Decimal(str(row["location"]["lon"])),
            party_day=10 if row["kind"] == "station" else None,
        )
    return tree


def _people(case: Mapping[str, Any], tree: DemoTree, *, shift: Shift, by: User) -> None:
    rows = [_row(row, tree.branches[row["branch"]], shift) for row in case["members"]]
    for member in register_members(rows, by=by):
        tree.members[member.code] = member
    # A transfer that is decided leaves the branch on the day the case projects.
    leaves_on = {row["code"]: row["projection"]["on"] for row in case["branches"] if "projection" in row}
    for row in case["members"]:
        member = tree.members[row["id"]]
        if row.get("event") == "retire":
            add_event(member, kind=EventKind.RETIRED, on=shift.plan(row["event_on"]), by=by)
        elif row.get("event") == "transfer_out":
            on, announced_on = shift.plan(leaves_on[row["branch"]]), shift.plan(row["event_on"])
            add_event(member, kind=EventKind.MOVED_OUT, on=on, announced_on=announced_on, by=by)


def _row(row: Mapping[str, Any], branch: Organisation, shift: Shift) -> MemberRow:
    full = row["status"] == "full"
    since = date.fromisoformat(row["joined"]) if full else shift.plan(row["admitted"])
    return MemberRow(
        code=row["id"],
        name=row["name"],
        organisation=branch,
        status=MemberStatus.FULL if full else MemberStatus.PROBATIONARY,
        since=since,
        joined_on=since,
        home_department=row["home_department"],
        assigned=row["assigned"],
    )


def _terms_and_posts(case: Mapping[str, Any], tree: DemoTree, *, shift: Shift, by: User) -> None:
    started: dict[str, date] = {}
    for row in case["branches"]:
        elected_on, ends_on = shift.term(row["last_election_on"])
        started[row["code"]] = elected_on
        add_term(tree.branches[row["code"]], elected_on=elected_on, ends_on=ends_on, by=by)
    for row in case["members"]:
        if role := row.get("role"):
            give_post(
                tree.branches[row["branch"]],
                role=Role(role),
                member=tree.members[row["id"]],
                since=started[row["branch"]],
                by=by,
            )


def _accounts(tree: DemoTree, *, by: User) -> None:
    overseer, _ = open_account(username="committee", name="党委党务干部", by=by, same_password_as=by)
    opened = date(tree.as_of.year - 1, 1, 1)
    give_post(tree.general, role=Role.GENERAL_BRANCH_STAFF, user=tree.staff, since=opened, by=by)
    give_post(tree.committee, role=Role.COMMITTEE_STAFF, user=overseer, since=opened, by=by)
    give_post(tree.committee, role=Role.ADMINISTRATOR, user=by, since=opened, by=by)
    for code, branch in tree.branches.items():
        number = code.removeprefix("BR")
        secretary = Member.objects.get(posts__organisation=branch, posts__role=Role.SECRETARY)
        worker = _worker_of(branch, secretary)
        tree.secretaries[code], _ = open_account(
            username=f"secretary{number}", name=secretary.name, member=secretary, by=by, same_password_as=by
        )
        tree.workers[code], _ = open_account(
            username=f"worker{number}", name=worker.name, member=worker, by=by, same_password_as=by
        )
        give_post(branch, role=Role.WORKER, member=worker, since=opened, by=by)


def _worker_of(branch: Organisation, secretary: Member) -> Member:
    """One full member of the branch without another office where there is one."""
    full = Member.objects.filter(
        memberships__organisation=branch, memberships__status=MemberStatus.FULL
    ).order_by("code")
    others = full.exclude(pk=secretary.pk)
    leaving = others.filter(events__kind__in=[EventKind.RETIRED, EventKind.MOVED_OUT])
    free = others.exclude(pk__in=leaving).exclude(posts__organisation=branch)
    return free.first() or others.first() or secretary
