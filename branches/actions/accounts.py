"""Accounts as staff and administrators manage them: opened for a person, each step in the audit log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import actions as accounts
from accounts.models import USERNAME_PATTERN, User
from audit import actions as audit
from branches.actions.once import refused_when_taken
from branches.actions.posts import give_post, is_last_administrator, lock_administration, take_up_duty
from branches.models import Member, Organisation, Post
from branches.queries.reach import accounts_managed_by
from branches.rules import OFFICE_ROLES, Refusal, Role


class UsernameTaken(Refusal):
    """Somebody else signs in with this name."""


class HasAccount(Refusal):
    """The member can sign in already."""


class NotYours(Refusal):
    """The account belongs to somebody outside the person's reach, or above it."""

    def __str__(self) -> str:
        return "这个账号不在您的管理范围内，请联系系统管理员。"


class LastAdministrator(Refusal):
    """Without this account nobody administers the organisation."""

    def __str__(self) -> str:
        return "这是最后一位系统管理员的账号，请先为另一人登记系统管理员任职。"


@dataclass(frozen=True)
class AccountRow:
    """One account to open: for a member, or for a post without a member (then both of the last two)."""

    username: str
    name: str
    member: Member | None = None
    organisation: Organisation | None = None
    role: Role | None = None


@dataclass(frozen=True)
class Slip:
    """What is printed once and handed over."""

    user: User
    password: str


@transaction.atomic
def open_account(
    *,
    username: str,
    name: str,
    by: User | None,
    member: Member | None = None,
    same_password_as: User | None = None,
) -> tuple[User, str]:
    """Open an account; returns it with its first password, which must be changed at the first sign-in.

    With `same_password_as` no password is made: a loader of many accounts hashes it once, because a
    hash is slow by design. Raises UsernameTaken, HasAccount, Refusal.
    """
    username = _checked_username(username)
    if member is not None and Member.objects.select_for_update().get(pk=member.pk).user_id:
        raise HasAccount(f"{member.name}已有账号，请改用“重置密码”。")
    with refused_when_taken(_username_taken(username)):
        user = User.objects.create_user(username, None, name=name)
    if member is not None:
        Member.objects.filter(pk=member.pk).update(user=user)
        member.user = user
        _keep_short(user, member)
    if same_password_as is None:
        first = accounts.issue_first_password(user, by=by)
    else:
        first, user.password = "", same_password_as.password
        user.save(update_fields=["password"])
    audit.record("branches.account_opened", by=by, target=user, detail={"username": username})
    return user, first


@transaction.atomic
def open_accounts(rows: Iterable[AccountRow], *, by: User | None, on: date) -> list[Slip]:
    """Open several accounts, each with its post where one is named; all or none. Raises Refusal."""
    slips = []
    for row in rows:
        user, password = open_account(username=row.username, name=row.name, by=by, member=row.member)
        if row.organisation and row.role:
            holder = None if row.member else user
            give_post(row.organisation, role=row.role, since=on, by=by, member=row.member, user=holder)
        slips.append(Slip(user, password))
    return slips


@transaction.atomic
def reset_password(user: User, *, by: User | None, on: date) -> Slip:
    """A new first password; every session of the account ends. Raises NotYours, AccountRefusal."""
    _refuse_foreign(user, by, on)
    password = accounts.issue_first_password(user, by=by)
    audit.record("branches.password_reset", by=by, target=user)
    return Slip(user, password)


@transaction.atomic
def disable_account(user: User, *, by: User | None, on: date) -> bool:
    """Close an account; False when it was closed already.

    Raises NotYours, LastAdministrator, AccountRefusal.
    """
    _refuse_foreign(user, by, on)
    posts = Post.objects.not_ended(on).held_by(user).filter(role=Role.ADMINISTRATOR)
    if user.is_active and (held := list(posts.select_related("organisation"))):
        lock_administration()
        if is_last_administrator(held, after=on):
            raise LastAdministrator
    changed = accounts.disable(user, by=by)
    if changed:
        audit.record("branches.account_disabled", by=by, target=user)
    return changed


@transaction.atomic
def enable_account(user: User, *, by: User | None, on: date) -> bool:
    """Open an account again; False when it was open already. Raises NotYours."""
    _refuse_foreign(user, by, on)
    changed = accounts.enable(user, by=by)
    if changed:
        audit.record("branches.account_enabled", by=by, target=user)
    return changed


def _refuse_foreign(user: User, by: User | None, on: date) -> None:
    """`by` is None for a command, which the machine's owner runs."""
    if by is not None and not accounts_managed_by(by, on=on).filter(pk=user.pk).exists():
        raise NotYours


def _checked_username(typed: str) -> str:
    username = User.normalize_username(typed)
    try:
        USERNAME_PATTERN(username)
    except ValidationError as error:
        raise Refusal(f"登录名“{typed[:64]}”不合要求：{error.messages[0]}") from None
    if len(username) > 64:
        raise Refusal("登录名最长 64 个字符，请缩短。")
    if User.objects.filter(username=username).exists():
        raise _username_taken(username)
    return username


def _username_taken(username: str) -> UsernameTaken:
    return UsernameTaken(f"登录名“{username}”已有人使用，请换一个。")


def _keep_short(user: User, member: Member) -> None:
    """As `give_post` does for who has an account; an end that is known already changes nothing of it.

    What is over by now opens nothing, and the hourly task takes the short sessions back.
    """
    offices = Post.objects.filter(member=member, role__in=sorted(OFFICE_ROLES))
    held = list(offices.order_by("since", "pk").values_list("role", flat=True))
    if held:
        user.short_session = True
        user.save(update_fields=["short_session"])
    for role in held:
        take_up_duty(user, Role(role))
