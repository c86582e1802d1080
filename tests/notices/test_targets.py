"""What people paste: taken in one spelling, refused in words that say what to do and repeat nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from notices.checks import ways_out_are_well_named
from notices.providers import BadOrigin, parse_origin, webhook_providers
from notices.rules import ROBOTS, ChannelKind
from notices.senders import (
    TargetRefused,
    check_secret,
    check_target,
    takes_secret,
    target_digest,
    target_digests,
    where_to_find,
)
from tests.notices.robots import HEX, UUID

WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={UUID}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={HEX}"
FEISHU = f"https://open.feishu.cn/open-apis/bot/v2/hook/{UUID}"
GOOD = {ChannelKind.WECOM: WECOM, ChannelKind.DINGTALK: DINGTALK, ChannelKind.FEISHU: FEISHU}
HERE = "请在企业微信群 → 群机器人 → 复制 Webhook 地址。"
THERE = "请在飞书群 → 设置 → 群机器人 → 复制 Webhook 地址。"
OLD, NEW = "old-key-" + "o" * 40, "new-key-" + "n" * 40


@pytest.fixture(autouse=True)
def listed(settings: Settings) -> None:
    settings.NOTICE_WEBHOOK_HOSTS = ["https://hooks.example.com", "http://10.1.2.3:8080", "http://[fd12::5]"]


def refusal(kind: str, text: str) -> str:
    with pytest.raises(TargetRefused) as refused:
        check_target(kind, text)
    return str(refused.value)


@pytest.mark.parametrize("kind", sorted(GOOD))
@pytest.mark.parametrize("around", ["{}", "  {}\r\n", "“{}”", "<{}>", "\ufeff{}\u200b", "\u3000{}"])
def test_the_copied_address_is_taken_as_it_is(kind: ChannelKind, around: str) -> None:
    assert check_target(kind, around.format(GOOD[kind])) == GOOD[kind]


@pytest.mark.parametrize(
    "spoilt",
    [
        "http{rest}",
        "HTTPS{rest}",
        "https{rest}#x",
        "https{rest}&debug=1",
        "https{rest}%00",
        "https{rest}\r\nX: y",
        "https{rest}/../..",
        "https{rest}a",
        "https{short}",
        "https://user:password@{hosted}",
        "https://{host}@evil.example{path}",
        "https://{host}.evil.example{path}",
        "https://evil.example/{host}{path}",
        "https://{host}.{path}",
        "https://{host}:443{path}",
        "https://{host}:8443{path}",
        "https://{host}\\@evil.example{path}",
        "https://127.0.0.1{path}",
        "https://0x7f.1{path}",
        "https://2130706433{path}",
        "https://[::ffff:127.0.0.1]{path}",
        "https:/{hosted}",
        "https:\\\\{hosted}",
        "//{hosted}",
        "{hosted}",
        "javascript:{rest}",
        "file://{hosted}",
        "https://{host}//{path}",
        "https://{host}/%2e%2e{path}",
        "https{rest} https{rest}",
        "Webhook：https{rest}",
    ],
)
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_any_other_spelling_is_refused_and_not_repeated(kind: ChannelKind, spoilt: str) -> None:
    good = GOOD[kind]
    hosted = good.removeprefix("https://")
    host, _, path = hosted.partition("/")
    parts = {"rest": good[5:], "short": good[5:-1], "hosted": hosted, "host": host, "path": f"/{path}"}
    words = refusal(kind, spoilt.format(**parts))
    assert words.endswith("。")
    for secret in (UUID, HEX, UUID[:8], HEX[:8], "evil", "password"):
        assert secret not in words


@pytest.mark.parametrize("look_alike", ["qyapi。weixin.qq.com", "qyаpi.weixin.qq.com", "ｑyapi.qq.com"])
def test_a_host_that_only_looks_alike_is_refused(look_alike: str) -> None:
    words = refusal(ChannelKind.WECOM, WECOM.replace("qyapi.weixin.qq.com", look_alike))
    assert words.startswith("地址应以 https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key= 开头。")


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("wecom", "", f"请填写地址。{HERE}"),
        ("wecom", " \u200b ", f"请填写地址。{HERE}"),
        ("wecom", FEISHU, "这是飞书机器人的地址，请把方式改为“飞书机器人”，或换成企业微信机器人的地址。"),
        ("feishu", DINGTALK, "这是钉钉机器人的地址，请把方式改为“钉钉机器人”，或换成飞书机器人的地址。"),
        (
            "wecom",
            WECOM.replace("https", "http"),
            f"地址应以 https:// 开头，请重新复制一次。{HERE}",
        ),
        (
            "wecom",
            WECOM[:-4],
            f"地址中的密钥不完整或多了内容，请重新完整复制一次。{HERE}",
        ),
        (
            "feishu",
            f"https://open.feishu.cn/open-apis/bot/hook/{UUID}",
            f"这不是飞书机器人的 Webhook 地址，请核对。{THERE}",
        ),
        (
            "feishu",
            "x" * 501,
            f"地址太长，最多 500 个字符。{THERE}",
        ),
        ("email", "worker", "这不是一个电子邮件地址。请填写一个电子邮件地址，例如 name@example.com。"),
        ("email", "worker＠example.com", "地址中的“＠”是全角字符，请改用半角 @。"),
        (
            "webhook",
            "https://other.example.com/x",
            "系统管理员没有开放这个地址，请核对，或请系统管理员把它加入允许的地址。",
        ),
    ],
)
def test_the_words_say_what_to_do(kind: str, text: str, words: str) -> None:
    assert refusal(kind, text) == words


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("worker@example.com", "worker@example.com"),
        (" Worker.Li+party@EXAMPLE.com ", "Worker.Li+party@example.com"),
        ("<worker@mail.example.cn>", "worker@mail.example.cn"),
    ],
)
def test_a_mail_address_is_taken_with_its_host_in_lower_case(text: str, taken: str) -> None:
    assert check_target(ChannelKind.EMAIL, text) == taken


@pytest.mark.parametrize(
    "text",
    [
        "worker@example.com, boss@example.com",
        "worker@example.com\r\nBcc: boss@example.com",
        "worker@example.com boss",
        "李 <worker@example.com>",
        "worker@",
        "@example.com",
        "worker@例子.中国",
        "工人@example.com",
        "worker@exa mple.com",
        "mailto:worker@example",
    ],
)
def test_what_is_no_single_mail_address_is_refused(text: str) -> None:
    assert refusal(ChannelKind.EMAIL, text).endswith("。")


# webhooks


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.example.com/in/a-b_c~1?token=x&y=%20",
        "https://hooks.example.com/",
        "http://10.1.2.3:8080/hook",
        "http://[fd12::5]/hook",
    ],
)
def test_a_listed_host_is_taken(text: str) -> None:
    assert check_target(ChannelKind.WEBHOOK, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://hooks.example.com/in",
        "https://hooks.example.com",
        "https://hooks.example.com:443/in",
        "https://hooks.example.com:8443/in",
        "https://hooks.example.com./in",
        "https://hooks.example.com@127.0.0.1/in",
        "https://user@hooks.example.com/in",
        "https://hooks.example.com.evil.example/in",
        "https://hooks.example.com/in#part",
        "https://hooks.example.com/in\\..",
        "https://hooks.example.com/in x",
        "https://hooks.example.com/in\r\nHost: evil",
        "https://hooks.example.com/路径",
        "https://HOOKS.example.com/in",
        "http://10.1.2.3/hook",
        "http://10.1.2.3:80/hook",
        "http://10.1.2.3:8081/hook",
        "http://10.1.515:8080/hook",
        "http://0xa010203:8080/hook",
        "http://167838211:8080/hook",
        "http://[::ffff:10.1.2.3]:8080/hook",
        "http://127.0.0.1/hook",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd12:0::5]/hook",
    ],
)
def test_any_other_place_is_refused(text: str) -> None:
    assert refusal(ChannelKind.WEBHOOK, text).startswith("系统管理员没有开放这个地址")


def test_without_a_list_there_are_no_webhooks(settings: Settings) -> None:
    settings.NOTICE_WEBHOOK_HOSTS = []
    assert webhook_providers() == ()
    assert refusal(ChannelKind.WEBHOOK, "https://hooks.example.com/in").startswith("系统管理员没有开放")


def taken_or_none(kind: ChannelKind, text: str) -> str | None:
    try:
        return check_target(kind, text)
    except TargetRefused:
        return None


@given(text=st.text(max_size=80))
def test_whatever_is_pasted_is_taken_at_a_known_place_or_refused(text: str) -> None:
    listed = ("https://hooks.example.com/", "http://10.1.2.3:8080/", "http://[fd12::5]/")
    assert (taken_or_none(ChannelKind.WEBHOOK, text) or listed[0]).startswith(listed)
    assert [taken_or_none(kind, text) for kind in GOOD] == [None] * 3


@given(
    host=st.from_regex(r"[a-c01x.-]{1,12}(:[0-9]{1,5})?", fullmatch=True)
    | st.from_regex(r"\[[0-9a-f:]{2,12}\]", fullmatch=True)
)
def test_an_entry_is_read_as_it_is_spelled_or_not_at_all(host: str) -> None:
    try:
        place = parse_origin(f"http://{host}")
    except BadOrigin:
        return
    assert place.origin == f"http://{host}"
    assert place.host.strip(".") == place.host


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com",
        "https://hooks.example.com/",
        "https://hooks.example.com/in",
        "https://hooks.example.com:443",
        "https://hooks.example.com:0",
        "https://hooks.example.com:65536",
        "https://hooks.example.com.",
        "https://Hooks.example.com",
        "https://user@hooks.example.com",
        "https://hooks..example.com",
        "https://-hooks.example.com",
        "https://*.example.com",
        "https://钩子.example.com",
        "http://0x7f.1",
        "http://0x7f000001",
        "http://2130706433",
        "http://127.1",
        "http://010.1.2.3",
        "http://[::FFFF:10.1.2.3]",
        "http://[fd12:0::5]",
        "http://[]",
        "http://1.2.3.4.5",
    ],
)
def test_an_entry_that_names_no_place_is_told_at_the_start(settings: Settings, entry: str) -> None:
    settings.NOTICE_WEBHOOK_HOSTS = [entry]
    assert webhook_providers() == ()
    (error,) = ways_out_are_well_named(None)
    assert (error.id, error.level) == ("notices.E002", 40)


def test_good_settings_are_not_remarked_on(settings: Settings) -> None:
    assert ways_out_are_well_named(None) == []
    settings.PORTAL_URL = "https://portal.example.com"
    settings.EMAIL_ENABLED, settings.NOTICE_SENDER = True, "党务工作台 <portal@example.com>"
    assert ways_out_are_well_named(None) == []


def test_a_portal_without_a_proper_address_or_sender_is_remarked_on(settings: Settings) -> None:
    settings.PORTAL_URL, settings.EMAIL_ENABLED, settings.NOTICE_SENDER = "portal.example.com", True, "portal"
    assert [error.id for error in ways_out_are_well_named(None)] == ["notices.E001", "notices.E003"]


# signing secrets


@pytest.mark.parametrize(
    ("kind", "text", "taken"),
    [
        ("dingtalk", " SEC" + "0a" * 32, "SEC" + "0a" * 32),
        ("dingtalk", "", ""),
        ("feishu", "qP7d2mVx8LkT5nRw3hYc1b", "qP7d2mVx8LkT5nRw3hYc1b"),
        ("webhook", "correct-horse-battery", "correct-horse-battery"),
        ("wecom", " ", ""),
        ("email", "", ""),
    ],
)
def test_a_secret_is_taken_where_one_is_used(kind: str, text: str, taken: str) -> None:
    assert check_secret(kind, text) == taken


@pytest.mark.parametrize(
    ("kind", "text", "part"),
    [
        ("dingtalk", "SEC123", "以 SEC 开头，共 67 个字符"),
        ("dingtalk", DINGTALK, "以 SEC 开头，共 67 个字符"),
        ("feishu", "短", "签名校验"),
        ("webhook", "short", "16 至 200 个"),
        ("wecom", "anything-at-all", "企业微信机器人不需要签名密钥，请留空。"),
        ("email", "anything-at-all", "电子邮件不需要签名密钥，请留空。"),
    ],
)
def test_a_secret_that_cannot_be_is_refused(kind: str, text: str, part: str) -> None:
    with pytest.raises(TargetRefused) as refused:
        check_secret(kind, text)
    assert part in str(refused.value)
    assert text not in str(refused.value)


def test_which_kinds_are_signed() -> None:
    assert {kind for kind in ChannelKind if takes_secret(kind)} == {"dingtalk", "feishu", "webhook"}


# finding again


def test_the_same_address_is_found_again_under_every_key(settings: Settings) -> None:
    settings.PERSONAL_DATA_KEYS = [OLD]
    before = target_digest(WECOM)
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    assert target_digests(WECOM) == [target_digest(WECOM), before]
    assert target_digest(WECOM) != target_digest(FEISHU)
    assert UUID not in target_digest(WECOM)


@pytest.mark.parametrize("kind", sorted(ChannelKind))
def test_every_kind_says_where_its_address_is_found(kind: ChannelKind) -> None:
    assert where_to_find(kind).endswith("。")
    assert ("Webhook 地址" in where_to_find(kind)) is (kind in ROBOTS)
