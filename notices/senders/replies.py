"""What a robot or webhook answered. That a request came back with status 200 says nothing: the code in
the body does."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from notices.rules import ChannelKind
from notices.senders.codes import answer_for
from notices.senders.contract import Answer, Outcome, later, never, sent
from notices.senders.post import Reply
from notices.senders.text import plain

LONGEST_WAIT = timedelta(days=1)
MOST_WORDS = 60
_CODES: Mapping[ChannelKind, tuple[str, ...]] = MappingProxyType(
    {
        ChannelKind.WECOM: ("errcode",),
        ChannelKind.DINGTALK: ("errcode",),
        # The second is what older robots of Feishu say.
        ChannelKind.FEISHU: ("code", "StatusCode"),
        ChannelKind.WEBHOOK: ("errcode", "code", "StatusCode"),
    }
)
_WORDS = ("errmsg", "msg", "StatusMessage")
# Anything that may be an address, a key or a signature.
_TELLING = re.compile(r"\S*://\S*|[\w+/=%.@-]{12,}", re.ASCII)
_TRY_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def answer_of(kind: ChannelKind, reply: Reply) -> Answer:
    answer = _judged(kind, reply)
    wait = _wait(reply.retry_after)
    return replace(answer, retry_after=wait) if wait and answer.outcome is Outcome.LATER else answer


def _judged(kind: ChannelKind, reply: Reply) -> Answer:
    content = _content(reply.body)
    code = _code(kind, content)
    if code:
        said = _said(content)
        return answer_for(kind, code, said) or later(_unknown(code, said))
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return _by_status(reply.status)
    # A webhook may answer in its own way; a robot that does not give its code has not answered.
    if code == 0 or (kind is ChannelKind.WEBHOOK and not _names_a_code(kind, content)):
        return sent()
    return later("对方的答复无法识别，可能没有送达；系统会自动重试。")


def _by_status(status: int) -> Answer:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRY_AGAIN:
        return later(f"对方暂时不能接收（HTTP {status}）；系统会自动重试。")
    if status < HTTPStatus.BAD_REQUEST:
        return never(f"对方要求转到别的地址（HTTP {status}），系统不会跟随，请核对并更新地址。")
    return never(f"对方拒绝接收（HTTP {status}），请核对并更新地址。")


def _content(body: bytes) -> dict[str, Any]:
    """An object, or nothing: deep nesting and endless numbers are no answer either."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _names_a_code(kind: ChannelKind, content: dict[str, Any]) -> bool:
    return any(name in content for name in _CODES[kind])


def _code(kind: ChannelKind, content: dict[str, Any]) -> int | None:
    """Zero where every code says so, the first other one, or None where there is none to read."""
    codes = [_number(content[name]) for name in _CODES[kind] if name in content]
    if not codes or None in codes:
        return None
    return next((code for code in codes if code and not _is_fine(kind, code)), 0)


def _is_fine(kind: ChannelKind, code: int) -> bool:
    """Many a house's own interfaces repeat the status as their code."""
    return kind is ChannelKind.WEBHOOK and code == HTTPStatus.OK


def _number(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _said(content: dict[str, Any]) -> str:
    return next((str(content[name]) for name in _WORDS if isinstance(content.get(name), str)), "")


def _unknown(code: int, said: str) -> str:
    told = _TELLING.sub("…", plain(said))[:MOST_WORDS]
    return f"对方答复错误 {str(code)[:12]}{f'：{told}' if told else ''}；系统会自动重试。"


def _wait(retry_after: str) -> timedelta | None:
    """Seconds or a date, at most a day; nothing where neither can be read or it is over."""
    wait = timedelta(seconds=int(retry_after)) if _SECONDS.fullmatch(retry_after) else _until(retry_after)
    return min(wait, LONGEST_WAIT) if wait > timedelta() else None


def _until(date: str) -> timedelta:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError):  # no date, or one beyond the last year there is
        return timedelta()
