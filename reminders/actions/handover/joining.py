"""Handovers of branches that become one: what still runs goes on in the joint branch."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from reminders.actions.handover.ending import cancel
from reminders.actions.handover.granting import ensure_grant
from reminders.actions.handover.people import attach, detach
from reminders.actions.handover.refusals import locked
from reminders.models import Handover
from reminders.queries.handover.causes import post_end
from reminders.queries.handover.people import others_in, person_of


def hold_handovers(old: Iterable[Organisation]) -> None:
    """Lock the running handovers of branches that are about to become one."""
    running = Handover.objects.running().filter(organisation__in=[place.pk for place in old])
    list(running.select_for_update(of=("self",)).order_by("pk"))


def join_handovers(
    made: Organisation, old: Iterable[Organisation], *, on: date, by: User | None
) -> tuple[str, ...]:
    """Move running handovers of the old branches into `made`; returns whose go on, in words.

    Whoever keeps the post there hands nothing over. Call it in the transaction that joined the branches,
    after posts were given: the leavers' grants on the old branches ended with these.
    """
    running = Handover.objects.running().filter(organisation__in=[place.pk for place in old])
    return tuple(
        f"{row.leaver_name}（{row.get_role_display()}）"
        for row in running.order_by("pk")
        if _moved(row, made, on=on, by=by)
    )


def _moved(handover: Handover, made: Organisation, *, on: date, by: User | None) -> bool:
    row = locked(handover)
    row.organisation = made
    row.save(update_fields=["organisation"])
    if post_end(row.leaver_post, on=on).goes_on:
        reason = f"{row.leaver_name}在“{made.name}”继续担任“{row.get_role_display()}”。"
        cancel(row, reason=reason, by=None, on=on, now=timezone.now())
        return False
    _take_newcomer_along(row, on)
    ensure_grant(row, on=on)
    audit.record("reminders.handover_joined", by=by, target=row, detail={"organisation": made.pk})
    return True


def _take_newcomer_along(row: Handover, on: date) -> None:
    """The same person under the post in the joint branch; else whoever takes over there."""
    others = others_in([row])[row.pk]
    person = person_of(row.newcomer_post) if row.newcomer_post else ""
    same = next((post for post in others if person_of(post) == person), None)
    if same is not None:
        row.newcomer_post = same
        row.save(update_fields=["newcomer_post"])
    elif not row.signatures.exists():
        if row.newcomer_post is not None:
            detach(row)
        attach(row, others, on=on)
