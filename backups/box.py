"""What a backup holds of the anonymous channel: the sealed spool, never what opens it.

docs/box.md: `spool` lies beside the dump of the same moment; `key` and `keys` in one other place, which holds
only their latest copy. Here that copy is one file, replaced whole. The boxes of the survey are left out:
two copies of them tell more than one (docs/survey.md).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from backups.disk import to_disk, whole
from backups.rules import BackupRefused, RestoreRefused
from burden.box.actions import PATIENCE, box_folder
from burden.box.files import KEY, BoxBusy, held, replace
from burden.box.shred import NAME as KEYS
from burden.box.spool import NAME as SPOOL_NAME

KEY_COPY = "box-keys"
_KIND = "partyaffairs box keys 1"


@dataclass(frozen=True)
class BoxKeys:
    """Contents of the files `key` and `keys`; either may not be there yet."""

    key: bytes = field(repr=False)
    keys: bytes = field(repr=False)

    @property
    def prints(self) -> tuple[str, ...]:
        """A fingerprint of each key that opens the spool."""
        return tuple(
            blake2b(line, person=b"backup box key", digest_size=16).hexdigest() for line in self.key.split()
        )


@dataclass(frozen=True)
class BoxNow:
    spool: bytes = field(repr=False)
    keys: BoxKeys


@contextmanager
def standing_still() -> Iterator[None]:
    """Nobody takes or moves letters meanwhile; only for a moment. Raises BackupRefused."""
    try:
        with held(box_folder(), wait=PATIENCE):
            yield
    except BoxBusy:
        raise BackupRefused("减负直通车的文件一直被占用，备份没有做，请过几分钟再试。") from None


def now() -> BoxNow:
    """Called with everything standing still."""
    return BoxNow(_content(SPOOL_NAME), BoxKeys(_content(KEY), _content(KEYS)))


def _content(name: str) -> bytes:
    file = box_folder() / name
    return file.read_bytes() if file.exists() else b""


def keep_keys(keys: BoxKeys, folder: Path) -> None:
    """Replace the copy in that folder by this one."""
    content = {"kind": _KIND, "key": keys.key.decode("ascii"), "keys": b64encode(keys.keys).decode("ascii")}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole(folder / KEY_COPY) as handle:
        handle.write(json.dumps(content).encode())
        to_disk(handle)


def kept_keys(file: Path) -> BoxKeys:
    """Raises RestoreRefused."""
    file = file / KEY_COPY if file.is_dir() else file
    try:
        content = json.loads(file.read_bytes())
        if content["kind"] != _KIND:
            raise ValueError(_KIND)
        return BoxKeys(content["key"].encode("ascii"), b64decode(content["keys"], validate=True))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise RestoreRefused(f"{file} 不是直通车钥匙的副本，没有动任何数据。请核对 --box-keys。") from None


def own_keys() -> BoxKeys:
    return BoxKeys(_content(KEY), _content(KEYS))


def put(spool: bytes, keys: BoxKeys) -> None:
    """The spool last: without a key beside it it would be a broken one."""
    with standing_still():
        for name, content in ((KEY, keys.key), (KEYS, keys.keys), (SPOOL_NAME, spool)):
            if content:
                replace(box_folder(), name, content)


def take_back(before: Collection[str]) -> None:
    """Remove what `put` may have written; what lay there before stays."""
    for name in (SPOOL_NAME, KEYS, KEY):
        if name not in before:
            (box_folder() / name).unlink(missing_ok=True)


def files_there() -> frozenset[str]:
    return frozenset(name for name in (KEY, KEYS, SPOOL_NAME) if (box_folder() / name).exists())
