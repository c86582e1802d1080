"""Keys of recipients: made by themselves, confirmed by another one, gone with the post."""

from datetime import date

from django.db import transaction
from nacl.public import PrivateKey

from accounts.models import User
from audit import actions as audit
from branches.rules import Refusal
from burden.box.desk import reseal_for, unlock
from burden.box.limits import RECIPIENT_PLACES
from burden.box.released import desk_held
from burden.box.sealing import MODERATE, Cost, wrap_private
from burden.models import BoxRecipient
from burden.queries.box_recipients import keys_of, leavers, level_of, own_words
from burden.rules.box_passphrase import normal, weakness

COST = MODERATE


class KeyRefused(Refusal):
    """No key can be made or confirmed; str() says why."""


@transaction.atomic
def make_key(user: User, passphrase: str, *, on: date, cost: Cost | None = None) -> BoxRecipient:
    """A key of one's own, instead of an earlier one. Raises KeyRefused.

    Who comes first receives at once; every later key waits for somebody who receives already. So nobody
    who may give posts becomes a reader of letters by that alone.
    """
    level = level_of(user, on=on)
    if level is None:
        raise KeyRefused("您现在没有担任匿名直通车受理人，不能生成钥匙。")
    chosen = normal(passphrase)
    if weak := weakness(chosen, known={user.username, *own_words(user, on=on)}):
        raise KeyRefused(weak)
    if user.check_password(passphrase):
        raise KeyRefused("这和您的登录密码一样。登录密码每天要输，别人容易知道，请换一句话。")
    retire(on=on)
    BoxRecipient.objects.filter(user=user).delete()
    others = keys_of(level)
    if len(others) >= RECIPIENT_PLACES:
        raise KeyRefused(f"{level.label}受理人最多 {RECIPIENT_PLACES} 位，请先登记其他人离任。")
    private = PrivateKey.generate()
    made = BoxRecipient.objects.create(
        user=user,
        level=level,
        public_key=bytes(private.public_key),
        wrapped_key=wrap_private(private, chosen, cost=cost or COST),
        is_active=not any(other.is_active for other in others),
    )
    audit.record("burden.box_key_made", by=user, target=user, detail={"level": str(level)})
    return made


def confirm(newcomer: BoxRecipient, *, by: BoxRecipient, passphrase: str) -> BoxRecipient:
    """Let somebody receive from now on, and seal what is there for them too. Raises Refusal, BoxUnusable."""
    private = unlock(by, passphrase)
    with desk_held():
        row = BoxRecipient.objects.select_for_update().filter(name=newcomer.name, level=by.level).first()
        if row is None or not by.is_active or row.name == by.name:
            raise KeyRefused("这把钥匙已经不在了，请刷新页面再看。")
        if row.is_active:
            raise KeyRefused(f"{row.user.name}已经确认过了。")
        row.is_active = True
        row.save(update_fields=["is_active"])
        reseal_for(by, private)
        audit.record("burden.box_recipient_confirmed", by=by.user, target=row.user)
    return row


@transaction.atomic
def retire(*, on: date) -> int:
    """Delete the keys of whoever holds the post no more; returns how many. Safe to run at any time.

    New letters are not sealed to them; what lies there is sealed anew when the desk is opened next.
    """
    gone = leavers(on=on)
    for one in gone:
        audit.record("burden.box_key_retired", by=None, target=one.user)
        one.delete()
    return len(gone)
