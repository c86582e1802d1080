"""What a backup says of itself, as JSON inside it, and the seal that only holders of the keys can make.

The keys themselves are never inside. Each leaves a fingerprint, made with HMAC from a key that is long and
random, so that a wrong key is noticed and nothing can be tried out.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from backups.rules import BrokenBackup
from branches.sealed import digest, digests

_SEAL, _FINGERPRINT = "backup manifest", "backup key"
_SECRET = "backups.secret_key"  # noqa: S105 - the salt, not the key


@dataclass(frozen=True)
class Member:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class AuditHead:
    """The last seal of the audit chain at that moment."""

    position: int
    hash: str


@dataclass(frozen=True)
class Facts:
    """What the database says of itself: applied migrations, rows of each table, end of the audit chain."""

    migrations: tuple[tuple[str, str], ...]
    tables: Mapping[str, int]
    audit: AuditHead

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


@dataclass(frozen=True)
class KeyPrints:
    """secret: SECRET_KEY; personal: each of PERSONAL_DATA_KEYS; box: those that open the spool."""

    secret: str
    personal: tuple[str, ...]
    box: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    format: int
    portal: str
    made_at: datetime
    engine: str
    facts: Facts
    keys: KeyPrints
    members: tuple[Member, ...] = ()
    seal: str = field(default="", repr=False, compare=False)

    def member(self, name: str) -> Member | None:
        return next((one for one in self.members if one.name == name), None)

    def files(self, prefix: str) -> list[Member]:
        return [one for one in self.members if one.name.startswith(prefix)]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.members)


def own_prints(box: tuple[str, ...] = ()) -> KeyPrints:
    """Of the keys of this installation."""
    secret = salted_hmac(_SECRET, "", secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
    return KeyPrints(secret, tuple(digests("", purpose=_FINGERPRINT)), box)


def written(manifest: Manifest) -> bytes:
    """The JSON of the file, sealed with the first key of personal data."""
    sealed = replace(manifest, seal=digest(_spelled(manifest), purpose=_SEAL))
    return json.dumps(_plain(sealed), ensure_ascii=False, indent=1, sort_keys=True).encode()


def is_sealed_here(manifest: Manifest) -> bool:
    """Whether somebody with one of this installation's keys wrote exactly this."""
    made = digests(_spelled(manifest), purpose=_SEAL)
    return any(constant_time_compare(one, manifest.seal) for one in made)


def _spelled(manifest: Manifest) -> str:
    plain = _plain(replace(manifest, seal=""))
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {**asdict(manifest), "made_at": manifest.made_at.isoformat()}


def format_of(content: Mapping[str, Any]) -> tuple[int, str]:
    """Format and version, which every format to come keeps where they are. Raises BrokenBackup."""
    number, version = content.get("format"), content.get("portal")
    if type(number) is not int or number < 1 or not isinstance(version, str):
        raise BrokenBackup("清单读不出来")
    return number, version[:40]


def loaded(text: bytes) -> dict[str, Any]:
    """Raises BrokenBackup."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenBackup("清单读不出来") from None
    if not isinstance(content, dict):
        raise BrokenBackup("清单读不出来")
    return content


def read(content: Mapping[str, Any]) -> Manifest:
    """Raises BrokenBackup."""
    try:
        return _read(content)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BrokenBackup("清单读不出来") from None


def _read(content: Mapping[str, Any]) -> Manifest:
    facts, keys = content["facts"], content["keys"]
    return Manifest(
        format=int(content["format"]),
        portal=str(content["portal"]),
        made_at=datetime.fromisoformat(content["made_at"]),
        engine=str(content["engine"]),
        facts=Facts(
            migrations=tuple((str(app), str(name)) for app, name in facts["migrations"]),
            tables={str(name): int(rows) for name, rows in facts["tables"].items()},
            audit=AuditHead(int(facts["audit"]["position"]), str(facts["audit"]["hash"])),
        ),
        keys=KeyPrints(str(keys["secret"]), tuple(map(str, keys["personal"])), tuple(map(str, keys["box"]))),
        members=tuple(Member(str(m["name"]), int(m["size"]), str(m["sha256"])) for m in content["members"]),
        seal=str(content["seal"]),
    )
