"""E-mail over a real conversation with a fake mail server."""

from email.utils import parseaddr

import pytest
from django.core import mail
from pytest_django import Settings

from notices.models import Channel
from notices.rules import ChannelKind
from notices.senders import Answer, Outcome, Outgoing, email_available, seal_target, send, send_trial
from notices.senders.contract import later, never, sent
from notices.senders.mail import message_id
from tests.notices.post_office import SENDER, PostOffice, mail_goes_to
from tests.notices.robots import closed_port

ADDRESS = "worker@branch.example.com"
MENDED = "请系统管理员核对邮件设置；系统会自动重试。"
OUTGOING = Outgoing(
    "m-7", "本周有 2 项工作到期", ("三会一课 11 月 30 日到期",), 1, "https://p.example.com/w/"
)


@pytest.fixture
def channel() -> Channel:
    return Channel(kind=ChannelKind.EMAIL, target_sealed=seal_target(ADDRESS))


def answered(settings: Settings, channel: Channel, **replies: str) -> tuple[Answer, PostOffice]:
    with PostOffice(**replies) as office:
        mail_goes_to(office.port, settings)
        return send(channel, OUTGOING), office


def test_a_message_arrives_as_plain_text_of_nobody(settings: Settings, channel: Channel) -> None:
    settings.PORTAL_URL = "https://portal.example.com:8443"
    answer, office = answered(settings, channel)
    (message,) = office.messages
    assert answer == sent("邮件服务器已接收。")
    assert message["Subject"].strip() == "【党务工作台】本周有 2 项工作到期"
    assert (message["From"], message["To"]) == (SENDER, ADDRESS)
    assert message["Message-ID"] == "<m-7@portal.example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == (
        "【党务工作台】本周有 2 项工作到期\n"
        "· 三会一课 11 月 30 日到期\n"
        "另有 1 项\n"
        "查看：https://p.example.com/w/\n"
        "\n"
        "这是系统自动发送的邮件，请勿回复。\n"
    )


def test_a_second_try_has_the_same_number(settings: Settings, channel: Channel) -> None:
    with PostOffice() as office:
        mail_goes_to(office.port, settings)
        send(channel, OUTGOING)
        send(channel, OUTGOING)
    assert [message["Message-ID"] for message in office.messages] == ["<m-7@portal.example.com>"] * 2


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (
            {"RCPT": "550 5.1.1 no such user worker@branch.example.com"},
            never("邮件服务器不接受这个收件地址（550），请核对地址。"),
        ),
        ({"RCPT": "450 4.2.1 mailbox busy"}, later("邮件服务器暂时不接收（450）；系统会自动重试。")),
        ({"MAIL": "451 try later"}, later("邮件服务器没有接收（451）；系统会自动重试。")),
        (
            {"MAIL": "553 not yours"},
            later("邮件服务器不接受系统的发件地址（553），请系统管理员核对邮件设置；系统会自动重试。"),
        ),
        ({"DATA": "451 no room"}, later("邮件服务器没有接收（451）；系统会自动重试。")),
        ({"END": "554 looks like spam"}, later("邮件服务器没有接收（554）；系统会自动重试。")),
        ({"greeting": "421 closed today"}, later("邮件服务器没有接收（421）；系统会自动重试。")),
        ({"EHLO": "500 what", "HELO": "500 what"}, later("邮件服务器没有接收（500）；系统会自动重试。")),
        ({"QUIT": "500 what"}, sent("邮件服务器已接收。")),
    ],
    ids=["no such user", "busy", "sender later", "sender", "data", "spam", "greeting", "hello", "goodbye"],
)
def test_what_the_server_says_decides(
    settings: Settings, channel: Channel, replies: dict[str, str], expected: Answer
) -> None:
    answer, _ = answered(settings, channel, **replies)
    assert answer == expected


def test_a_server_that_is_down_is_tried_again(settings: Settings, channel: Channel) -> None:
    mail_goes_to(closed_port(), settings)
    assert send(channel, OUTGOING) == later("连接不上邮件服务器；系统会自动重试。")


def test_a_silent_server_is_not_waited_for(settings: Settings, channel: Channel) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    with PostOffice(silent_at="RCPT") as office:
        mail_goes_to(office.port, settings)
        assert send(channel, OUTGOING).outcome is Outcome.LATER
    assert office.messages == []


def test_a_login_that_is_refused_is_for_the_administrator(settings: Settings, channel: Channel) -> None:
    with PostOffice(EHLO="250-office.test\r\n250 AUTH PLAIN LOGIN", AUTH="535 wrong password") as office:
        mail_goes_to(office.port, settings)
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong-password"
        answer = send(channel, OUTGOING)
    assert answer == later(f"邮件服务器不接受系统的登录，{MENDED}")


@pytest.mark.parametrize(("enabled", "sender"), [(False, SENDER), (True, "")])
def test_without_a_mail_server_the_kind_is_closed(
    settings: Settings, channel: Channel, enabled: bool, sender: str
) -> None:
    settings.EMAIL_ENABLED, settings.NOTICE_SENDER = enabled, sender
    assert email_available() is False
    assert send(channel, OUTGOING) == never("系统还没有开通电子邮件，请联系系统管理员。")
    assert mail.outbox == []


def test_a_fresh_installation_sends_no_mail() -> None:
    assert email_available() is False


def test_a_trial_is_one_sentence(settings: Settings, channel: Channel) -> None:
    settings.EMAIL_ENABLED, settings.NOTICE_SENDER = True, f"党务工作台 <{SENDER}>"
    assert send_trial(channel).outcome is Outcome.SENT
    (message,) = mail.outbox
    assert message.subject == "【党务工作台】这是一条试发消息，收到即表示设置成功。"
    assert parseaddr(message.from_email)[1] == SENDER


def test_nothing_in_a_title_becomes_a_header(settings: Settings, channel: Channel) -> None:
    settings.EMAIL_ENABLED, settings.NOTICE_SENDER = True, SENDER
    send(channel, Outgoing("m-9", "到期\r\nBcc: all@example.com\n\n正文"))
    (message,) = mail.outbox
    assert message.subject == "【党务工作台】到期 Bcc: all@example.com 正文"
    assert message.recipients() == [ADDRESS]


def test_the_number_of_a_message_holds_no_odd_characters(settings: Settings) -> None:
    settings.PORTAL_URL, settings.NOTICE_SENDER = "", f"党务工作台 <{SENDER}>"
    assert message_id("delivery-12") == "<delivery-12@portal.example.com>"
    odd = message_id("a b>\r\nBcc: x")
    assert odd == message_id("a b>\r\nBcc: x")
    assert len(odd) == len("<>@portal.example.com") + 64
