"""The words of a message as they leave the portal: plain text, the same everywhere.

Plain, because each provider reads another dialect of markdown, one of them without a way to escape it,
and some show none of it to people who read along in another app.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from notices.senders.contract import Outgoing

# Begins every message: robots that ask for a keyword are given this one.
KEYWORD = "党务工作台"
LONGEST_TITLE = 200
_SPACE = re.compile(r"\s+")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})


def fitted(outgoing: Outgoing, *, fits: Callable[[Outgoing], bool]) -> Outgoing:
    """The message in plain words with as many whole lines as fit; the others are counted with `more`."""
    lines = tuple(plain(line) for line in outgoing.lines)
    title = plain(outgoing.title)[:LONGEST_TITLE]
    for kept in range(len(lines), -1, -1):
        more = outgoing.more + len(lines) - kept
        found = replace(outgoing, title=title, lines=lines[:kept], more=more)
        if fits(found):
            return found
    return replace(found, link="")


def heading(outgoing: Outgoing) -> str:
    return outgoing.title if KEYWORD in outgoing.title else f"【{KEYWORD}】{outgoing.title}"


def text_of(outgoing: Outgoing) -> str:
    """What a person reads; of a fitted message."""
    parts = [heading(outgoing), *(f"· {line}" for line in outgoing.lines)]
    if outgoing.more:
        parts.append(f"另有 {outgoing.more} 项" if outgoing.lines else f"共 {outgoing.more} 项")
    if outgoing.link:
        parts.append(f"查看：{outgoing.link}")
    return "\n".join(parts)


def plain(text: str) -> str:
    """One line of text and nothing else: no control characters, no lone surrogates, no tags.

    "<" would let a title mention everybody in a group.
    """
    kinds = ((character, unicodedata.category(character)) for character in text)
    kept = "".join(" " if kind in _BREAKS else c for c, kind in kinds if kind not in _UNSEEN)
    return _SPACE.sub(" ", kept).strip().translate({ord("<"): "＜", ord(">"): "＞"})
