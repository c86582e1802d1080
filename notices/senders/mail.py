"""Messages by e-mail, through Django's mail backend."""

import hashlib
import re
import smtplib
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notices.senders.contract import Answer, Outgoing, later, never, sent
from notices.senders.text import fitted, heading, text_of

MOST_BYTES = 64_000
PERMANENT = 500  # from this reply code on, SMTP means it for good
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def email_available() -> bool:
    """Whether this installation can send mail at all; where not, the kind is offered to nobody."""
    return bool(settings.EMAIL_ENABLED and settings.NOTICE_SENDER)


def send_mail(address: str, outgoing: Outgoing) -> Answer:
    if not email_available():
        return never("系统还没有开通电子邮件，请联系系统管理员。")
    connection = get_connection()
    try:
        connection.open()
        connection.send_messages([_message(address, outgoing)])
    except (smtplib.SMTPException, OSError) as error:
        return _answer(error)
    finally:
        _say_goodbye(connection)
    return sent("邮件服务器已接收。")


def _say_goodbye(connection: BaseEmailBackend) -> None:
    """What goes wrong now takes nothing back."""
    with suppress(smtplib.SMTPException, OSError):
        connection.close()


def _message(address: str, outgoing: Outgoing) -> EmailMessage:
    found = fitted(outgoing, fits=lambda some: len(text_of(some).encode()) <= MOST_BYTES)
    return EmailMessage(
        subject=heading(found),
        body=f"{text_of(found)}\n\n这是系统自动发送的邮件，请勿回复。\n",
        from_email=settings.NOTICE_SENDER,
        to=[address],
        headers={
            "Message-ID": message_id(outgoing.reference),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )


def message_id(reference: str) -> str:
    """The same at every try, so that a mail server can tell a second try from a second message."""
    if not _REFERENCE.fullmatch(reference):
        reference = hashlib.sha256(reference.encode(errors="replace")).hexdigest()
    host = urlsplit(settings.PORTAL_URL).hostname or settings.NOTICE_SENDER.rpartition("@")[2].strip("> ")
    return f"<{reference}@{host}>"


def _answer(error: smtplib.SMTPException | OSError) -> Answer:
    """The server's words are not repeated: they hold addresses. Only what is said of the recipient is
    final; everything else somebody can mend while the message waits."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(max((code for code, _ in error.recipients.values()), default=0))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return later("邮件服务器不接受系统的登录，请系统管理员核对邮件设置；系统会自动重试。")
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code >= PERMANENT:
        words = f"邮件服务器不接受系统的发件地址（{error.smtp_code}），请系统管理员核对邮件设置"
        return later(f"{words}；系统会自动重试。")
    if isinstance(error, smtplib.SMTPResponseException):
        return later(f"邮件服务器没有接收（{error.smtp_code}）；系统会自动重试。")
    return later("连接不上邮件服务器；系统会自动重试。")


def _refused(code: int) -> Answer:
    if code >= PERMANENT:
        return never(f"邮件服务器不接受这个收件地址（{code}），请核对地址。")
    return later(f"邮件服务器暂时不接收（{code}）；系统会自动重试。")
