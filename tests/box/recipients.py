"""People who open letters, with a passphrase that costs nothing to try."""

from nacl.public import PrivateKey

from burden.box.limits import Level
from burden.box.sealing import Cost, wrap_private
from burden.models import BoxRecipient
from tests.factories.accounts import make_account

PASSPHRASE = "correct horse battery"
CHEAP = Cost(operations=1, memory=8192)


def add_recipients(*levels: Level) -> list[PrivateKey]:
    """One recipient for each level named."""
    keys = [PrivateKey.generate() for _ in levels]
    for number, (level, key) in enumerate(zip(levels, keys, strict=True), BoxRecipient.objects.count() + 1):
        BoxRecipient.objects.create(
            user=make_account(f"recipient{number}"),
            level=level,
            public_key=bytes(key.public_key),
            wrapped_key=wrap_private(key, PASSPHRASE, cost=CHEAP),
        )
    return keys
