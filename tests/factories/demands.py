"""Test data of what is asked of branches, outside the portal and in it."""

from datetime import date
from decimal import Decimal
from typing import Any

from branches.models import Organisation, Post
from reminders.demand_rules import DemandKind, DemandState, Nature, Per
from reminders.models import AgreedTime, OutsideDemand
from tests.factories.branches import LONG_AGO, make_user


def make_demand(organisation: Organisation, **fields: Any) -> OutsideDemand:
    """A monthly report of half an hour for the office, since long ago, unless the fields say otherwise."""
    given: dict[str, Any] = {
        "name": "月度业务小结",
        "asker": "公司办公室",
        "kind": DemandKind.REPORT,
        "nature": Nature.FORMALITY,
        "times": 1,
        "per": Per.MONTH,
        "minutes": 30,
        "state": DemandState.STANDING,
        "since": LONG_AGO,
    }
    made_by = fields.pop("made_by", None) or make_user()
    return OutsideDemand.objects.create(organisation=organisation, made_by=made_by, **{**given, **fields})


def make_agreement(
    post: Post, hours: str = "4", *, since: date = LONG_AGO, until: date | None = None, **fields: Any
) -> AgreedTime:
    given = {"agreed_with": "部门主任", "made_by": make_user()}
    return AgreedTime.objects.create(
        post=post, hours_a_week=Decimal(hours), since=since, until=until, **{**given, **fields}
    )
