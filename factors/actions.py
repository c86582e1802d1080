"""Setting up, proving, ending and resetting the second factor.

A wrong code is counted in a transaction of its own and refused after it: a refusal inside would undo the
count.

Every action locks the account first and then its authenticator. In different orders two of them could wait
for each other for ever.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime

from accounts import actions as accounts
from accounts.models import User
from audit import actions as audit
from branches.queries.reach import accounts_managed_by
from branches.rules import Refusal
from branches.sealed import open_bytes, seal_bytes
from factors import letters
from factors.models import Authenticator, RecoveryCode
from factors.rules import (
    FIRST_TOLERANCE,
    PAUSE,
    TRIES,
    Match,
    is_app_code,
    matched,
    new_recovery_codes,
    plain,
    recovery_digest,
)
from factors.sealed_rows import PURPOSE
from notices.actions.outbox import tell

LONGEST_REASON = 120


class WrongCode(Refusal):
    """The six digits are wrong, too old, or were used before."""

    said = "这个码不对或已经用过，请等验证器 App 换出新的 6 位动态码再输入。"

    def __init__(self, hint: str = "") -> None:
        super().__init__(self.said + hint)


class WrongRecoveryCode(WrongCode):
    """What was typed is not six digits, and no recovery code that is left."""

    said = "备用码不对或已经用过，请核对纸上的字母和数字。"


class WrongFirstCode(Refusal):
    def __str__(self) -> str:
        return "动态码不对。请核对手机的时间是“自动设置”，再输入验证器 App 里正在显示的 6 位数字。"


class Paused(Refusal):
    """Too many wrong codes; recovery codes still work."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"输错次数较多，动态码暂停使用到 {localtime(until):%H:%M}，到时自动恢复。备用码现在可用。"
        )


class NothingSetUp(Refusal):
    def __str__(self) -> str:
        return "这个账号还没有设置动态码验证。"


class NotYours(Refusal):
    def __str__(self) -> str:
        return "这个账号不在您的管理范围内，请联系系统管理员。"


class OwnFactor(Refusal):
    def __str__(self) -> str:
        return "自己的动态码验证请由另一位管理人员重置，或在“我的登录”里用备用码更换。"


@dataclass(frozen=True)
class Proof:
    """A right code.

    codes_left: how many recovery codes remain after one of them was used.
    codes_unseen: nobody has said yet that the recovery codes were written down.
    """

    codes_left: int | None = None
    codes_unseen: bool = False


@transaction.atomic
def set_up(user: User, *, secret: bytes, typed: str, at: datetime) -> list[str]:
    """Tie the account to the authenticator that shows this code; returns ten recovery codes, once.

    An authenticator of before is replaced and every other session ends. Raises WrongFirstCode.
    """
    _lock(user)
    match = matched(secret, plain(typed), at=at.timestamp(), tolerance=FIRST_TOLERANCE)
    if match is None:
        raise WrongFirstCode
    replaced = Authenticator.objects.filter(user=user).delete()[0] > 0
    made = Authenticator.objects.create(
        user=user,
        secret_sealed=seal_bytes(secret, purpose=PURPOSE),
        drift=match.drift,
        last_step=match.step,
        made_at=at,
    )
    User.objects.filter(pk=user.pk).update(second_factor_since=at)
    accounts.end_sessions(user)
    audit.record("factors.set_up", by=user, target=user, detail={"replaced": replaced})
    tell(letters.was_set_up(user, replaced=replaced, at=at), now=at)
    return _new_codes(made, secret)


def prove(user: User, *, typed: str, at: datetime) -> Proof:
    """Use up one right code. Raises WrongCode, WrongRecoveryCode, Paused, NothingSetUp."""
    answer = _tried(user, plain(typed), at)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes, shown once; those of before are worthless. Raises NothingSetUp."""
    row = _locked(user)
    row.recovery_codes.all().delete()
    audit.record("factors.codes_renewed", by=user, target=user)
    return _new_codes(row, _secret_of(row))


def confirm_codes(user: User) -> None:
    """The person has the recovery codes on paper."""
    Authenticator.objects.filter(user=user).update(codes_unseen=False)


@transaction.atomic
def turn_off(user: User, *, at: datetime) -> None:
    """End the second factor; the caller has asked for password and code. Raises NothingSetUp."""
    _locked(user).delete()
    User.objects.filter(pk=user.pk).update(second_factor_since=None)
    user.refresh_from_db()
    audit.record("factors.turned_off", by=user, target=user)
    tell(letters.was_turned_off(user, at=at), now=at)


@transaction.atomic
def reset(user: User, *, by: User | None, reason: str, on: date, at: datetime) -> None:
    """Take a lost authenticator off somebody else's account and tell the person; all its sessions end.

    `by` is None for the command, which the machine's owner runs. Raises OwnFactor, NotYours, NothingSetUp.
    """
    if by is not None and by.pk == user.pk:
        raise OwnFactor
    if by is not None and not accounts_managed_by(by, on=on).filter(pk=user.pk).exists():
        raise NotYours
    _lock(user)
    gone = Authenticator.objects.filter(user=user).delete()[0]
    known = User.objects.filter(pk=user.pk).exclude(second_factor_since=None).update(second_factor_since=None)
    if not gone and not known:
        raise NothingSetUp
    accounts.end_sessions(user)
    audit.record("factors.reset", by=by, target=user, detail={"reason": reason})
    tell(letters.was_reset(user, by=by, reason=reason, at=at), now=at)


@transaction.atomic
def _tried(user: User, typed: str, at: datetime) -> Proof | Refusal:
    try:
        row = _locked(user)
    except NothingSetUp as refusal:
        return refusal
    secret = _secret_of(row)
    if not is_app_code(typed):
        return _recovered(row, secret, typed) or _failed(row, at, WrongRecoveryCode)
    if row.paused_until and at < row.paused_until:
        return Paused(row.paused_until)
    match = matched(secret, typed, at=at.timestamp(), drift=row.drift, after=row.last_step)
    return _taken(row, match) if match else _failed(row, at, WrongCode)


def _taken(row: Authenticator, match: Match) -> Proof:
    row.last_step, row.drift, row.failures, row.paused_until = match.step, match.drift, 0, None
    row.save(update_fields=["last_step", "drift", "failures", "paused_until"])
    return Proof(codes_unseen=row.codes_unseen)


def _recovered(row: Authenticator, secret: bytes, typed: str) -> Proof | None:
    if not row.recovery_codes.filter(digest=recovery_digest(secret, typed)).delete()[0]:
        return None
    # Who uses one has them on paper.
    row.failures, row.paused_until, row.codes_unseen = 0, None, False
    row.save(update_fields=["failures", "paused_until", "codes_unseen"])
    return Proof(codes_left=row.recovery_codes.count())


def _failed(row: Authenticator, at: datetime, wrong: type[WrongCode]) -> Refusal:
    """One more wrong code; the fifth in a row pauses the six digits, and counting begins anew after it.

    During a pause nothing is counted; only recovery codes are compared then.
    """
    if _is_paused(row, at):
        return wrong()
    row.failures += 1
    left = TRIES - row.failures
    answer: Refusal = wrong(f"再输错 {left} 次将暂停 15 分钟。" if left <= 2 else "")
    if left <= 0:
        row.failures, until = 0, at + PAUSE
        row.paused_until = until
        is_digits = wrong is WrongCode
        answer = Paused(until) if is_digits else wrong(f"动态码暂停使用到 {localtime(until):%H:%M}。")
        tell(letters.was_paused(row.user, until=until, at=at), now=at)
    row.save(update_fields=["failures", "paused_until"])
    return answer


def _is_paused(row: Authenticator, at: datetime) -> bool:
    return row.paused_until is not None and at < row.paused_until


def _new_codes(row: Authenticator, secret: bytes) -> list[str]:
    codes = new_recovery_codes()
    row.codes_unseen = True
    row.save(update_fields=["codes_unseen"])
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=row, digest=recovery_digest(secret, code)) for code in codes
    )
    return codes


def _lock(user: User) -> None:
    """The account; what only refers to it, such as a row of the sign-in log, need not wait."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _locked(user: User) -> Authenticator:
    _lock(user)
    row = Authenticator.objects.select_for_update().filter(user=user).first()
    if row is None:
        raise NothingSetUp
    return row


def _secret_of(row: Authenticator) -> bytes:
    return open_bytes(row.secret_sealed, purpose=PURPOSE)
