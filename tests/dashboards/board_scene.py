"""Three branches of one general branch with a past, a second general branch, and one that is foreign."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from branches.models import Organisation
from branches.rules import OrganisationKind, Role
from errorbank.models import ErrorEntry, Finding
from reminders.actions.summaries import rebuild
from reminders.models import Action
from reminders.rules import ActionKind
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_organisation, make_tree
from tests.factories.errorbank import make_entry, make_finding
from tests.factories.items import make_done, make_item
from tests.factories.reminders import make_action

ON = date(2026, 11, 18)


@dataclass
class Scene:
    committee: Organisation
    general: Organisation
    branches: list[Organisation]
    other: Organisation
    other_branch: Organisation
    foreign: Organisation
    foreign_branch: Organisation
    overseer: User
    staff: User
    worker: User
    meeting: Action
    dues: Action
    entry: ErrorEntry


def make_scene(monkeypatch: pytest.MonkeyPatch, *, branches: int = 3) -> Scene:
    """What is due in October and November of each branch; what is foreign is busier than all of it."""
    stop_clock(monkeypatch, ON)
    committee, general, made = make_tree(branches=branches)
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=committee, name="另一党总支")
    other_branch = make_organisation(parent=other, name="另一党支部")
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支")
    foreign_branch = make_organisation(parent=foreign, name="外单位党支部")
    scene = Scene(
        committee=committee,
        general=general,
        branches=made,
        other=other,
        other_branch=other_branch,
        foreign=foreign,
        foreign_branch=foreign_branch,
        overseer=make_holder(committee, Role.COMMITTEE_STAFF),
        staff=make_holder(general, Role.GENERAL_BRANCH_STAFF),
        worker=make_holder(made[0], Role.WORKER),
        meeting=make_action(name="支部委员会会议", basis_level="central"),
        dues=make_action(name="党费公示", basis_level="company_practice"),
        entry=make_entry(problem="会议记录不完整"),
    )
    for branch in [*made, other_branch]:
        fill(scene, branch)
    for _ in range(3):
        fill(scene, foreign_branch)
    make_item(general, name="总支自己的事", action=local_action(general), due=date(2026, 11, 27))
    rebuild()
    return scene


def local_action(organisation: Organisation) -> Action:
    action = make_action(organisation=organisation, name=f"{organisation.name}加的事")
    Action.objects.filter(pk=action.pk).update(kind=ActionKind.LOCAL)
    return action


def fill(scene: Scene, branch: Organisation) -> None:
    """October: one on time, one late. November: one early, one overdue, one due soon, one later on."""
    known = {"meeting": scene.meeting, "dues": scene.dues}
    number = branch.reminder_items.count()
    make_done(branch, action=known["meeting"], done_on=date(2026, 10, 20), period=f"a{number}", minutes=60)
    make_done(
        branch,
        action=known["dues"],
        done_on=date(2026, 10, 28),
        due=date(2026, 10, 26),
        period=f"b{number}",
        minutes=20,
    )
    make_done(
        branch,
        action=known["meeting"],
        done_on=date(2026, 11, 2),
        due=date(2026, 11, 12),
        remind=date(2026, 11, 5),
        period=f"c{number}",
        minutes=60,
    )
    for day, period in ((date(2026, 11, 10), "d"), (date(2026, 11, 25), "e")):
        make_item(branch, action=known["dues"], due=day, period=f"{period}{number}", minutes=20)
    make_item(
        branch,
        name="下月的事",
        due=date(2026, 12, 20),
        period=f"f{number}",
        minutes=30,
    )
    find(scene, branch)


def find(scene: Scene, branch: Organisation) -> Finding:
    """The same error twice within half a year, and one the branch reported itself."""
    make_finding(branch, entry=scene.entry, on=date(2026, 8, 3))
    make_finding(branch, on=date(2026, 9, 1), self_reported=True)
    return make_finding(branch, entry=scene.entry, on=date(2026, 10, 12))


def board_url(**asked: object) -> str:
    return _url("dashboard", asked)


def list_url(**asked: object) -> str:
    return _url("dashboard_list", asked)


def _url(page: str, asked: dict[str, object]) -> str:
    words = "&".join(f"{key}={value}" for key, value in asked.items())
    return f"{reverse(f'dashboards:{page}')}?{words}"


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client
