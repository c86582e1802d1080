"""Writes on accounts. The callers one floor up (branches) put them into the audit log:
accounts stands below audit and cannot; see docs/adr/0002-sign-in-log.md."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts.lockout import forget_tries
from accounts.models import EarlierPassword, OwnSession, SignIn, User
from accounts.rules import SIGN_INS_KEPT, first_password
from accounts.validators import profile_in_use

PASSWORD_FIELDS = ("password", "password_set_at", "must_change_password")


class AccountRefusal(Exception):
    """Base of refusals; str() is the sentence for the person."""


class OwnAccount(AccountRefusal):
    def __str__(self) -> str:
        return "不能停用自己正在使用的账号，请由另一位管理人员操作。"


class AccountDisabled(AccountRefusal):
    def __str__(self) -> str:
        return "该账号已停用，请先启用再发放密码。"


class SamePassword(AccountRefusal):
    def __str__(self) -> str:
        return "新密码不能与原密码相同。"


class UsedBefore(AccountRefusal):
    def __init__(self, remembered: int) -> None:
        super().__init__(f"最近 {remembered} 次用过的密码不能再用，请换一个新的。")


@transaction.atomic
def issue_first_password(user: User, *, by: User | None) -> str:
    """Return a new random password, once, for the slip; it must be changed at the next sign-in.

    `by` is None when a command issues it. Every session of the account ends, and so does every lock:
    the locked are told to ask for a new first password. Raises AccountDisabled.
    """
    locked = _lock(user)
    if not locked.is_active:
        raise AccountDisabled
    password = first_password()
    _remember(locked)
    locked.set_password(password)
    locked.must_change_password = True
    locked.save(update_fields=PASSWORD_FIELDS)
    forget_tries(locked)
    user.refresh_from_db()
    return password


@transaction.atomic
def change_password(user: User, *, password: str) -> None:
    """Set the person's own choice. Other sessions end; the view renews the current one.

    Raises SamePassword, UsedBefore.
    """
    locked = _lock(user)
    if locked.check_password(password):
        raise SamePassword
    _refuse_earlier(locked, password)
    _remember(locked)
    locked.set_password(password)
    locked.must_change_password = False
    locked.save(update_fields=PASSWORD_FIELDS)
    user.refresh_from_db()


@transaction.atomic
def disable(user: User, *, by: User | None) -> bool:
    """Close the account and end its sessions; False when it was closed already. Raises OwnAccount."""
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    changed = User.objects.filter(pk=user.pk, is_active=True).update(
        is_active=False, session_epoch=F("session_epoch") + 1
    )
    user.refresh_from_db()
    return bool(changed)


@transaction.atomic
def enable(user: User, *, by: User | None) -> bool:
    """Open the account again with its old password; False when it was open already.

    No session of before comes back, however the account was closed.
    """
    changed = User.objects.filter(pk=user.pk, is_active=False).update(
        is_active=True, session_epoch=F("session_epoch") + 1
    )
    user.refresh_from_db()
    return bool(changed)


@transaction.atomic
def end_sessions(user: User) -> None:
    """End every session of the account on every device."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db()


def end_session(user: User, *, key: str) -> bool:
    """End one session of the account: its next request finds nothing. False when it had ended before."""
    return OwnSession.objects.filter(user=user, session_key=key).delete()[0] > 0


def log_sign_in(
    outcome: SignIn.Outcome, *, at: datetime, source: str | None, user: User | None = None, username: str = ""
) -> SignIn:
    """Add one row. A name nobody has is kept as a keyed digest only."""
    known = user or User.objects.filter(username=username).first()
    digest = "" if known else salted_hmac("accounts.sign_in", username, algorithm="sha256").hexdigest()
    return SignIn.objects.create(user=known, unknown_name=digest, outcome=outcome, source=source, at=at)


def forget_sign_ins(*, now: datetime) -> int:
    """Delete rows older than the retention; returns how many."""
    return SignIn.objects.forget_before(now - SIGN_INS_KEPT)


def _remember(user: User) -> None:
    """Keep the hash of the password that goes now, as many as the profile remembers beside today's."""
    kept = profile_in_use().remembered - 1
    if kept < 1:
        user.earlier_passwords.all().delete()
        return
    if user.has_usable_password():
        EarlierPassword.objects.create(user=user, password=user.password)
    old = user.earlier_passwords.order_by("-pk").values_list("pk", flat=True)[kept:]
    EarlierPassword.objects.filter(pk__in=list(old)).delete()


def _refuse_earlier(user: User, password: str) -> None:
    if remembered := profile_in_use().remembered:
        hashes = user.earlier_passwords.order_by("-pk").values_list("password", flat=True)
        if any(check_password(password, earlier) for earlier in hashes[: remembered - 1]):
            raise UsedBefore(remembered)


def _lock(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)
