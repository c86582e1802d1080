"""What a reader may do with a handover today, and for whom it waits."""

from dataclasses import dataclass, replace
from datetime import date

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.roles import holders_of
from branches.rules import GrantKind, Role
from reminders.handover_rules import RUNNING_STATES, Capacity, HandoverState
from reminders.models import Handover
from reminders.queries.handover.people import TO_BE_FOUND, account_of

WITNESS, OPEN, READ_ITEMS = "reminders.witness_handover", "reminders.open_handover", "reminders.view_item"


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


def is_newcomer(handover: Handover, user: User) -> bool:
    if handover.newcomer_post is None:
        return False
    account = account_of(handover.newcomer_post)
    return account is not None and account.pk == user.pk


def signed_in(handover: Handover) -> set[Capacity]:
    """Capacities that have signed; prefetch the signatures of many."""
    return {Capacity(signature.capacity) for signature in handover.signatures.all()}


@dataclass(frozen=True)
class Holdings:
    """Roles and grants of one person with the paths on which they are held."""

    held: tuple[tuple[str, str], ...]

    def at(self, organisation: Organisation) -> frozenset[Role | GrantKind]:
        names = {name for name, path in self.held if organisation.path.startswith(path)}
        return frozenset(Role(n) if n in Role.values else GrantKind(n) for n in names)


def holdings(user: User, *, on: date) -> Holdings:
    """Everything this person holds on that day; one statement, then any number of organisations."""
    if not user.is_active:
        return Holdings(())
    posts = Post.objects.at(on).held_by(user).values_list("role", "organisation__path")
    grants = AccessGrant.objects.at(on).held_by(user).values_list("kind", "organisation__path")
    return Holdings(tuple(posts.union(grants)))


def rights_of(handover: Handover, user: User, held: Holdings) -> Rights:
    """No statement where holders and signatures were read along (for_detail)."""
    mine, signed = held.at(handover.organisation), signed_in(handover)
    leaver, newcomer = is_leaver(handover, user), is_newcomer(handover, user)
    staff = bool(mine & holders_of(WITNESS)) and not leaver and not newcomer
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


def waiting_of(handover: Handover, rights: Rights, *, signed: set[Capacity]) -> Waiting:
    """What comes next and who does it; empty words once nothing does."""
    match handover.state:
        case HandoverState.OPEN:
            mine = rights.check or (handover.leaver_id is None and rights.check_in_absence)
            return Waiting(f"等待{handover.leaver_name}核对清单", mine)
        case HandoverState.CHECKED if handover.newcomer_post_id is None:
            return Waiting(TO_BE_FOUND, rights.choose)
        case HandoverState.CHECKED:
            return Waiting(f"等待{handover.newcomer_name}逐条确认", rights.confirm)
        case HandoverState.CONFIRMED:
            left = [capacity for capacity in Capacity if capacity not in signed]
            words = "、".join(f"{capacity.label}{_name(handover, capacity)}" for capacity in left)
            return Waiting(f"等待{words}签字", bool(rights.sign))
    return Waiting()


def _name(handover: Handover, capacity: Capacity) -> str:
    names = {Capacity.LEAVER: handover.leaver_name, Capacity.NEWCOMER: handover.newcomer_name}
    return names.get(capacity, "")
