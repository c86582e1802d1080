"""What a reader may do with a handover today, and for whom it waits."""

from dataclasses import dataclass, replace
from datetime import date

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.roles import holders_of
from branches.rules import BRANCH_KINDS, GrantKind, Role
from periods.labels import day_label
from reminders.handover_rules import RUNNING_STATES, Capacity, HandoverState
from reminders.models import Handover
from reminders.queries.handover.people import TO_BE_FOUND, account_of, has_begun

WITNESS, WITNESS_OFFICE = "reminders.witness_handover", "reminders.witness_office_handover"
OPEN, READ_ITEMS = "reminders.open_handover", "reminders.view_item"


@dataclass(frozen=True)
class Rights:
    """What this reader may do now; `sign` names the own capacities.

    `check_in_absence` and `sign_for_leaver` are staff's for an absent leaver and need a reason. `links`: the
    reader may open what the lines name; who comes with a leaver's grant alone may not.
    """

    note: bool = False
    check: bool = False
    check_in_absence: bool = False
    confirm: bool = False
    sign: tuple[Capacity, ...] = ()
    sign_for_leaver: bool = False
    choose: bool = False
    cancel: bool = False
    links: bool = False
    is_leaver: bool = False
    is_newcomer: bool = False
    is_staff: bool = False

    @property
    def any_signing(self) -> bool:
        return bool(self.sign) or self.sign_for_leaver


@dataclass(frozen=True)
class Waiting:
    """For whom it waits, in words; `mine` where that is the reader."""

    words: str = ""
    mine: bool = False


def is_leaver(handover: Handover, user: User) -> bool:
    return handover.leaver_id is not None and handover.leaver_id == user.pk


def is_newcomer(handover: Handover, user: User, *, on: date) -> bool:
    """From the first day in the post: before it, nothing here is theirs to read."""
    post = handover.newcomer_post
    if post is None or not has_begun(post, on):
        return False
    account = account_of(post)
    return account is not None and account.pk == user.pk


def witnesses(organisation: Organisation) -> frozenset[Role | GrantKind]:
    """Who checks, signs and witnesses from above: the general branch's staff, for its own posts the
    committee's as well."""
    return holders_of(WITNESS if organisation.kind in BRANCH_KINDS else WITNESS_OFFICE)


def signed_in(handover: Handover) -> set[Capacity]:
    """Capacities that have signed; prefetch the signatures of many."""
    return {Capacity(signature.capacity) for signature in handover.signatures.all()}


@dataclass(frozen=True)
class Holdings:
    """Roles and grants of one person with the paths on which they are held."""

    on: date
    held: tuple[tuple[str, str], ...] = ()

    def at(self, organisation: Organisation) -> frozenset[Role | GrantKind]:
        names = {name for name, path in self.held if organisation.path.startswith(path)}
        return frozenset(Role(n) if n in Role.values else GrantKind(n) for n in names)


def holdings(user: User, *, on: date) -> Holdings:
    """Everything this person holds on that day; one statement, then any number of organisations."""
    if not user.is_active:
        return Holdings(on)
    posts = Post.objects.at(on).held_by(user).values_list("role", "organisation__path")
    grants = AccessGrant.objects.at(on).held_by(user).values_list("kind", "organisation__path")
    return Holdings(on, tuple(posts.union(grants)))


def rights_of(handover: Handover, user: User, held: Holdings) -> Rights:
    """No statement where holders and signatures were read along (for_detail)."""
    mine, signed = held.at(handover.organisation), signed_in(handover)
    leaver, newcomer = is_leaver(handover, user), is_newcomer(handover, user, on=held.on)
    staff = bool(mine & witnesses(handover.organisation)) and not leaver and not newcomer
    links = bool(mine & holders_of(READ_ITEMS))
    known = Rights(links=links, is_leaver=leaver, is_newcomer=newcomer, is_staff=staff)
    if handover.state not in RUNNING_STATES:
        return known
    state, begun = HandoverState(handover.state), bool(signed)
    may_open = staff and bool(mine & holders_of(OPEN))
    return replace(
        known,
        note=leaver and not begun,
        check=leaver and state is HandoverState.OPEN,
        check_in_absence=staff and state is HandoverState.OPEN,
        confirm=newcomer and state is HandoverState.CHECKED,
        sign=_capacities(state, signed, leaver=leaver, newcomer=newcomer, staff=staff),
        sign_for_leaver=staff and state is HandoverState.CONFIRMED and Capacity.LEAVER not in signed,
        choose=may_open and not begun,
        cancel=may_open,
    )


def _capacities(
    state: HandoverState, signed: set[Capacity], *, leaver: bool, newcomer: bool, staff: bool
) -> tuple[Capacity, ...]:
    if state is not HandoverState.CONFIRMED:
        return ()
    mine = {Capacity.LEAVER: leaver, Capacity.NEWCOMER: newcomer, Capacity.WITNESS: staff}
    return tuple(capacity for capacity in Capacity if mine[capacity] and capacity not in signed)


def waiting_of(handover: Handover, rights: Rights, *, signed: set[Capacity], on: date) -> Waiting:
    """What comes next and who does it; empty words once nothing does."""
    post = handover.newcomer_post
    match handover.state:
        case HandoverState.OPEN if handover.leaver_id is None:
            return Waiting("移交人没有账号，等待党总支代为核对", rights.check_in_absence)
        case HandoverState.OPEN:
            return Waiting(f"等待{handover.leaver_name}核对清单", rights.check)
        case HandoverState.CHECKED if post is None:
            return Waiting(TO_BE_FOUND, rights.choose)
        case HandoverState.CHECKED if post is not None:
            return Waiting(_confirming(handover, post, on), rights.confirm)
        case HandoverState.CONFIRMED:
            left = [capacity for capacity in Capacity if capacity not in signed]
            words = "、".join(f"{capacity.label}{_name(handover, capacity)}" for capacity in left)
            return Waiting(f"等待{words}签字", bool(rights.sign))
    return Waiting()


def _confirming(handover: Handover, post: Post, on: date) -> str:
    if not has_begun(post, on):
        return f"等待{handover.newcomer_name} {day_label(post.since, on)}到任后逐条确认"
    if account_of(post) is None:
        return f"{handover.newcomer_name}还没有账号，请先为其开通"
    return f"等待{handover.newcomer_name}逐条确认"


def _name(handover: Handover, capacity: Capacity) -> str:
    names = {Capacity.LEAVER: handover.leaver_name, Capacity.NEWCOMER: handover.newcomer_name}
    return names.get(capacity, "")
