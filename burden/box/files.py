"""Files of the channel: one size, rewritten whole, sealed with the key of this installation. No Django.

They lie in VAR_DIR/box. What belongs where in a backup: `spool` beside the nightly copy of the database,
of the same night; `key` and `keys` (burden.box.shred) of that night never beside either, but in one other
place that holds only their latest copy, for an old copy of both opens what was withdrawn since. Without
`key` and `keys` nothing in the database can be opened, also not by the recipients.

The key is a new one after every tick (`renewed_key`): who collects copies of the spool and one day gets hold
of the machine would else read in them on which day each letter came.

A file is replaced by a new one that is on the disk before it gets the name, and its time is always the
same. One that cannot be opened is never written over: it stays as it is until `set_aside` is asked for.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

WAIT = 10.0  # seconds for whoever else writes
_PAUSE = 0.01
_MOMENT = (0, 0)  # of every file and of the folder
KEY, LOCK = "key", "lock"
ASIDE = ".broken-"


class BoxUnusable(Exception):
    """The channel cannot take or give anything just now."""


class BoxBusy(BoxUnusable):
    """Somebody else held the files for the whole time of waiting."""


class BoxBroken(BoxUnusable):
    """A file is truncated, changed, or sealed with a key that is not here; it was left as it is."""


@contextmanager
def held(folder: Path, *, wait: float = WAIT) -> Iterator[None]:
    """The folder for one holder at a time, among processes and threads. Raises BoxBusy."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        _take(lock, time.monotonic() + wait)
        yield
    finally:
        os.close(lock)


def _take(lock: int, end: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise BoxBusy from None
            time.sleep(_PAUSE)
        else:
            return


class SealedFile:
    """Content of `size` bytes under a name. Read and write with the folder held."""

    def __init__(self, folder: Path, name: str, *, size: int) -> None:
        self.folder, self.name, self.size = folder, name, size

    def read(self) -> bytes | None:
        """None where there is none yet. Raises BoxBroken."""
        try:
            sealed = (self.folder / self.name).read_bytes()
        except FileNotFoundError:
            return None
        for key in _keys(self.folder):
            try:
                content = SecretBox(key).decrypt(sealed)
            except (CryptoError, ValueError):
                continue
            if len(content) == self.size:
                return content
        raise BoxBroken

    def write(self, content: bytes) -> None:
        """Returns when it is on the disk; new bytes even for the same content. Raises BoxBroken."""
        if len(content) != self.size:
            raise ValueError("a file of the channel has one size")
        keys = _keys(self.folder) or [_new_key(self.folder)]
        replace(self.folder, self.name, SecretBox(keys[0]).encrypt(content))


def replace(folder: Path, name: str, content: bytes) -> None:
    made = folder / f"{name}.new"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.utime(handle.fileno(), _MOMENT)
        os.fsync(handle.fileno())
    made.replace(folder / name)
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.utime(folder, _MOMENT)
    finally:
        os.close(descriptor)


def _keys(folder: Path) -> list[bytes]:
    """The first seals, each opens: a new one may be put in front as a line of 64 hexadecimal digits."""
    try:
        keys = [bytes.fromhex(line) for line in (folder / KEY).read_text("ascii").split()]
    except FileNotFoundError:
        return []
    except ValueError:
        raise BoxBroken from None
    if not keys or any(len(key) != SecretBox.KEY_SIZE for key in keys):
        raise BoxBroken
    return keys


def _new_key(folder: Path) -> bytes:
    """Only for a new folder: with sealed files in it the old one must come back from its own place."""
    if any(one.name not in {LOCK, f"{KEY}.new"} for one in folder.glob("*") if _is_ours(one)):
        raise BoxBroken
    key = secrets.token_bytes(SecretBox.KEY_SIZE)
    _write_keys(folder, [key])
    return key


@contextmanager
def renewed_key(folder: Path) -> Iterator[None]:
    """A new key in place of all others; inside, every sealed file of the folder is to be written anew.

    Called with the folder held. Stopped half-way, the old keys stay until the next time; they also stay
    while a file that was set aside may need them.
    """
    key = secrets.token_bytes(SecretBox.KEY_SIZE)
    _write_keys(folder, [key, *_keys(folder)])
    yield
    if not list(folder.glob(f"*{ASIDE}*")):
        _write_keys(folder, [key])


def _write_keys(folder: Path, keys: list[bytes]) -> None:
    replace(folder, KEY, "".join(f"{key.hex()}\n" for key in keys).encode("ascii"))


def _is_ours(file: Path) -> bool:
    return file.name.partition(".")[0] in {KEY, LOCK, "spool", "keys"}


def set_aside(folder: Path, name: str) -> Path:
    """Give a broken file another name, so that a new one begins; for whoever runs the portal to decide."""
    kept = folder / f"{name}{ASIDE}{secrets.token_hex(4)}"
    with held(folder):
        (folder / name).rename(kept)
        _sync(folder)
    return kept
