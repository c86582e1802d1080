"""Pure rules of the audit log: what an event says, and how the chain of seals is computed."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

# Text a database cannot keep: PostgreSQL refuses NUL, no encoding carries half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

EMPTY_HASH = "0" * 64


def storable(value: Any) -> Any:
    """Return `value` with unstorable characters shown as U+FFFD, in nested lists and mappings too."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(item) for item in value]
    return value


def canonical(facts: Mapping[str, Any], at: datetime) -> str:
    """Return the one spelling of an event: sorted keys, no blanks, the moment in UTC."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps({**facts, "at": moment}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def chained_hash(position: int, previous: str, spelled: str) -> str:
    """Return the seal of an event: its place, the seal before it, and what it says."""
    return sha256(f"{position}\n{previous}\n{spelled}".encode()).hexdigest()
