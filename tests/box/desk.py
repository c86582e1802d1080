"""Two recipients of the own level and two of the superior one, with posts, keys and letters."""

from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from nacl.public import PrivateKey

from accounts.models import User
from branches.models import Organisation
from branches.rules import Role
from burden.box.actions import accept_letter
from burden.box.limits import Level
from burden.box.receipts import Receipt
from burden.box.sealing import Letter, wrap_private
from burden.models import BoxRecipient
from tests.box.recipients import CHEAP, PASSPHRASE
from tests.factories.branches import make_holder, make_tree

TEXT = "每周三要在四个平台各填一遍同样的表格，请合并成一张。"


@dataclass
class DeskScene:
    committee: Organisation
    general: Organisation
    branch: Organisation
    one: User
    two: User
    above: User
    other: User
    folder: Path


def make_recipient(user: User, level: Level, *, is_active: bool = True) -> BoxRecipient:
    """A key as the ceremony makes it, with a passphrase that costs nothing to try."""
    key = PrivateKey.generate()
    return BoxRecipient.objects.create(
        user=user,
        level=level,
        public_key=bytes(key.public_key),
        wrapped_key=wrap_private(key, PASSPHRASE, cost=CHEAP),
        is_active=is_active,
    )


def make_scene(folder: Path) -> DeskScene:
    committee, general, branches = make_tree(branches=1)
    one, two = make_holder(general, Role.RECIPIENT), make_holder(general, Role.RECIPIENT)
    above, other = make_holder(committee, Role.RECIPIENT), make_holder(committee, Role.RECIPIENT)
    for user, level in ((one, Level.OWN), (two, Level.OWN), (above, Level.SUPERIOR), (other, Level.SUPERIOR)):
        make_recipient(user, level)
    return DeskScene(committee, general, branches[0], one, two, above, other, folder)


def write(text: str = TEXT, *, level: Level = Level.OWN, category: str = "multi_form_filling") -> Receipt:
    return accept_letter(Letter(category, text), level)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
