"""Nobody overtakes the daily job: what was due in a branch is settled before anybody writes there.

The job may have been off for days. Whoever writes down a record or a step of a finding meanwhile would change
what the missed days had seen; so those days are made up first, for this branch alone.
"""

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q

from errorbank.actions.schedule import settle_due
from errorbank.models import Finding, Recheck
from errorbank.rules import FindingState, RecheckMode


def catch_up(places: Collection[int], *, on: date, findings: Collection[int] = ()) -> None:
    """Two statements where nothing is overdue, as on every day on which the job ran.

    `findings`: what the caller is about to lock. All of them are locked at once and in one order, before the
    first of them marks its branch: whoever holds a branch and waits for a finding could wait for ever.
    """
    if is_behind(places, on=on):
        _lock(places, findings, on=on)
        settle_due(day=on, places=places)


def _lock(places: Collection[int], findings: Collection[int], *, on: date) -> None:
    waiting = Exists(Recheck.objects.due(on=on).filter(finding=OuterRef("pk")))
    put_off = Q(state=FindingState.ACCEPTED, accepted_until__lt=on)
    wanted = Q(pk__in=findings) | Q(organisation__in=places) & (waiting | put_off)
    rows = Finding.objects.select_for_update(of=("self",)).filter(wanted)
    list(rows.order_by("pk").values_list("pk", flat=True))


def is_behind(places: Collection[int], *, on: date) -> bool:
    waiting = Recheck.objects.due(on=on).exclude(mode=RecheckMode.VERIFIER)
    put_off = Finding.objects.filter(state=FindingState.ACCEPTED, accepted_until__lt=on)
    return (
        waiting.filter(finding__organisation__in=places, announced_at=None).exists()
        or put_off.filter(organisation__in=places).exists()
    )
