"""Keys and signing secrets stay where they are: sealed, and in the one request that needs them."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from audit.models import AuditEvent
from notices.models import Channel
from notices.providers import Provider, Providers
from notices.rules import ChannelKind
from notices.sealed_rows import CHANNELS
from notices.senders import Answer, Outgoing, open_target, seal_target, send, target_digest
from notices.senders.robots import Letterbox, request_for
from tests.factories.branches import make_user
from tests.notices.post_office import PostOffice, mail_goes_to
from tests.notices.robots import (
    HEX,
    UUID,
    Behaviour,
    Call,
    Robot,
    errcode,
    hangs_up,
    keeps_silent,
    raw,
    redirects,
    says,
)

OUTGOING = Outgoing("m-7", "本周有 2 项工作到期")
SECRETS = {
    ChannelKind.WECOM: "",
    ChannelKind.DINGTALK: "SEC" + "0a1b2c3d" * 8,
    ChannelKind.FEISHU: "qP7d2mVx8LkT5nRw3hYc1b",
    ChannelKind.WEBHOOK: "a-secret-of-the-house-2026",
}
OLD, NEW = "old-key-" + "o" * 40, "new-key-" + "n" * 40


def telling(kind: ChannelKind) -> list[str]:
    """Parts of the address and secret, any of which would be one too many."""
    secret = [SECRETS[kind]] if SECRETS[kind] else []
    return [UUID, UUID.split("-")[0], HEX.lower(), HEX.lower()[:12], "/hook/portal", *secret]


def channel_to(robot: Robot, kind: ChannelKind) -> Channel:
    secret = seal_target(SECRETS[kind]) if SECRETS[kind] else None
    return Channel(kind=kind, target_sealed=seal_target(robot.address(kind)), secret_sealed=secret)


class Echo(Robot):
    """Repeats in its answer all that it got: address, signature, body."""

    def took(self, call: Call) -> Behaviour:
        super().took(call)
        heard = f"{call.path} {dict(call.query)} {dict(call.headers)} {call.body.decode()} " + UUID[:13]
        return says(json.dumps({"errcode": 31999, "code": 31999, "errmsg": heard, "msg": heard}))


@pytest.fixture
def robot(settings: Settings) -> Iterator[Robot]:
    with Robot(deadline=0.3) as robot:
        settings.NOTICE_WEBHOOK_HOSTS = [robot.origin]
        yield robot


@pytest.mark.parametrize("kind", sorted(SECRETS))
def test_no_answer_and_no_log_line_holds_a_key(
    robot: Robot, kind: ChannelKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = channel_to(robot, kind)
    found: list[Answer] = []
    behaviours = [
        says('{"errcode":0,"code":0}'),
        errcode(93000, f"invalid webhook url {robot.address(kind)}"),
        errcode(31999, f"key={UUID} token {HEX.lower()} of {SECRETS[kind]}"),
        redirects(robot.address(kind)),
        says(robot.address(kind), status=500),
        says(robot.address(kind), status=404),
        hangs_up(),
        raw(b"nonsense"),
    ]
    if kind is not ChannelKind.WEBHOOK:  # which has its own deadline
        behaviours.append(keeps_silent())
    for behaviour in behaviours:
        robot.answers(behaviour)
        found.append(send(channel, OUTGOING, providers=robot.providers))
    everything = repr(found) + caplog.text
    assert [part for part in telling(kind) if part in everything] == []


@pytest.mark.parametrize("kind", sorted(SECRETS))
def test_one_that_repeats_everything_gets_nothing_into_the_answer(
    settings: Settings, kind: ChannelKind
) -> None:
    with Echo() as robot:
        settings.NOTICE_WEBHOOK_HOSTS = [robot.origin]
        answer = send(channel_to(robot, kind), OUTGOING, providers=robot.providers)
    assert answer.words.startswith("对方答复错误 31999：")
    assert [part for part in telling(kind) if part in answer.words] == []
    assert len(answer.words) <= 200


def broken(robot: Robot) -> Providers:
    """A table whose look-up answers nonsense, as only a fault of our own could."""
    provider = Provider(robot.provider.host, "http", robot.port, resolve=lambda host, port: ("nonsense",))
    return dict.fromkeys(SECRETS, provider)


@pytest.mark.parametrize("kind", [ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU])
def test_a_report_of_an_unforeseen_error_holds_no_key(
    robot: Robot, kind: ChannelKind, settings: Settings
) -> None:
    settings.DEBUG = True  # the report in its full length, with every variable
    with pytest.raises(ValueError, match="nonsense") as error:
        send(channel_to(robot, kind), OUTGOING, providers=broken(robot))
    report = ExceptionReporter(None, error.type, error.value, error.tb)
    everything = report.get_traceback_html() + report.get_traceback_text() + repr(error.value)
    assert "post_message" in everything
    assert [part for part in telling(kind) if part in everything] == []


def test_an_opened_address_does_not_show_itself() -> None:
    box = Letterbox(ChannelKind.DINGTALK, f"https://x.example/robot/send?access_token={HEX}", "SEC" + HEX)
    request = request_for(box, OUTGOING, Provider("x.example"), at=1)
    assert repr(box) == "Letterbox(kind=ChannelKind.DINGTALK)"
    assert repr(request) == "Request()"


def test_a_mail_server_that_repeats_the_address_gets_nothing_into_the_answer(settings: Settings) -> None:
    channel = Channel(kind=ChannelKind.EMAIL, target_sealed=seal_target("worker@branch.example.com"))
    with PostOffice(RCPT="550 no worker@branch.example.com here") as office:
        mail_goes_to(office.port, settings)
        answer = send(channel, OUTGOING)
    assert "worker" not in repr(answer)


# rotation of keys


def stored(target: str, secret: str = "") -> Channel:
    return Channel.objects.create(
        user=make_user(),
        kind=ChannelKind.DINGTALK,
        label="支部群",
        target_sealed=seal_target(target),
        secret_sealed=seal_target(secret) if secret else None,
        target_digest=target_digest(target),
    )


def rotated() -> str:
    out = StringIO()
    call_command("rotate_personal_data", stdout=out)
    return next(line for line in out.getvalue().splitlines() if line.startswith("通知地址"))


def test_addresses_and_secrets_are_sealed_anew_with_their_digests(db: None, settings: Settings) -> None:
    settings.PERSONAL_DATA_KEYS = [OLD]
    signed, plain = stored(f"one{HEX}", SECRETS[ChannelKind.DINGTALK]), stored(f"two{HEX}")
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    assert rotated() == "通知地址：重新加密 2 个，已是新密钥 0 个。"
    settings.PERSONAL_DATA_KEYS = [NEW]
    for channel, target in ((signed, f"one{HEX}"), (plain, f"two{HEX}")):
        channel.refresh_from_db()
        assert open_target(channel.target_sealed) == target
        assert channel.target_digest == target_digest(target)
    assert open_target(signed.secret_sealed or b"") == SECRETS[ChannelKind.DINGTALK]
    assert plain.secret_sealed is None
    assert rotated() == "通知地址：重新加密 0 个，已是新密钥 2 个。"
    event = AuditEvent.objects.get(event="branches.personal_data_rotated")
    assert event.detail == {"members": 0, "imports": 0, "channels": 2, "authenticators": 0}


def test_an_address_sealed_anew_alone_keeps_its_secret_up(db: None, settings: Settings) -> None:
    """One column may be newer than the other: an owner who changed the secret between two keys."""
    settings.PERSONAL_DATA_KEYS = [OLD]
    channel = stored(f"one{HEX}", "an-old-secret-of-the-house")
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    Channel.objects.filter(pk=channel.pk).update(secret_sealed=seal_target("a-new-secret-of-the-house"))
    assert rotated() == "通知地址：重新加密 1 个，已是新密钥 0 个。"
    settings.PERSONAL_DATA_KEYS = [NEW]
    channel.refresh_from_db()
    assert open_target(channel.target_sealed) == f"one{HEX}"
    assert open_target(channel.secret_sealed or b"") == "a-new-secret-of-the-house"


def test_every_sealed_column_is_rotated() -> None:
    assert CHANNELS.fields == ["target_sealed", "target_digest", "secret_sealed"]
    sealed = [field.name for field in Channel._meta.fields if field.name.endswith("_sealed")]
    assert [column.name for column in CHANNELS.columns] == sealed
