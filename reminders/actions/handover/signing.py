"""Three signatures; with the last one the open items change hands."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.models import Post
from errorbank.actions.passing_on import pass_on
from reminders.actions.handover.checking import rights_today
from reminders.actions.handover.granting import release_grant
from reminders.actions.handover.packing import repack
from reminders.actions.handover.refusals import HandoverRefused, name_of, running
from reminders.actions.handover.telling import tell_over
from reminders.handover_rules import Capacity, HandoverState, SignedLine, content_digest
from reminders.models import Handover, HandoverSignature, ReminderItem
from reminders.queries.handover.rights import Rights, signed_in

_WHO = {
    Capacity.LEAVER: "这里由移交人本人签字；不能到场的，由党总支代签并写明原因。",
    Capacity.NEWCOMER: "这里由接收人本人签字。",
    Capacity.WITNESS: "监交人由党总支党务干部担任，党总支自己的交接也可以由党委党务干部担任，"
    "移交人和接收人不能监交。",
}


def sign_handover(
    handover: Handover,
    *,
    capacity: Capacity,
    by: User,
    on: date,
    now: datetime,
    absence_reason: str = "",
) -> Handover:
    """Sign in one capacity; the last of the three changes hands. Raises HandoverRefused.

    The list is brought up to date first, in a transaction of its own: what it lost is kept even when there
    is something new to confirm and nothing is signed. Whether the password was asked is the view's business.
    """
    repack(handover, on=on)
    with transaction.atomic():
        row = running(handover)
        absent = _refuse_signing(row, Capacity(capacity), by, on, absence_reason.strip())
        _sign(row, Capacity(capacity), by, now, absence_reason.strip() if absent else "")
        if signed_in(row) == set(Capacity):
            _change_hands(row, on=on, now=now)
    handover.refresh_from_db()
    return handover


def signed_content(row: Handover) -> str:
    """The digest of the lines as they stand."""
    return content_digest(
        [
            SignedLine(
                line.part, line.subject, line.title, line.detail, line.due_on, line.note, line.question
            )
            for line in row.lines.all()
        ]
    )


def _refuse_signing(row: Handover, capacity: Capacity, by: User, on: date, reason: str) -> bool:
    """Whether staff sign for an absent leaver."""
    if capacity in signed_in(row):
        raise HandoverRefused(f"{capacity.label}已经签过字，没有重复登记。")
    if row.state != HandoverState.CONFIRMED:
        raise HandoverRefused("清单还有内容没有确认，请接收人逐条确认后再签字。")
    rights: Rights = rights_today(row, by, on)
    if capacity in rights.sign:
        return False
    if capacity is not Capacity.LEAVER or not rights.sign_for_leaver:
        raise HandoverRefused(_WHO[capacity])
    if not reason:
        raise HandoverRefused("代移交人签字，请填写原因。")
    return True


def _sign(row: Handover, capacity: Capacity, by: User, now: datetime, reason: str) -> None:
    content = signed_content(row)
    HandoverSignature.objects.create(
        handover=row,
        capacity=capacity,
        user=by,
        name=name_of(by),
        in_absence=bool(reason),
        reason=reason[:200],
        signed_at=now,
        content=content,
    )
    detail = {"capacity": str(capacity), "in_absence": bool(reason), "reason": reason, "content": content}
    audit.record("reminders.handover_signed", by=by, target=row, detail=detail)


def _change_hands(row: Handover, *, on: date, now: datetime) -> None:
    """The open items become the newcomer's; what is settled keeps the name it was settled under."""
    post = row.newcomer_post
    if post is None or (post.until is not None and post.until < on):
        raise HandoverRefused("接收人已不在任，请党总支重新确定接收人。")
    moved = give_items(row, post)
    pass_on(row.leaver_post, post)
    row.state, row.changed_hands_at, row.changed_hands_on = HandoverState.SIGNED, now, on
    row.save(update_fields=["state", "changed_hands_at", "changed_hands_on"])
    # The catalogue's own item about this change of hands is done by it (reminders.queries.settling).
    mark_changed([row.organisation_id, row.leaver_post.organisation_id])
    release_grant(row, on=on)
    audit.record("reminders.handover_done", by=None, target=row, detail={"items": moved, "to": post.pk})
    tell_over(row, on=on, now=now)


def give_items(row: Handover, post: Post) -> int:
    """Open items of the leaver's post become the newcomer's; returns how many."""
    items = ReminderItem.objects.filter(
        organisation=row.organisation_id, responsible_post=row.leaver_post_id
    ).unsettled()
    keys = list(items.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    ReminderItem.objects.filter(pk__in=keys).update(responsible_post=post, responsible_name=post.holder_name)
    return len(keys)
