"""形式主义与整改: what findings and inspections say about themselves."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.db.models import Count, Q

from branches.models import Organisation
from errorbank.detection.registry import Detector, Hit
from errorbank.models import Finding, Inspection
from records.models import Record

# Records typed in the week before a check that concern earlier weeks (EB077).
BEFORE_DAYS, OLD_DAYS, RECORDS_WORTH_A_LOOK = 7, 14, 4
CHECKS_A_QUARTER = 2


def _overdue(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    late = Finding.objects.filter(organisation__in=places).counted().overdue(on=on)
    for pk, place, day in late.order_by("pk").values_list("pk", "organisation", "deadline_on"):
        yield Hit(place, f"finding:{pk}", on, f"整改期限 {day:%Y-%m-%d} 已过，还没有提交结果")


def _again(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    repeats = Finding.objects.filter(organisation__in=places, happened_on__range=(since, on)).counted()
    for pk, place, day in repeats.exclude(repeat_of=None).values_list("pk", "organisation", "happened_on"):
        yield Hit(place, f"finding:{pk}", day, f"{day:%Y-%m-%d} 的问题此前整改过，再次发生")


def _typed_before_a_check(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Most of what was typed in the month before a check was typed in its last week, about old days."""
    looked_at = Inspection.targets.through.objects.filter(
        organisation__in=places, inspection__since__range=(since, on)
    )
    for place, pk, day in looked_at.values_list("organisation", "inspection", "inspection__since"):
        typed = Record.objects.standing().filter(
            organisation=place, entered_at__date__range=(day - timedelta(days=30), day - timedelta(days=1))
        )
        last_week = Q(entered_at__date__gte=day - timedelta(days=BEFORE_DAYS))
        old = Q(held_on__lt=day - timedelta(days=BEFORE_DAYS + OLD_DAYS))
        counted = typed.aggregate(all=Count("pk"), late=Count("pk", filter=last_week & old))
        if counted["late"] >= RECORDS_WORTH_A_LOOK and counted["late"] * 2 > counted["all"]:
            words = f"检查前一周补登记了 {counted['late']} 条更早的记录（一个月共 {counted['all']} 条）"
            yield Hit(place, f"inspection:{pk}", day, words)


def _checked_often(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Several inspections of one source in one quarter."""
    looked_at = Inspection.targets.through.objects.filter(
        organisation__in=places, inspection__since__range=(since, on)
    )
    found: dict[tuple[int, str, str], list[date]] = defaultdict(list)
    rows = looked_at.values_list("organisation", "inspection__source", "inspection__since")
    for place, source, day in rows.order_by("inspection__since"):
        found[place, source, f"{day.year}Q{(day.month + 2) // 3}"].append(day)
    for (place, source, quarter), days in found.items():
        if len(days) > CHECKS_A_QUARTER:
            yield Hit(place, f"{source}:{quarter}", days[-1], f"{quarter} 同类检查 {len(days)} 次")


RECTIFICATION_DETECTORS = (
    Detector("EB077", "检查前登记的记录", _typed_before_a_check),
    Detector("EB078", "一个季度内的同类检查", _checked_often),
    Detector("EB080", "重复发生的问题", _again),
    Detector("EB082", "整改期限", _overdue),
)
