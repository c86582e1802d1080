"""A general branch with two branches, and another one that must never appear in its pages."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from branches.rules import OrganisationKind, Role
from reminders.models import Action, ActionVersion, ReminderItem
from reminders.rules import ItemState
from tests.factories.branches import make_holder, make_organisation, make_tree
from tests.factories.reminders import make_action

ON = date(2026, 11, 18)
CENTRAL_BASIS = [
    {
        "document": "中国共产党支部工作条例（试行）",
        "article": "第十四条",
        "source": "branch",
        "verified": True,
    }
]
QUARTERLY = {"kind": "periodic", "period": "quarter", "min_count": 1, "due": "last_workday_of_period"}
HOSTILE = "<script>alert(1)</script>\"'&=1+1"


@dataclass
class Scene:
    committee: Organisation
    general: Organisation
    first: Organisation
    second: Organisation
    staff: User
    overseer: User
    worker: User
    foreign_general: Organisation
    foreign_branch: Organisation
    foreign_staff: User


def make_scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The scene as it stands on ON; views see that day as today."""
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: ON)
    committee, general, (first, second) = make_tree()
    foreign_general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支")
    foreign_branch = make_organisation(parent=foreign_general, name="外单位党支部")
    return Scene(
        committee=committee,
        general=general,
        first=first,
        second=second,
        staff=make_holder(general, Role.GENERAL_BRANCH_STAFF),
        overseer=make_holder(committee, Role.COMMITTEE_STAFF),
        worker=make_holder(first, Role.WORKER),
        foreign_general=foreign_general,
        foreign_branch=foreign_branch,
        foreign_staff=make_holder(foreign_general, Role.GENERAL_BRANCH_STAFF),
    )


def central_action(code: str = "general_meeting", **fields: Any) -> Action:
    given: dict[str, Any] = {
        "name": "支部党员大会",
        "basis_level": "central",
        "legal_basis": CENTRAL_BASIS,
        "due_rule": QUARTERLY,
        "minutes": 60,
    }
    return make_action(code, **{**given, **fields})


def make_item(
    organisation: Organisation,
    action: Action,
    *,
    period: str = "2026-11",
    due_on: date = date(2026, 11, 30),
    **fields: Any,
) -> ReminderItem:
    """An open item listed since the first of the due month."""
    version = ActionVersion.objects.filter(action=action).latest("pk")
    given: dict[str, Any] = {
        "version": version,
        "opens_on": due_on.replace(day=1),
        "remind_on": due_on.replace(day=1),
        "minutes": version.minutes,
    }
    return ReminderItem.objects.create(
        organisation=organisation, action=action, period=period, due_on=due_on, **{**given, **fields}
    )


def done(on: date) -> dict[str, Any]:
    return {"state": ItemState.DONE, "done_on": on}
