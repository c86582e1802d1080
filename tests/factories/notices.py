"""Test data of the notices app: people with channels, messages as the outbox writes them."""

import hashlib
from datetime import datetime, time
from typing import Any

from accounts.models import User
from notices.actions.outbox import Letter, LineData, tell
from notices.models import Channel, Message, NoticePreference
from notices.notice_events import CHANNEL_TEST
from notices.rules import ChannelKind
from tests.factories.branches import make_user

_counter = iter(range(1, 10**9))


def make_channel(user: User | None = None, kind: str = ChannelKind.EMAIL, **fields: Any) -> Channel:
    """An address nobody can open: what sends gets its answers from the test."""
    number = next(_counter)
    digest = hashlib.sha256(f"address {number}".encode()).hexdigest()
    given = {"label": f"通知方式{number}", "target_sealed": b"sealed", "target_digest": digest, **fields}
    return Channel.objects.create(user=user or make_user(), kind=kind, **given)


def never_quiet(user: User) -> NoticePreference:
    return NoticePreference.objects.create(user=user, quiet_from=time(0), quiet_until=time(0))


def make_line(subject: str = "", text: str = "召开支部党员大会（雷彩霞）") -> LineData:
    return LineData(text=text, outside_text="一项工作今天到期", subject=subject, url="/w/reminders/")


def make_letter(recipient: User, key: str = "", **fields: Any) -> Letter:
    given: dict[str, Any] = {
        "event": CHANNEL_TEST,
        "title": "有一件事需要办理",
        "outside_title": "党务工作台提醒",
        "lines": (make_line(),),
        **fields,
    }
    return Letter(recipient=recipient, key=key or f"key:{next(_counter)}", **given)


def make_message(recipient: User, *, now: datetime, **fields: Any) -> Message:
    made = tell(make_letter(recipient, **fields), now=now)
    assert made is not None
    return made
