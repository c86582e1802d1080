"""One door out: opens the sealed address, checks it again, sends, and says what became of it."""

from branches.sealed import SealRefused
from notices.models import Channel
from notices.providers import OFFICIAL, Providers
from notices.rules import ChannelKind
from notices.senders.contract import Answer, Outgoing, never
from notices.senders.mail import send_mail
from notices.senders.robots import Letterbox, post_message
from notices.senders.targets import TargetRefused, check_target, open_target

TEST_TITLE = "这是一条试发消息，收到即表示设置成功。"


def send(channel: Channel, outgoing: Outgoing, *, providers: Providers = OFFICIAL) -> Answer:
    """Send one message now: one request, or one conversation with the mail server.

    A robot has 15 seconds in all, a mail server 10 for each step. Never call it inside a transaction.
    Raises nothing for what other sides do. LATER after a broken connection may mean that the message did
    arrive: `outgoing.reference` lets mail servers and webhooks see that, robots repeat it.
    """
    try:
        box = _opened(channel, providers)
    except (SealRefused, TargetRefused) as refusal:
        return never(str(refusal))
    if box.kind is ChannelKind.EMAIL:
        return send_mail(box.target, outgoing)
    return post_message(box, outgoing, providers)


def send_trial(channel: Channel, *, providers: Providers = OFFICIAL) -> Answer:
    """Send one plain sentence, so that the owner sees whether it arrives."""
    return send(channel, Outgoing(reference=f"test-{channel.pk}", title=TEST_TITLE), providers=providers)


def _opened(channel: Channel, providers: Providers) -> Letterbox:
    """Raises SealRefused, TargetRefused: what was allowed when it was typed may not be any more."""
    kind = ChannelKind(channel.kind)
    target = check_target(kind, open_target(channel.target_sealed), providers=providers)
    secret = open_target(channel.secret_sealed) if channel.secret_sealed else ""
    return Letterbox(kind, target, secret)
