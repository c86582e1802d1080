"""Branches become one: what goes on keeps its event, what ended with the old branch leaves the calendar."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from branches.actions.joint import GroupData, draft_plan, record_step
from branches.models import Organisation
from branches.rules import OrganisationKind, Role
from branches.rules.joint import Filing
from reminders.actions.joint import carry_out
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_member, make_organisation, make_post
from tests.factories.items import make_item
from tests.reminders.feed_scene import address_of, events, fetch, titles

pytestmark = pytest.mark.django_db
TODAY, REPLY = date(2026, 11, 22), date(2026, 11, 10)


def joined(general: Organisation, first: Organisation, second: Organisation) -> Organisation:
    leader, _ = (make_member(first) for _ in range(2))
    make_member(second)
    make_post(first, Role.SECRETARY, member=leader)
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    plan = draft_plan(
        general,
        groups=[GroupData("甲乙联合党支部", [first, second], first, leader)],
        as_of=TODAY,
        parameters={},
        figures={},
        by=staff,
    )
    record_step(plan, number=Filing.REPLY, done_on=REPLY, document="12号", by=staff, today=TODAY)
    return carry_out(plan, effective_on=TODAY, by=staff, today=TODAY).groups[0].joined.made


def test_an_item_that_goes_on_keeps_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch, TODAY)
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    spot: dict[str, Any] = {"latitude": Decimal("24.4"), "longitude": Decimal("103.4")}
    first = make_organisation("BR01", parent=general, name="甲站党支部", **spot)
    second = make_organisation("BR02", parent=general, name="乙站党支部")
    lecture, talk = make_item(first, name="党课"), make_item(second, name="谈心谈话")
    ended = make_item(second, name="换届", subject="term:5", period="event")
    old = address_of(make_holder(second))
    assert titles(old) == ["谈心谈话", "换届"]
    joined(general, first, second)
    assert [(str(e["UID"]), int(e["SEQUENCE"]), str(e["SUMMARY"])) for e in events(fetch(old))] == [
        (f"item-{lecture.pk}@{general.key}", 1, "党课"),
        (f"item-{talk.pk}@{general.key}", 1, "谈心谈话"),
    ]
    ended.refresh_from_db()
    assert ended.revision == 1
