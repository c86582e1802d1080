"""A branch whose worker leaves, with everybody a handover needs, and a branch that must never appear."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from reminders.actions.handover import (
    check_handover,
    confirm_lines,
    open_due_handovers,
    sign_handover,
)
from reminders.handover_rules import Capacity, LineState
from reminders.models import Handover, ReminderItem
from tests.factories.branches import make_organisation, make_post, make_tree, make_user
from tests.factories.items import make_item

ON = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
LAST_DAY = date(2026, 11, 30)
DAY = timedelta(days=1)


@dataclass
class Scene:
    general: Organisation
    branch: Organisation
    other: Organisation
    leaver: User
    newcomer: User
    secretary: User
    staff: User
    leaver_post: Post
    newcomer_post: Post


def make_scene(*, last_day: date | None = LAST_DAY, newcomer_since: date | None = None) -> Scene:
    """The leaver's last day is known; the newcomer begins the day after unless said otherwise."""
    _, general, (branch, other) = make_tree()
    leaver, newcomer, secretary, staff = (
        make_user(name=name) for name in ("李离任", "王接任", "赵书记", "孙干部")
    )
    since = newcomer_since or (last_day or LAST_DAY) + DAY
    scene = Scene(
        general=general,
        branch=branch,
        other=other,
        leaver=leaver,
        newcomer=newcomer,
        secretary=secretary,
        staff=staff,
        leaver_post=make_post(branch, Role.WORKER, user=leaver, since=date(2020, 1, 1), until=last_day),
        newcomer_post=make_post(branch, Role.WORKER, user=newcomer, since=since),
    )
    make_post(branch, Role.SECRETARY, user=secretary)
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=staff)
    make_organisation(parent=general)
    return scene


def mine(scene: Scene, **fields: Any) -> ReminderItem:
    """An open item the leaver answers for."""
    given = {"responsible_post": scene.leaver_post, "responsible_name": scene.leaver.name}
    return make_item(scene.branch, **{**given, **fields})


def opened(on: date = ON) -> Handover:
    open_due_handovers(on=on)
    return Handover.objects.running().get()


def current(handover: Handover) -> list[int]:
    return list(handover.lines.filter(state=LineState.CURRENT).values_list("pk", flat=True))


def confirmed(scene: Scene, on: date = ON) -> Handover:
    """Checked by the leaver and confirmed line by line: ready to be signed."""
    handover = opened(on)
    check_handover(handover, by=scene.leaver, on=on)
    return confirm_lines(handover, confirmed=current(handover), questions={}, by=scene.newcomer, on=on)


def signed(scene: Scene, on: date = ON, now: datetime = NOW) -> Handover:
    handover = confirmed(scene, on)
    people = (
        (Capacity.LEAVER, scene.leaver),
        (Capacity.NEWCOMER, scene.newcomer),
        (Capacity.WITNESS, scene.staff),
    )
    for capacity, user in people:
        sign_handover(handover, capacity=capacity, by=user, on=on, now=now)
    return handover
