"""What staff enter of a person with its source, and new versions of the criteria."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.models import LevelFact, LevelPolicy
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.levels import ENTERED, LevelCheck


@dataclass(frozen=True)
class FactData:
    user: User
    check: LevelCheck
    happened_on: date
    amount: Decimal
    words: str
    source: str


@transaction.atomic
def add_fact(place: Organisation, *, data: FactData, by: User, on: date) -> LevelFact:
    """Raises IncentiveRefused."""
    if data.user.pk == by.pk:
        raise IncentiveRefused("本人的佐证请由其他人登记。")
    if data.check not in ENTERED:
        raise IncentiveRefused("这一项由系统数据计算，不用登记。")
    if data.happened_on > on:
        raise IncentiveRefused("日期还没有到，请核对。")
    if data.amount <= 0 or not data.source.strip():
        raise IncentiveRefused("数量要大于 0，并写明出处。")
    made = LevelFact.objects.create(
        user=data.user,
        organisation=place,
        check_code=data.check,
        happened_on=data.happened_on,
        amount=data.amount,
        words=data.words.strip(),
        source=data.source.strip(),
        made_by=by,
    )
    audit.record("incentives.level_fact_added", by=by, target=made, detail={"check": str(data.check)})
    return made


@transaction.atomic
def take_fact_back(fact: LevelFact, *, reason: str, by: User) -> LevelFact:
    """It stays readable with its reason and no longer counts. Raises IncentiveRefused."""
    row = LevelFact.objects.select_for_update(of=("self",)).get(pk=fact.pk)
    if row.taken_back_for:
        raise IncentiveRefused("这条佐证已经撤销。")
    if not reason.strip():
        raise IncentiveRefused("请写明撤销的原因。")
    row.taken_back_for = reason.strip()
    row.save(update_fields=["taken_back_for"])
    audit.record("incentives.level_fact_taken_back", by=by, target=row)
    return row


@transaction.atomic
def adopt_levels(
    place: Organisation,
    *,
    levels: list[dict[str, Any]],
    since: date,
    document: str,
    note: str,
    by: User,
    on: date,
) -> LevelPolicy:
    """A new version from today or later; what was decided before stays. Raises IncentiveRefused."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    if since < on:
        raise IncentiveRefused("新标准从今天或以后执行，不倒推。")
    if LevelPolicy.objects.filter(organisation=place, since=since).exists():
        raise IncentiveRefused("这一天已经有一版标准，请换一个日期。")
    made = LevelPolicy.objects.create(
        organisation=place,
        since=since,
        document=document.strip(),
        note=note.strip(),
        levels=levels,
        made_by=by,
    )
    audit.record("incentives.levels_adopted", by=by, target=made, detail={"since": since.isoformat()})
    return made
