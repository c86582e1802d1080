"""Nobody overtakes the daily job: what was due in a branch is settled before anybody writes there.

The job may have been off for days. Whoever writes down a record or a step of a finding meanwhile would change
what the missed days had seen; so those days are made up first, for this branch alone.
"""

from collections.abc import Collection
from datetime import date

from errorbank.actions.schedule import settle_due
from errorbank.models import Finding, Recheck
from errorbank.rules import FindingState, RecheckMode


def catch_up(places: Collection[int], *, on: date) -> None:
    """Two statements where nothing is overdue, as on every day on which the job ran."""
    if is_behind(places, on=on):
        settle_due(day=on, places=places)


def is_behind(places: Collection[int], *, on: date) -> bool:
    waiting = Recheck.objects.due(on=on).exclude(mode=RecheckMode.VERIFIER)
    put_off = Finding.objects.filter(state=FindingState.ACCEPTED, accepted_until__lt=on)
    return (
        waiting.filter(finding__organisation__in=places, announced_at=None).exists()
        or put_off.filter(organisation__in=places).exists()
    )
