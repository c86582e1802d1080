"""Leaf: personal data sealed at rest with the installation's keys, and digests that find it again.

settings.PERSONAL_DATA_KEYS: the first key seals, every key opens. From each, HKDF-SHA-256 derives one
key per purpose, so that a token of one purpose never opens as another's. A token is

    version (1 byte) | key id (8 bytes) | nonce (12 bytes) | AES-256-GCM ciphertext with its tag

with everything before the nonce, and the purpose, authenticated. The key id tells a rotation what is
still sealed with an older key.

Digests are HMAC-SHA-256 with a key derived from the same list: whoever reads the database alone cannot
try the possible numbers out. They depend on the first key and therefore change with it. To rotate, put a
new key in front: from then on `digest` uses the new key, and `digests` gives that of every key, which is
what a search for a number asks for (`__in`), so that nothing is missed while both kinds are stored. Then
run `rotate_personal_data`, which seals and digests every row anew; after it the old key may go.
"""

import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from branches.rules import Refusal

ID_NUMBER = "id number"
IMPORT = "roster import"

_VERSION = b"\x01"
_ID_BYTES = 8
_NONCE_BYTES = 12
_HEAD = len(_VERSION) + _ID_BYTES
_SHORTEST = _HEAD + _NONCE_BYTES + 16


class SealRefused(Refusal):
    """A token cannot be opened."""


class UnknownKey(SealRefused):
    """The token was sealed with a key this installation does not have."""

    def __init__(self) -> None:
        super().__init__("这份内容是用另一把密钥加密的，现有密钥打不开，请系统管理员核对个人信息密钥。")


class TamperedToken(SealRefused):
    """The token is damaged, was changed, or belongs to another purpose."""

    def __init__(self) -> None:
        super().__init__("这份加密内容已损坏或被改动，无法打开，请系统管理员从备份中核对。")


def seal_bytes(content: bytes, *, purpose: str) -> bytes:
    head = _VERSION + _key_id(_keys()[0])
    nonce = os.urandom(_NONCE_BYTES)
    return head + nonce + _cipher(_keys()[0], purpose).encrypt(nonce, content, head + purpose.encode())


def open_bytes(token: bytes | memoryview, *, purpose: str) -> bytes:
    """Raises UnknownKey, TamperedToken."""
    token = bytes(token)
    if len(token) < _SHORTEST or token[:1] != _VERSION:
        raise TamperedToken
    head, nonce, rest = token[:_HEAD], token[_HEAD : _HEAD + _NONCE_BYTES], token[_HEAD + _NONCE_BYTES :]
    key = next((key for key in _keys() if _key_id(key) == head[1:]), None)
    if key is None:
        raise UnknownKey
    try:
        return _cipher(key, purpose).decrypt(nonce, rest, head + purpose.encode())
    except InvalidTag:
        raise TamperedToken from None


def seal(text: str, *, purpose: str = ID_NUMBER) -> bytes:
    return seal_bytes(text.encode(), purpose=purpose)


def open_sealed(token: bytes | memoryview, *, purpose: str = ID_NUMBER) -> str:
    """Raises UnknownKey, TamperedToken."""
    return open_bytes(token, purpose=purpose).decode()


def seal_json(value: Any, *, purpose: str = IMPORT) -> bytes:
    """Seal anything JSON can say; packed, because it may be a whole roster."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return seal_bytes(zlib.compress(text.encode(), 6), purpose=purpose)


def open_json(token: bytes | memoryview, *, purpose: str = IMPORT) -> Any:
    """Raises UnknownKey, TamperedToken."""
    return json.loads(zlib.decompress(open_bytes(token, purpose=purpose)))


def is_current(token: bytes | memoryview) -> bool:
    """Whether the token is sealed with the key that seals today."""
    return bytes(token[:_HEAD]) == _VERSION + _key_id(_keys()[0])


def digest(text: str, *, purpose: str = ID_NUMBER) -> str:
    """What stands in the database beside the sealed text, to find the same text again."""
    return next(_digests(text, purpose))


def digests(text: str, *, purpose: str = ID_NUMBER) -> list[str]:
    """The digest under every key, today's first: what a search has to ask for."""
    return list(_digests(text, purpose))


def _digests(text: str, purpose: str) -> Iterator[str]:
    for key in _keys():
        yield hmac.new(_derived(key, "digest " + purpose), text.encode(), hashlib.sha256).hexdigest()


def _keys() -> list[str]:
    keys: list[str] = settings.PERSONAL_DATA_KEYS
    return keys


def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(_derived(key, "seal " + purpose))


def _key_id(key: str) -> bytes:
    return _derived(key, "key id")[:_ID_BYTES]


@cache
def _derived(key: str, use: str) -> bytes:
    """Thirty-two bytes for one use of one key; the master keys are long random words already."""
    info = f"partyaffairs personal data v1: {use}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key.encode())
