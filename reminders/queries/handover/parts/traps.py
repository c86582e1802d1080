"""Where this branch usually errs: its own returns and delays first, then what others get wrong there."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, time

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from periods.months import add_months
from reminders.handover_rules import TRAPS_SHOWN, Part
from reminders.models import ActionVersion, ItemReturn, ReminderItem
from reminders.queries.handover.parts.lines import Bundle, PackLine
from reminders.rules import ItemState

# Returns of two years, delays of one; a single delay is no habit.
RETURNS_MONTHS, DELAYS_MONTHS, LEAST_DELAYS = 24, 12, 2


def trap_lines(bundle: Bundle) -> Iterator[PackLine]:
    """At most TRAPS_SHOWN; two statements."""
    found = [*_returns(bundle), *_delays(bundle), *_mistakes(bundle)]
    yield from found[:TRAPS_SHOWN]


def _returns(bundle: Bundle) -> list[PackLine]:
    since = timezone.make_aware(datetime.combine(add_months(bundle.on, -RETURNS_MONTHS), time.min))
    rows = ItemReturn.objects.filter(item__organisation=bundle.place, at__gte=since)
    by_line: dict[tuple[int, str], list[ItemReturn]] = defaultdict(list)
    for row in rows.select_related("item__version__action").order_by("at", "pk"):
        words = "" if row.item.version.sensitive else row.checklist_line
        by_line[row.item.action_id, words].append(row)
    often = sorted(by_line.items(), key=lambda one: (-len(one[1]), one[0]))
    return [_returned(words, found, bundle) for (_, words), found in often]


def _returned(words: str, found: list[ItemReturn], bundle: Bundle) -> PackLine:
    last = found[-1]
    version = last.item.version
    title = f"“{version.name}”被退回过 {len(found)} 次" + (f"：{words}" if words else "")
    detail = "" if version.sensitive else f"最近一次：{last.reason}"
    return _line(version, f"return:{found[0].pk}", title, detail)


def _delays(bundle: Bundle) -> list[PackLine]:
    late = ReminderItem.objects.filter(
        organisation=bundle.place,
        state=ItemState.DONE,
        due_on__gte=add_months(bundle.on, -DELAYS_MONTHS),
        done_on__gt=F("due_on"),
    )
    counted: Counter[int] = Counter()
    versions: dict[int, ActionVersion] = {}
    most: Counter[int] = Counter()
    for item in late.select_related("version__action").order_by("due_on", "pk"):
        if item.done_on is None:
            continue
        counted[item.action_id] += 1
        versions[item.action_id] = item.version
        most[item.action_id] = max(most[item.action_id], (item.done_on - item.due_on).days)
    often = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [
        _line(
            versions[action],
            f"late:{action}",
            f"“{versions[action].name}”一年里有 {count} 次晚于时限",
            f"最多晚 {most[action]} 天，建议提前排进日程",
        )
        for action, count in often
        if count >= LEAST_DELAYS
    ]


def _mistakes(bundle: Bundle) -> Iterator[PackLine]:
    """The first common mistake of each action ahead."""
    for version in bundle.versions:
        mistake = next(iter(version.common_mistakes), None)
        if version.sensitive or not mistake or not mistake.get("mistake"):
            continue
        remedy = str(mistake.get("rectification") or "")
        title = f"{version.name}：{mistake['mistake']}"
        yield _line(version, f"mistake:{version.action_id}", title, remedy)


def _line(version: ActionVersion, subject: str, title: str, detail: str) -> PackLine:
    url = reverse("reminders:action_detail", args=[version.action.code])
    return PackLine(Part.TRAPS, subject, title, detail, url=url)
