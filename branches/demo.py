"""The seed case: organisations, people, posts, terms and events of the demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from accounts.models import User
from branches.actions.accounts import open_account
from branches.actions.elections import record_step
from branches.actions.members import MemberRow, add_event, register_members
from branches.actions.organisations import (
    SeasonData,
    add_organisation,
    set_busy_seasons,
    update_organisation,
)
from branches.actions.posts import give_post
from branches.actions.terms import add_term
from branches.demo_cases import load_cases
from branches.models import Member, Organisation, Term
from branches.rules import ElectionStepKind, EventKind, MemberStatus, OrganisationKind, Role
from periods.months import Month, add_years, months_between, shift_months_keep_month_end

CASE = Path(__file__).with_name("data") / "seed_case.yaml"
PASSWORD = "Demo-2026!"  # noqa: S105 - the published password of the demo, refused in production mode
# Plans lie in or after this year; joining dates and older facts never move.
FIRST_PLAN = date(2024, 1, 1)
TERM_YEARS = 3
# The result of an election was filed so many days after it.
FILED_AFTER = timedelta(days=12)


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
    recruits: dict[str, Member] = field(default_factory=dict)
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
    _departed(case, tree, shift=shift, by=by)
    _recruits(case, tree, shift=shift, by=by)
    _terms_and_posts(case, tree, shift=shift, by=by)
    _election_steps(case, tree, shift=shift, by=by)
    _accounts(tree, by=by)
    load_cases(committee=tree.committee, general=tree.general, as_of=as_of, by=tree.staff)
    return tree


def _organisations(case: Mapping[str, Any], *, as_of: date, by: User) -> DemoTree:
    facts = case["organization"]
    committee = add_organisation(
        code="DW01",
        name="上级党委",
        kind=OrganisationKind.COMMITTEE,
        parent=None,
        by=by,
        approves_members=True,
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
    former = {row["branch"]: row for row in case["former_names"]}
    for row in case["branches"]:
        code, name = row["code"], row["name_zh"]
        made = tree.branches[code] = add_organisation(
            code=code,
            name=former[code]["name"] if code in former else name,
            kind=OrganisationKind.BRANCH,
            parent=general,
            by=by,
            industry_line=row["industry_line"]["zh"],
            latitude=Decimal(str(row["location"]["lat"])),
            longitude=Decimal(str(row["location"]["lon"])),
            party_day=10 if row["kind"] == "station" else None,
        )
        if code in former:
            until, document = date.fromisoformat(former[code]["until"]), former[code]["document"]
            update_organisation(made, by=by, name=name, renamed_on=until, document=document)
    return tree


def _people(case: Mapping[str, Any], tree: DemoTree, *, shift: Shift, by: User) -> None:
    rows = [_row(row, tree.branches[row["branch"]], shift) for row in case["members"]]
    for member in register_members(rows, by=by):
        tree.members[member.code] = member
    _births(tree)
    # A transfer that is decided leaves the branch on the day the case projects.
    leaves_on = {row["code"]: row["projection"]["on"] for row in case["branches"] if "projection" in row}
    for row in case["members"]:
        member = tree.members[row["id"]]
        if row.get("event") == "retire":
            add_event(member, kind=EventKind.RETIRED, on=shift.plan(row["event_on"]), by=by)
        elif row.get("event") == "transfer_out":
            on, announced_on = shift.plan(leaves_on[row["branch"]]), shift.plan(row["event_on"])
            add_event(member, kind=EventKind.MOVED_OUT, on=on, announced_on=announced_on, by=by)


def _births(tree: DemoTree) -> None:
    """Days of birth that fit the joining dates, for the ages of the roster."""
    known = [member for member in tree.members.values() if member.joined_on]
    for n, member in enumerate(known):
        year = member.joined_on.year if member.joined_on else 0
        member.birth_on = date(year - 24 - n % 6, n % 12 + 1, n % 28 + 1)
    Member.objects.bulk_update(known, ["birth_on"])


def _departed(case: Mapping[str, Any], tree: DemoTree, *, shift: Shift, by: User) -> None:
    """Who left before the as-of day: the history of a branch that began the year with more."""
    for row in case["departed"]:
        entered = MemberRow(
            code=row["id"],
            name=row["name"],
            organisation=tree.branches[row["branch"]],
            status=MemberStatus.FULL,
            since=date.fromisoformat(row["since"]),
            joined_on=date.fromisoformat(row["joined"]),
            home_department=row["home_department"],
            assigned=row["assigned"],
        )
        (member,) = register_members([entered], by=by)
        on, decided = shift.plan(row["left_on"]), shift.plan(row["decided_on"])
        add_event(member, kind=EventKind.MOVED_OUT, on=on, announced_on=decided, note=row["note"], by=by)


def _recruits(case: Mapping[str, Any], tree: DemoTree, *, shift: Shift, by: User) -> None:
    """People on their way into the Party, as far as they had come on the as-of day."""
    for row in case["recruits"]:
        happened = [(EventKind(e["kind"]), shift.plan(e["day"])) for e in row["events"]]
        happened = [(kind, on) for kind, on in happened if on <= tree.as_of]
        if not happened:
            continue
        branch = tree.branches[row["branch"]]
        member = Member.objects.create(
            code=row["id"], name=row["name"], home_department=row["home_department"]
        )
        for kind, on in happened:
            place = branch if kind is EventKind.APPLIED else None
            add_event(member, kind=kind, on=on, organisation=place, by=by)
        tree.recruits[member.code] = member


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
    _terms(tree.general, case["organization"]["general_branch"]["last_election_on"], tree, shift, by)
    for row in case["branches"]:
        branch = tree.branches[row["code"]]
        started[row["code"]] = _terms(branch, row["last_election_on"], tree, shift, by).elected_on
    for row in case["members"]:
        if role := row.get("role"):
            give_post(
                tree.branches[row["branch"]],
                role=Role(role),
                member=tree.members[row["id"]],
                since=started[row["branch"]],
                by=by,
            )


def _terms(organisation: Organisation, last_election_on: str, tree: DemoTree, shift: Shift, by: User) -> Term:
    """The running term, and the one before it, which ended with the election and its filing."""
    elected_on, ends_on = shift.term(last_election_on)
    before = add_term(organisation, elected_on=add_years(elected_on, -TERM_YEARS), ends_on=elected_on, by=by)
    term = add_term(organisation, elected_on=elected_on, ends_on=ends_on, by=by)
    if elected_on + FILED_AFTER <= tree.as_of:
        _step(before, ElectionStepKind.REPORT, elected_on + FILED_AFTER, "选举结果报告及批复", by, tree)
    return term


def _election_steps(case: Mapping[str, Any], tree: DemoTree, *, shift: Shift, by: User) -> None:
    for row in case["election_steps"]:
        on = shift.plan(row["day"])
        if on <= tree.as_of:
            term = Term.objects.current().get(organisation=tree.branches[row["branch"]])
            _step(term, ElectionStepKind(row["kind"]), on, row["document"], by, tree)


def _step(term: Term, kind: ElectionStepKind, on: date, document: str, by: User, tree: DemoTree) -> None:
    record_step(term, kind=kind, done_on=on, document=document, by=by, today=tree.as_of)


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
