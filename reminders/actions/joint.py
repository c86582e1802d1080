"""Carrying out a plan of joint branches: the branches become one, and their reminders go along.

One transaction for the whole plan. The preview does the very same and takes it back, so that what is shown
is what happens.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions as audit
from branches.actions.facts import mark_changed
from branches.actions.joining import Joined, join_branches
from branches.actions.joint import close_plan
from branches.actions.terms import add_term
from branches.models import JointPlan, JointPlanGroup, Membership, Organisation, Post
from branches.queries.policy import rules_for
from branches.rules import JointPlanState, MemberStatus, Refusal, Role, usual_term_end
from branches.rules.joint import Filing
from errorbank.actions.joining import carry_findings, drop_proposals, hold_findings
from reminders.actions.handover import hold_handovers, join_handovers
from reminders.actions.summaries import mark_recount
from reminders.models import ListChange, ReminderItem, SpecialTask
from reminders.models.item import REVISED
from reminders.rules import EVENT_PERIOD, OPEN_STATES, SETTLED_STATES, ChangeKind, ItemState

# Matters of the old branch itself, which end with it: its term, its posts, its number of members.
OWN_MATTERS = ("term:", "post:", "headcount")
# An event settled longer ago makes no item any more.
SETTLED_FOR = timedelta(days=400)
ENDED = "原支部已撤销，此事随之结束"

Key = tuple[int, str, str]


class CarryOutRefused(Refusal):
    """The plan cannot be carried out, or not on that day."""


@dataclass(frozen=True)
class MovedItem:
    title: str
    branch: str
    due_on: date
    reason: str = ""


@dataclass(frozen=True)
class CarriedGroup:
    """One new joint branch with everything that went into it."""

    joined: Joined
    term: str
    items_moved: tuple[MovedItem, ...]
    items_withdrawn: tuple[MovedItem, ...]
    items_settled_before: tuple[MovedItem, ...]
    # Of people who no longer hold their post: whose, and which.
    handovers_moved: tuple[str, ...] = ()


@dataclass(frozen=True)
class CarriedOut:
    effective_on: date
    groups: tuple[CarriedGroup, ...]


@dataclass
class _Going:
    """The items of the old branches on their way into `made`."""

    made: Organisation
    old: Sequence[Organisation]
    on: date
    by: User | None
    changes: list[ListChange] = field(default_factory=list)

    def note(self, item: ReminderItem, place: Organisation, kind: ChangeKind, reason: str) -> None:
        self.changes.append(
            ListChange(
                organisation=place,
                item=item,
                month=self.on.replace(day=1),
                kind=kind,
                reason=reason,
                old_due_on=item.due_on if kind == ChangeKind.WITHDRAWN else None,
                new_due_on=item.due_on if kind == ChangeKind.NEW else None,
                by=self.by,
                at=timezone.now(),
            )
        )


class _TakenBackError(Exception):
    """Carries the result of a preview out of the transaction that it undoes."""

    def __init__(self, result: CarriedOut) -> None:
        super().__init__()
        self.result = result


def preview(plan: JointPlan, *, effective_on: date, by: User | None, today: date) -> CarriedOut:
    """What carrying out would do; nothing stays. Raises what carry_out raises."""
    try:
        with transaction.atomic():
            raise _TakenBackError(carry_out(plan, effective_on=effective_on, by=by, today=today))
    except _TakenBackError as taken_back:
        plan.refresh_from_db()
        return taken_back.result


@transaction.atomic
def carry_out(plan: JointPlan, *, effective_on: date, by: User | None, today: date) -> CarriedOut:
    """Make the joint branches of an approved plan from that day on. Raises Refusal; then nothing changed."""
    row = JointPlan.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=plan.pk)
    days = {s.number: (s.done_on, s.document) for s in row.steps.all() if s.done_on}
    _refuse(row, days, effective_on, today)
    basis = _basis(days[Filing.REPLY])
    elected = days.get(Filing.ELECTION)
    groups = [
        _carry(group, on=effective_on, today=today, basis=basis, elected=elected, by=by)
        for group in row.groups.select_related("seat", "secretary", "plan__organisation").order_by("pk")
    ]
    JointPlan.objects.filter(pk=row.pk).update(effective_on=effective_on)
    close_plan(row, JointPlanState.CARRIED_OUT, note="")
    made = [group.joined.made.pk for group in groups]
    audit.record(
        "reminders.joint_plan_carried_out", by=by, target=row, detail={"on": effective_on, "made": made}
    )
    plan.refresh_from_db()
    return CarriedOut(effective_on, tuple(groups))


def _refuse(plan: JointPlan, days: Mapping[int, tuple[date, str]], on: date, today: date) -> None:
    if plan.state == JointPlanState.CARRIED_OUT:
        raise CarryOutRefused(f"方案已于 {plan.effective_on:%Y-%m-%d} 实施，没有重复办理。")
    if plan.state == JointPlanState.DISCARDED:
        raise CarryOutRefused("方案已作废，不能实施。")
    if plan.state != JointPlanState.APPROVED or Filing.REPLY not in days:
        raise CarryOutRefused("还没有登记基层党委的批复，请先登记批复日期和文号。")
    if on > today:
        raise CarryOutRefused(f"实施日期 {on:%Y-%m-%d} 还没有到，请到当天再实施。")
    replied_on = days[Filing.REPLY][0]
    if on < replied_on:
        raise CarryOutRefused(f"实施日期不能早于批复日期 {replied_on:%Y-%m-%d}。")


def _basis(reply: tuple[date, str]) -> str:
    on, document = reply
    return f"{document}（{on:%Y-%m-%d} 批复）" if document else f"{on:%Y-%m-%d} 基层党委批复"


def _carry(
    group: JointPlanGroup,
    *,
    on: date,
    today: date,
    basis: str,
    elected: tuple[date, str] | None,
    by: User | None,
) -> CarriedGroup:
    # Before the branches, as where one is signed: otherwise two people could wait for each other.
    hold_handovers(group.branches.all())
    findings = hold_findings(group.branches.all(), on=today)
    joined = join_branches(group, on=on, basis=basis, by=by)
    JointPlanGroup.objects.filter(pk=group.pk).update(made=joined.made)
    _refuse_too_small(joined.made, on)
    term = _elected(joined.made, elected, by=by)
    going = _Going(joined.made, joined.old, today, by)
    items = _held_items(joined.old)
    settled = _settled_before(going, items, on)
    withdrawn = _withdraw(going, items)
    moved = _move(going, items)
    ListChange.objects.bulk_create(going.changes)
    carry_findings(joined.made, findings, on=today, by=by)
    drop_proposals(joined.old)
    handovers = join_handovers(joined.made, joined.old, on=today, by=by)
    mark_changed([joined.made, *joined.old])
    mark_recount([joined.made, *joined.old])
    return CarriedGroup(joined, term, moved, withdrawn, settled, handovers)


def _refuse_too_small(made: Organisation, on: date) -> None:
    """Source: 中国共产党支部工作条例（试行） 第四条."""
    least = rules_for(made, on=on)["branch_min_full_members"].number
    full = Membership.objects.at(on).filter(organisation=made, status=MemberStatus.FULL).count()
    if full < least:
        raise CarryOutRefused(
            f"“{made.name}”在 {on:%Y-%m-%d} 只有 {full} 名正式党员，不足 {least} 人，请作废本方案后重新测算。"
        )


def _elected(made: Organisation, elected: tuple[date, str] | None, *, by: User | None) -> str:
    """The term that begins with the recorded election; one held later is entered later."""
    if elected is None:
        return ""
    on, document = elected
    ends_on = usual_term_end(on, made.kind)
    add_term(made, elected_on=on, ends_on=ends_on, by=by, document=document)
    return f"{on:%Y-%m-%d} 至 {ends_on:%Y-%m-%d}"


def _held_items(old: Sequence[Organisation]) -> list[ReminderItem]:
    """Every item of the old branches that is open or settled, in a fixed order; the open ones are locked."""
    mine = ReminderItem.objects.filter(organisation__in=old)
    list(mine.unsettled().select_for_update(no_key=True).order_by("pk"))
    wanted = mine.filter(state__in=sorted(OPEN_STATES | SETTLED_STATES))
    return list(
        wanted.select_related("version", "organisation").order_by("organisation__code", "due_on", "pk")
    )


def _key(item: ReminderItem) -> Key:
    return item.action_id, item.period, item.subject


def _is_own_matter(item: ReminderItem) -> bool:
    return item.subject.startswith(OWN_MATTERS)


def _by_key(items: Iterable[ReminderItem]) -> dict[Key, list[ReminderItem]]:
    found: dict[Key, list[ReminderItem]] = defaultdict(list)
    for item in items:
        found[_key(item)].append(item)
    return found


def _open(items: Iterable[ReminderItem]) -> list[ReminderItem]:
    return [item for item in items if item.is_open]


def _kept(items: Sequence[ReminderItem]) -> ReminderItem:
    """Of the same demand on several branches: the one sent back, else the first due."""
    return min(items, key=lambda item: (item.state != ItemState.RETURNED, item.due_on, item.pk))


def _withdraw(going: _Going, items: Sequence[ReminderItem]) -> tuple[MovedItem, ...]:
    """Matters of the old branch itself, and all but one of the same demand."""
    gone: list[MovedItem] = []
    for same in _by_key(_open(items)).values():
        kept = None if _is_own_matter(same[0]) else _kept(same)
        reason = f"已并入“{going.made.name}”，同一事项由联合党支部办理" if kept else ENDED
        for item in same:
            if item is not kept:
                gone.append(_withdrawn(going, item, reason))
    return tuple(gone)


def _withdrawn(going: _Going, item: ReminderItem, reason: str) -> MovedItem:
    item.state, item.reason = ItemState.WITHDRAWN, reason[:200]
    item.revise(at=timezone.now())
    item.save(update_fields=["state", "reason", *REVISED])
    going.note(item, item.organisation, ChangeKind.WITHDRAWN, item.reason)
    return MovedItem(item.title, item.organisation.name, item.due_on, item.reason)


def _move(going: _Going, items: Sequence[ReminderItem]) -> tuple[MovedItem, ...]:
    """What is still open goes on in the joint branch, with whoever answers for it there."""
    post, moved = _responsible(going.made), list[MovedItem]()
    left = _open(items)
    _aim_tasks(going.made, {item.action_id for item in left})
    for item in left:
        before = item.organisation
        moved.append(MovedItem(item.title, before.name, item.due_on))
        going.note(item, before, ChangeKind.WITHDRAWN, f"转由“{going.made.name}”办理"[:200])
        item.organisation, item.responsible_post = going.made, post
        item.responsible_name = post.holder_name if post else ""
        item.revise(at=timezone.now())
        item.save(update_fields=["organisation", "responsible_post", "responsible_name", *REVISED])
        going.note(item, going.made, ChangeKind.NEW, f"由“{before.name}”转来"[:200])
    return tuple(moved)


def _responsible(made: Organisation) -> Post | None:
    """The worker, else the secretary, as for new items."""
    posts = list(made.posts.select_related("member", "user").order_by("since", "pk"))
    order = (Role.WORKER, Role.SECRETARY)
    return min(
        (post for post in posts if post.role in order),
        key=lambda post: order.index(Role(post.role)),
        default=None,
    )


def _aim_tasks(made: Organisation, actions: Iterable[int]) -> None:
    """A special task sent to an old branch is sent to the joint branch too, or its item would fall."""
    for task in SpecialTask.objects.filter(action__in=actions, withdrawn_at=None):
        task.targets.add(made)


def _settled_before(going: _Going, items: Sequence[ReminderItem], on: date) -> tuple[MovedItem, ...]:
    """What the old branches had settled for a period that still runs is not demanded again.

    The joint branch gets an item marked so; the settled ones and their records stay where they are.
    """
    rows: list[ReminderItem] = []
    for same in _by_key(items).values():
        if _is_own_matter(same[0]) or _open(same) or not any(_still_runs(item, on) for item in same):
            continue
        rows.append(_marked(going, same))
    ReminderItem.objects.bulk_create(rows)
    return tuple(MovedItem(item.title, going.made.name, item.due_on, item.reason) for item in rows)


def _still_runs(item: ReminderItem, on: date) -> bool:
    if item.period.startswith(EVENT_PERIOD):
        return item.done_on is not None and item.done_on >= on - SETTLED_FOR
    return item.due_on >= on.replace(day=1)


def _marked(going: _Going, same: Sequence[ReminderItem]) -> ReminderItem:
    last = max(same, key=lambda item: (item.done_on or item.due_on, item.pk))
    who = "、".join(dict.fromkeys(item.organisation.name for item in same))
    return ReminderItem(
        organisation=going.made,
        action_id=last.action_id,
        version=last.version,
        period=last.period,
        subject=last.subject,
        subject_name=last.subject_name,
        opens_on=last.opens_on,
        due_on=last.due_on,
        remind_on=last.remind_on,
        calendar_known=last.calendar_known,
        minutes=last.minutes,
        state=ItemState.NOT_APPLICABLE,
        reason=f"联合前已由{who}办结"[:200],
        done_on=last.done_on,
        done_at=timezone.now(),
        done_by=going.by,
    )
