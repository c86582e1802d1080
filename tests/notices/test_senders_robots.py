"""What robots get and what their answers mean, over real connections to fake robots."""

import base64
import hashlib
import hmac
from datetime import timedelta
from functools import partial

import pytest
from pytest_django import Settings

from notices.models import Channel
from notices.rules import ROBOTS, ChannelKind
from notices.senders import Answer, Outcome, Outgoing, open_target, seal_target, send, send_trial
from notices.senders.codes import CODES
from notices.senders.contract import sent
from tests.notices.robots import (
    HEX,
    UUID,
    Behaviour,
    Robot,
    errcode,
    feishu_code,
    redirects,
    says,
)

WECOM, DINGTALK, FEISHU = ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU
OUTGOING = Outgoing(
    "m-7", "本周有 2 项工作到期", ("三会一课 11 月 30 日到期",), 1, "https://p.example.com/w/"
)
TEXT = (
    "【党务工作台】本周有 2 项工作到期\n· 三会一课 11 月 30 日到期\n另有 1 项\n查看：https://p.example.com/w/"
)
DINGTALK_SECRET = "SEC" + "0a1b2c3d" * 8
FEISHU_SECRET = "qP7d2mVx8LkT5nRw3hYc1b"
RETRIED = "系统会自动重试。"


def channel_to(robot: Robot, kind: ChannelKind, secret: str = "") -> Channel:
    sealed = seal_target(secret) if secret else None
    return Channel(kind=kind, target_sealed=seal_target(robot.address(kind)), secret_sealed=sealed)


def answered(kind: ChannelKind, *answers: Behaviour, secret: str = "") -> tuple[Answer, Robot]:
    with Robot(*answers) as robot:
        return send(channel_to(robot, kind, secret), OUTGOING, providers=robot.providers), robot


@pytest.fixture
def hook(settings: Settings) -> Robot:
    """A webhook the administrator has listed."""
    robot = Robot()
    settings.NOTICE_WEBHOOK_HOSTS = [robot.origin]
    return robot


# what is posted


def test_wecom_gets_a_text() -> None:
    answer, robot = answered(WECOM)
    (call,) = robot.calls
    assert answer == sent()
    assert (call.method, call.path, call.query) == ("POST", "/cgi-bin/webhook/send", {"key": UUID})
    assert call.json == {"msgtype": "text", "text": {"content": TEXT}}
    assert call.headers["Content-Type"] == "application/json; charset=utf-8"
    assert b"\\u" not in call.body


def test_dingtalk_gets_a_text() -> None:
    answer, robot = answered(DINGTALK)
    (call,) = robot.calls
    assert answer == sent()
    assert (call.path, call.query) == ("/robot/send", {"access_token": HEX.lower()})
    assert call.json == {"msgtype": "text", "text": {"content": TEXT}}


def test_feishu_gets_a_text() -> None:
    answer, robot = answered(FEISHU)
    (call,) = robot.calls
    assert answer == sent()
    assert (call.path, call.query) == (f"/open-apis/bot/v2/hook/{UUID}", {})
    assert call.json == {"msg_type": "text", "content": {"text": TEXT}}


def test_dingtalk_is_signed_in_its_address() -> None:
    _, robot = answered(DINGTALK, secret=DINGTALK_SECRET)
    query = robot.calls[0].query
    whole = f"{query['timestamp']}\n{DINGTALK_SECRET}".encode()
    digest = hmac.new(DINGTALK_SECRET.encode(), whole, hashlib.sha256).digest()
    assert query["sign"] == base64.b64encode(digest).decode()
    assert len(query["timestamp"]) == 13


def test_feishu_is_signed_in_its_body() -> None:
    _, robot = answered(FEISHU, secret=FEISHU_SECRET)
    body = robot.calls[0].json
    key = f"{body['timestamp']}\n{FEISHU_SECRET}".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert len(body["timestamp"]) == 10


def test_a_webhook_gets_everything_and_can_check_who_sent_it(hook: Robot) -> None:
    secret = "a-secret-of-the-house-2026"
    with hook:
        answer = send(channel_to(hook, ChannelKind.WEBHOOK, secret), OUTGOING)
    (call,) = hook.calls
    assert answer == sent()
    assert call.path == "/hook/portal"
    assert call.json == {
        "reference": "m-7",
        "title": "本周有 2 项工作到期",
        "lines": ["三会一课 11 月 30 日到期"],
        "more": 1,
        "link": "https://p.example.com/w/",
        "text": TEXT,
    }
    whole = call.headers["X-Portal-Timestamp"].encode() + b"." + call.body
    digest = hmac.new(secret.encode(), whole, hashlib.sha256).hexdigest()
    assert call.headers["X-Portal-Signature"] == f"sha256={digest}"


def test_a_webhook_without_a_secret_is_not_signed(hook: Robot) -> None:
    with hook:
        send(channel_to(hook, ChannelKind.WEBHOOK), OUTGOING)
    assert "X-Portal-Signature" not in hook.calls[0].headers


@pytest.mark.parametrize(
    ("kind", "limit"),
    [(WECOM, 2048), (DINGTALK, 16_000), (FEISHU, 16_000)],
    ids=["wecom", "dingtalk", "feishu"],
)
def test_a_long_message_is_cut_by_whole_lines(kind: ChannelKind, limit: int) -> None:
    long = Outgoing("m-8", "本月清单", tuple(f"第 {n} 项 “{'工' * 90}”" for n in range(200)), 5)
    with Robot() as robot:
        assert send(channel_to(robot, kind), long, providers=robot.providers) == sent()
    text = robot.calls[0].text
    kept = text.count("\n· ")
    assert text.splitlines()[-1] == f"另有 {205 - kept} 项"
    counted = len(text.encode()) if kind is WECOM else len(robot.calls[0].body)
    assert limit - 400 < counted <= limit


def test_a_trial_is_one_plain_sentence() -> None:
    with Robot() as robot:
        assert send_trial(channel_to(robot, WECOM), providers=robot.providers) == sent()
    assert robot.calls[0].text == "【党务工作台】这是一条试发消息，收到即表示设置成功。"


# what an answer means


@pytest.mark.parametrize("kind", sorted(CODES))
def test_every_known_code_is_read_from_an_answer_with_status_200(kind: ChannelKind) -> None:
    said = feishu_code if kind is FEISHU else errcode
    with Robot() as robot:
        channel = channel_to(robot, kind)
        for code, expected in CODES[kind].items():
            robot.answers(said(code, "not today"))
            assert send(channel, OUTGOING, providers=robot.providers) == expected
            assert expected.outcome in {Outcome.LATER, Outcome.NEVER}
            assert expected.words.endswith("。")
    assert len(robot.calls) == len(CODES[kind])


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("keywords not in content", "关键词“党务工作台”"),
        ("sign not match", "签名没有通过"),
        ("invalid timestamp", "签名没有通过"),
        ("ip 203.0.113.9 not in whitelist", "出口 IP"),
        ("something else", "核对关键词、签名密钥和 IP"),
    ],
)
def test_dingtalk_tells_its_security_settings_apart_by_words(said: str, part: str) -> None:
    answer, _ = answered(DINGTALK, errcode(310000, said))
    assert answer.outcome is Outcome.NEVER
    assert part in answer.words


@pytest.mark.parametrize(
    ("kind", "behaviour", "expected"),
    [
        (WECOM, errcode(45009, "api freq out of limit"), (Outcome.LATER, timedelta(minutes=1))),
        (WECOM, errcode(93000, "invalid webhook url"), (Outcome.NEVER, None)),
        (WECOM, errcode(-1, "system busy"), (Outcome.LATER, None)),
        (DINGTALK, errcode(130101, "send too fast"), (Outcome.LATER, timedelta(minutes=10))),
        (DINGTALK, errcode(310000, "sign not match"), (Outcome.NEVER, None)),
        (FEISHU, feishu_code(19024, "Key Words Not Found"), (Outcome.NEVER, None)),
        (FEISHU, feishu_code(19021, "sign match fail", status=400), (Outcome.NEVER, None)),
        (FEISHU, says('{"StatusCode":0,"StatusMessage":"","code":19007,"msg":"Bot"}'), (Outcome.NEVER, None)),
        (FEISHU, feishu_code(9499, "Bad Request"), (Outcome.NEVER, None)),
        (FEISHU, feishu_code(9499, "too many request", status=400), (Outcome.LATER, timedelta(minutes=1))),
        (FEISHU, says('{"StatusCode":0,"StatusMessage":"success"}'), (Outcome.SENT, None)),
        (FEISHU, says('{"code":0,"StatusCode":1}'), (Outcome.LATER, None)),
        (WECOM, says('{"errcode":"93000"}'), (Outcome.NEVER, None)),
        (WECOM, errcode(31999, "brand new"), (Outcome.LATER, None)),
        (WECOM, says('{"errcode":false}'), (Outcome.LATER, None)),
        (WECOM, says('{"errcode":null}'), (Outcome.LATER, None)),
        (WECOM, says('{"errcode":0.0}'), (Outcome.LATER, None)),
        (WECOM, says('{"code":0}'), (Outcome.LATER, None)),
        (WECOM, says("[0]"), (Outcome.LATER, None)),
        (WECOM, says("<html>ok</html>"), (Outcome.LATER, None)),
        (WECOM, says(b""), (Outcome.LATER, None)),
        (WECOM, says(b"\xff\xfe{"), (Outcome.LATER, None)),
        (WECOM, says("[" * 60_000), (Outcome.LATER, None)),
        (WECOM, says('{"errcode":' + "9" * 5000 + "}"), (Outcome.LATER, None)),
        (WECOM, says("oops", status=500), (Outcome.LATER, None)),
        (WECOM, errcode(0, "ok", status=502), (Outcome.LATER, None)),
        (WECOM, says("", status=429, Retry_After="120"), (Outcome.LATER, timedelta(minutes=2))),
        (WECOM, errcode(45009, "", Retry_After="300"), (Outcome.LATER, timedelta(minutes=5))),
        (WECOM, says("", status=503, Retry_After="99999999"), (Outcome.LATER, timedelta(days=1))),
        (WECOM, says("", status=503, Retry_After="-5"), (Outcome.LATER, None)),
        (WECOM, says("", status=503, Retry_After="Thu, 01 Jan 2026 00:00:00 GMT"), (Outcome.LATER, None)),
        (
            WECOM,
            says("", status=503, Retry_After="Fri, 01 Jan 2066 00:00:00"),
            (Outcome.LATER, timedelta(days=1)),
        ),
        (WECOM, says("", status=503, Retry_After="soon"), (Outcome.LATER, None)),
        (WECOM, says("", status=503, Retry_After="Fri, 31 Dec 9999 23:59:59 -2359"), (Outcome.LATER, None)),
        (WECOM, says("", status=503, Retry_After="1 Jan 99999999999 00:00:00 GMT"), (Outcome.LATER, None)),
        (WECOM, says("", status=404), (Outcome.NEVER, None)),
        (WECOM, says("", status=403, Retry_After="60"), (Outcome.NEVER, None)),
        (WECOM, says("", status=408), (Outcome.LATER, None)),
    ],
)
def test_the_body_decides_and_then_the_status(
    kind: ChannelKind, behaviour: Behaviour, expected: tuple[Outcome, timedelta | None]
) -> None:
    answer, robot = answered(kind, behaviour)
    assert (answer.outcome, answer.retry_after) == expected
    assert len(robot.calls) == 1
    assert 0 < len(answer.words) <= 200


def test_an_unknown_code_is_told_with_the_words_of_the_other_side() -> None:
    answer, _ = answered(WECOM, errcode(31999, "new\nrule, see https://a.example/x?key=1 and " + HEX))
    assert answer == Answer(
        Outcome.LATER, "对方答复错误 31999：new rule, see … and …；系统会自动重试。", None
    )


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (says(""), Outcome.SENT),
        (says("ok"), Outcome.SENT),
        (says("", status=204), Outcome.SENT),
        (says('{"result":"fine"}', status=202), Outcome.SENT),
        (says('{"code":200,"msg":"ok"}'), Outcome.SENT),
        (says('{"code":0}'), Outcome.SENT),
        (says('{"errcode":40001,"errmsg":"no"}'), Outcome.LATER),
        (says('{"code":500}'), Outcome.LATER),
        (says('{"StatusCode":9}'), Outcome.LATER),
        (says('{"code":"failed"}'), Outcome.LATER),
        (says("", status=500), Outcome.LATER),
        (says("", status=401), Outcome.NEVER),
    ],
)
def test_a_webhook_may_answer_as_it_likes_but_not_with_an_error_inside(
    hook: Robot, behaviour: Behaviour, expected: Outcome
) -> None:
    hook.answers(behaviour)
    with hook:
        answer = send(channel_to(hook, ChannelKind.WEBHOOK), OUTGOING)
    assert answer.outcome is expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/meta-data/", "/other", "//evil.example/"])
def test_redirects_are_never_followed(status: int, to: str) -> None:
    answer, robot = answered(WECOM, redirects(to, status))
    assert answer.outcome is Outcome.NEVER
    assert answer.words == f"对方要求转到别的地址（HTTP {status}），系统不会跟随，请核对并更新地址。"
    assert len(robot.calls) == 1


def test_a_redirect_to_another_robot_does_not_reach_it() -> None:
    with Robot() as other:
        answer, _ = answered(WECOM, redirects(other.address(WECOM), 307))
    assert (answer.outcome, other.calls) == (Outcome.NEVER, [])


# what was allowed when it was typed


def test_a_listed_host_that_was_taken_off_the_list_gets_nothing(hook: Robot, settings: Settings) -> None:
    channel = channel_to(hook, ChannelKind.WEBHOOK)
    settings.NOTICE_WEBHOOK_HOSTS = []
    with hook:
        answer = send(channel, OUTGOING)
    assert (answer.outcome, hook.calls) == (Outcome.NEVER, [])


def test_official_robots_alone_are_reached_without_a_table() -> None:
    with Robot() as robot:
        answers = [send(channel_to(robot, kind), OUTGOING) for kind in sorted(ROBOTS)]
    assert [answer.outcome for answer in answers] == [Outcome.NEVER] * 3
    assert robot.calls == []


def test_an_address_sealed_with_a_lost_key_is_told_in_words(settings: Settings) -> None:
    with Robot() as robot:
        channel = channel_to(robot, WECOM)
        settings.PERSONAL_DATA_KEYS = ["another-key-" + "k" * 40]
        answer = send(channel, OUTGOING, providers=robot.providers)
    assert (answer.outcome, robot.calls) == (Outcome.NEVER, [])
    assert "现有密钥打不开" in answer.words


def test_a_partial_with_a_table_is_what_the_outbox_takes() -> None:
    with Robot() as robot:
        sending = partial(send, providers=robot.providers)
        assert sending(channel_to(robot, FEISHU), OUTGOING) == sent()


def test_sealed_addresses_differ_and_open_again() -> None:
    address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={UUID}"
    first, second = seal_target(address), seal_target(address)
    assert first != second
    assert (open_target(first), open_target(second)) == (address, address)
