"""A channel that nothing gets through: its owner hears of it once, and no more when it works again."""

from datetime import datetime

from notices.actions.outbox import Letter, LineData, tell
from notices.models import Channel
from notices.notice_events import channel_subject
from notices.rules import CHANNEL_FAILING

SETTINGS_PATH = "/w/notices/settings/"


def note_success(channel: Channel) -> None:
    """Something arrived: whatever was wrong is over."""
    Channel.objects.filter(pk=channel.pk).exclude(failing_since=None).update(failing_since=None, trouble="")


def note_trouble(channel: Channel, words: str, *, now: datetime) -> None:
    """Something could not be delivered. Only the first one since the last success is told.

    The channel is still tried by what comes later: robots are repaired without telling us.
    """
    row = Channel.objects.filter(pk=channel.pk)
    begins = row.filter(failing_since=None).update(failing_since=now, trouble=words[:200])
    if begins:
        tell(_letter(channel, words, now), now=now)
    else:
        row.update(trouble=words[:200])


def _letter(channel: Channel, words: str, now: datetime) -> Letter:
    return Letter(
        recipient=channel.user,
        event=CHANNEL_FAILING,
        key=f"{channel_subject(channel.pk)}:{now:%Y%m%d%H%M%S}",
        title=f"“{channel.label}”发不出去，请检查通知设置",
        outside_title="一个通知方式发不出去",
        lines=(
            LineData(
                text=f"{channel.get_kind_display()}“{channel.label}”：{words}",
                outside_text="请登录党务工作台检查通知设置。",
                subject=channel_subject(channel.pk),
                url=SETTINGS_PATH,
            ),
        ),
        url=SETTINGS_PATH,
    )
