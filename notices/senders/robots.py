"""Messages to robots and webhooks: the body each wants, and its signature."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import quote_plus

from notices.providers import Provider, Providers
from notices.rules import ChannelKind
from notices.senders.contract import Answer, Outgoing, later, never
from notices.senders.post import NoAnswer, Request, post
from notices.senders.replies import answer_of
from notices.senders.targets import webhook_provider
from notices.senders.text import fitted, text_of

Body = dict[str, Any]

MOST_TEXT_BYTES = 2048  # of one text of WeCom
# The other two take 20 KB, all in all; the signature and some room are left out.
MOST_BODY_BYTES = 16_000


@dataclass(frozen=True)
class Letterbox:
    """An opened address. Its secrets stay out of repr, and so out of logs and reports."""

    kind: ChannelKind
    target: str = field(repr=False)
    secret: str = field(repr=False, default="")


def post_message(box: Letterbox, outgoing: Outgoing, providers: Providers) -> Answer:
    """Send one message to one robot or webhook, and read what it answers."""
    provider = webhook_provider(box.target) if box.kind is ChannelKind.WEBHOOK else providers.get(box.kind)
    if provider is None:
        return never("这种通知方式没有开通。")
    request = request_for(box, outgoing, provider, at=time.time())
    try:
        return answer_of(box.kind, post(provider, request))
    except NoAnswer as nothing:
        return later(str(nothing))


def request_for(box: Letterbox, outgoing: Outgoing, provider: Provider, *, at: float) -> Request:
    """What is posted; `at` is the moment it is signed for, in seconds."""
    making = _MAKING[box.kind]
    body = making(fitted(outgoing, fits=_fits(box.kind, making)))
    path, headers = box.target.removeprefix(provider.origin), {}
    if box.secret and box.kind is ChannelKind.DINGTALK:
        path += dingtalk_signature(box.secret, round(at * 1000))
    if box.secret and box.kind is ChannelKind.FEISHU:
        body |= feishu_signature(box.secret, int(at))
    content = _bytes(body)
    if box.kind is ChannelKind.WEBHOOK:
        headers = webhook_headers(box.secret, content, int(at))
    return Request(path, content, {"Content-Type": "application/json; charset=utf-8", **headers})


def dingtalk_signature(secret: str, milliseconds: int) -> str:
    """What is appended to the address: HMAC-SHA-256 of "timestamp\\nsecret" under the secret."""
    digest = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return f"&timestamp={milliseconds}&sign={quote_plus(base64.b64encode(digest))}"


def feishu_signature(secret: str, seconds: int) -> Body:
    """HMAC-SHA-256 of nothing under "timestamp\\nsecret"; goes into the body."""
    digest = hmac.digest(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": str(seconds), "sign": base64.b64encode(digest).decode()}


def webhook_headers(secret: str, content: bytes, seconds: int) -> dict[str, str]:
    """The moment, and HMAC-SHA-256 of "timestamp.body" under the secret where there is one."""
    headers = {"X-Portal-Timestamp": str(seconds)}
    if secret:
        digest = hmac.new(secret.encode(), f"{seconds}.".encode() + content, hashlib.sha256).hexdigest()
        headers["X-Portal-Signature"] = f"sha256={digest}"
    return headers


def _text_body(outgoing: Outgoing) -> Body:
    return {"msgtype": "text", "text": {"content": text_of(outgoing)}}


def _feishu_body(outgoing: Outgoing) -> Body:
    return {"msg_type": "text", "content": {"text": text_of(outgoing)}}


def _webhook_body(outgoing: Outgoing) -> Body:
    return {
        "reference": outgoing.reference,
        "title": outgoing.title,
        "lines": list(outgoing.lines),
        "more": outgoing.more,
        "link": outgoing.link,
        "text": text_of(outgoing),
    }


_MAKING: Mapping[ChannelKind, Callable[[Outgoing], Body]] = MappingProxyType(
    {
        ChannelKind.WECOM: _text_body,
        ChannelKind.DINGTALK: _text_body,
        ChannelKind.FEISHU: _feishu_body,
        ChannelKind.WEBHOOK: _webhook_body,
    }
)


def _fits(kind: ChannelKind, making: Callable[[Outgoing], Body]) -> Callable[[Outgoing], bool]:
    if kind is ChannelKind.WECOM:
        return lambda outgoing: len(text_of(outgoing).encode()) <= MOST_TEXT_BYTES
    return lambda outgoing: len(_bytes(making(outgoing))) <= MOST_BODY_BYTES


def _bytes(body: Body) -> bytes:
    """Not as \\uXXXX: some count those six letters, and one refuses them."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
