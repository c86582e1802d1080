"""Versions of the policy: adopted from a day on, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.models import WeightPolicy
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.policies import numbers_of


@dataclass(frozen=True)
class PolicyData:
    """`numbers`: the shape of incentives/data/policy.yaml."""

    since: date
    document: str
    article: str
    note: str
    numbers: Mapping[str, Any]


@transaction.atomic
def adopt_policy(place: Organisation, *, data: PolicyData, by: User, on: date) -> WeightPolicy:
    """The next version, never one for days that have passed. Raises IncentiveRefused."""
    numbers_of(data.numbers)
    row = Organisation.objects.select_for_update().get(pk=place.pk)
    if data.since < on:
        raise IncentiveRefused("新的一版从今天或以后起执行：已经记下的贡献按当时的权重，不回头改。")
    if WeightPolicy.objects.filter(organisation=row, since=data.since).exists():
        raise IncentiveRefused("这一天已经有一版，请换一个执行日期。")
    made = WeightPolicy.objects.create(
        organisation=row,
        since=data.since,
        document=data.document,
        article=data.article,
        note=data.note,
        numbers=dict(data.numbers),
        made_by=by,
    )
    audit.record("incentives.policy_adopted", by=by, target=made, detail={"since": data.since})
    return made
