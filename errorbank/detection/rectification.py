"""形式主义与整改: what findings and inspections say about themselves."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.utils import timezone

from branches.models import Organisation
from errorbank.detection.registry import Detector, Hit
from errorbank.models import Finding, Inspection
from records.models import Record

# Records typed in the week before a check that concern earlier weeks (EB077).
BEFORE_DAYS, OLD_DAYS, MONTH_DAYS, RECORDS_WORTH_A_LOOK = 7, 14, 30, 4
CHECKS_A_QUARTER = 2


def _overdue(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    late = Finding.objects.filter(organisation__in=places).counted().overdue(on=on)
    late = late.exclude(entry__code="EB082")
    for pk, place, day in late.order_by("pk").values_list("pk", "organisation", "deadline_on"):
        yield Hit(place, f"finding:{pk}", on, f"整改期限 {day:%Y-%m-%d} 已过，还没有提交结果")


def _again(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    repeats = Finding.objects.filter(organisation__in=places, happened_on__range=(since, on)).counted()
    others = repeats.exclude(repeat_of=None).exclude(entry__code="EB080")
    for pk, place, day in others.values_list("pk", "organisation", "happened_on"):
        yield Hit(place, f"finding:{pk}", day, f"{day:%Y-%m-%d} 的问题此前整改过，再次发生")


def _typed_before_a_check(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Most of what was typed in the month before a check was typed in its last week, about old days."""
    looked_at = Inspection.targets.through.objects.filter(
        organisation__in=places, inspection__since__range=(since, on)
    )
    looks = list(looked_at.values_list("organisation", "inspection", "inspection__since"))
    typed = _typed_days({place for place, _, _ in looks}, since - timedelta(days=MONTH_DAYS), on)
    for place, pk, day in looks:
        month = [
            (entered, held) for entered, held in typed[place] if _days_before(day, entered) <= MONTH_DAYS
        ]
        old_before = day - timedelta(days=BEFORE_DAYS + OLD_DAYS)
        late = [
            held for entered, held in month if _days_before(day, entered) <= BEFORE_DAYS and held < old_before
        ]
        if len(late) >= RECORDS_WORTH_A_LOOK and len(late) * 2 > len(month):
            words = f"检查前一周补登记了 {len(late)} 条更早的记录（一个月共 {len(month)} 条）"
            yield Hit(place, f"inspection:{pk}", day, words)


def _days_before(day: date, entered: date) -> int:
    """Days from being typed to the check; what was typed on that day or later is not before it."""
    days = (day - entered).days
    return days if days > 0 else MONTH_DAYS + 1


def _typed_days(places: set[int], since: date, on: date) -> dict[int, list[tuple[date, date]]]:
    """Day of entry and day held of every record typed in a span; one statement, none without a check."""
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    if places:
        typed = Record.objects.standing().filter(
            organisation__in=sorted(places), entered_at__date__range=(since, on)
        )
        for place, moment, held in typed.values_list("organisation", "entered_at", "held_on"):
            found[place].append((timezone.localtime(moment).date(), held))
    return found


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
    Detector("EB082", "整改期限", _overdue, is_state=True),
)
