"""Test data of the reminders app, and a large generated tree for the benchmarks."""

from datetime import date
from typing import Any

from branches.models import Member, MemberEvent, Membership, Organisation, Post, Term
from branches.models.organisation import new_key
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role
from records.rules import RecordKind
from reminders.models import Action, ActionVersion, SpecialTask
from reminders.rules import ActionKind, Category
from tests.factories.branches import LONG_AGO, make_organisation, make_user

_BATCH = 2000
_BRANCHES_OF_A_GENERAL_BRANCH = 25
_counter = iter(range(1, 10**9))


def make_version(action: Action, *, valid_from: date = LONG_AGO, **fields: Any) -> ActionVersion:
    """A monthly version for every branch unless the fields say otherwise."""
    given = {
        "name": f"事项{action.pk}",
        "category": Category.MEETING,
        "cadence": "monthly",
        "due_rule": {"kind": "periodic", "period": "month", "remind_days_before": [10]},
        "applies_when": ["all"],
        "record_kind": RecordKind.DATE_ONLY,
    }
    return ActionVersion.objects.create(action=action, valid_from=valid_from, **{**given, **fields})


def make_action(code: str = "", *, organisation: Organisation | None = None, **fields: Any) -> Action:
    """A shipped action, or the organisation's own, with one version."""
    kind = ActionKind.STATUTORY if organisation is None else ActionKind.LOCAL
    action = Action.objects.create(
        code=code or f"action_{next(_counter)}", kind=kind, organisation=organisation
    )
    make_version(action, organisation=organisation, **fields)
    return action


def make_task(sender: Organisation, targets: list[Organisation], *, start: date, end: date) -> SpecialTask:
    action = Action.objects.create(
        code=f"task_{next(_counter)}", kind=ActionKind.SPECIAL_TASK, organisation=sender
    )
    rule = {"kind": "one_off", "start": start.isoformat(), "end": end.isoformat(), "remind_days_before": [3]}
    make_version(
        action,
        organisation=sender,
        valid_from=start,
        due_rule=rule,
        category=Category.SPECIAL,
        cadence="once",
    )
    task = SpecialTask.objects.create(action=action, sent_by=make_user())
    task.targets.set(targets)
    return task


def grow_tree(branches: int) -> Organisation:
    """A committee with that many branches of five to ten people, written in bulk; the same every time."""
    root = make_organisation("ROOT", kind=OrganisationKind.COMMITTEE, name="上级党委")
    generals = _children(
        [root], max(1, branches // _BRANCHES_OF_A_GENERAL_BRANCH), OrganisationKind.GENERAL_BRANCH, "G"
    )
    _people(_children(generals, branches, OrganisationKind.BRANCH, "B"))
    return root


def _children(parents: list[Organisation], count: int, kind: str, prefix: str) -> list[Organisation]:
    made = []
    for n in range(count):
        parent, key = parents[n % len(parents)], new_key()
        made.append(
            Organisation(
                code=f"{prefix}{n:06d}",
                name=f"第{n}组织",
                kind=kind,
                parent=parent,
                key=key,
                path=f"{parent.path}{key}/",
                level=parent.level + 1,
                party_day=(None, 5, 10, 15)[n % 4],
            )
        )
    return Organisation.objects.bulk_create(made, batch_size=_BATCH)


def _people(branches: list[Organisation]) -> None:
    """Every second branch has an activist, every third a probationer, every fourth a committee."""
    members: list[tuple[Member, Organisation, MemberStatus]] = []
    for n, branch in enumerate(branches):
        statuses = [MemberStatus.FULL] * (8 if n % 4 == 0 else 5)
        statuses += [MemberStatus.ACTIVIST] * (n % 2 == 0) + [MemberStatus.PROBATIONARY] * (n % 3 == 0)
        for status in statuses:
            code = f"P{len(members):07d}"
            members.append((Member(code=code, name=f"党员{code}", joined_on=LONG_AGO), branch, status))
    Member.objects.bulk_create([each[0] for each in members], batch_size=_BATCH)
    since = [_since(n, status) for n, (_, _, status) in enumerate(members)]
    Membership.objects.bulk_create(
        [
            Membership(member=member, organisation=branch, status=status, since=day)
            for (member, branch, status), day in zip(members, since, strict=True)
        ],
        batch_size=_BATCH,
    )
    kinds = {MemberStatus.ACTIVIST: EventKind.ACTIVIST, MemberStatus.PROBATIONARY: EventKind.ADMITTED}
    MemberEvent.objects.bulk_create(
        [
            MemberEvent(
                member=member,
                kind=kinds.get(status, EventKind.REGISTERED),
                on=day,
                organisation=branch,
                status=status,
            )
            for (member, branch, status), day in zip(members, since, strict=True)
        ],
        batch_size=_BATCH,
    )
    _offices(branches, members)


def _since(n: int, status: MemberStatus) -> date:
    return LONG_AGO if status == MemberStatus.FULL else date(2026, 1 + n % 6, 1 + n % 28)


def _offices(branches: list[Organisation], members: list[tuple[Member, Organisation, MemberStatus]]) -> None:
    first: dict[int, list[Member]] = {}
    for member, branch, _ in members:
        first.setdefault(branch.pk, []).append(member)
    roles = (Role.SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER)
    posts = []
    for n, branch in enumerate(branches):
        people = first[branch.pk]
        held = roles if n % 4 == 0 else roles[:1]
        posts += [
            Post(organisation=branch, role=role, member=person, since=LONG_AGO)
            for role, person in zip(held, people, strict=False)
        ]
        posts.append(Post(organisation=branch, role=Role.WORKER, member=people[3], since=LONG_AGO))
    Post.objects.bulk_create(posts, batch_size=_BATCH)
    Term.objects.bulk_create(
        [
            Term(
                organisation=branch,
                elected_on=date(2024, 1 + n % 12, 1 + n % 28),
                ends_on=date(2027, 1 + n % 12, 1 + n % 28),
            )
            for n, branch in enumerate(branches)
        ],
        batch_size=_BATCH,
    )
