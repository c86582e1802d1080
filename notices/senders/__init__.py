"""Everything that leaves the portal; docs/adr/0010 says what may and how."""

from notices.providers import OFFICIAL, Provider, Providers
from notices.senders.contract import Answer, Outcome, Outgoing
from notices.senders.mail import email_available
from notices.senders.sending import send, send_trial
from notices.senders.targets import (
    TargetRefused,
    check_secret,
    check_target,
    open_target,
    seal_target,
    takes_secret,
    target_digest,
    target_digests,
    where_to_find,
)

__all__ = [
    "OFFICIAL",
    "Answer",
    "Outcome",
    "Outgoing",
    "Provider",
    "Providers",
    "TargetRefused",
    "check_secret",
    "check_target",
    "email_available",
    "open_target",
    "seal_target",
    "send",
    "send_trial",
    "takes_secret",
    "target_digest",
    "target_digests",
    "where_to_find",
]
