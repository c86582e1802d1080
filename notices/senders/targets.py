"""What people paste as an address: read strictly, refused in words that say where the right one is.

An address is compared as text with the one spelling it may have, never taken apart by a URL parser:
two parsers that disagree about a spelling are how such checks are got round.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from branches.rules import Refusal
from branches.sealed import digest, digests, open_sealed, seal
from notices.providers import OFFICIAL, Provider, Providers, webhook_providers
from notices.rules import ROBOTS, ChannelKind

PURPOSE = "notice target"
LONGEST = 500
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII | re.IGNORECASE)
_REST = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*", re.ASCII)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_WRAPPING = " \t\r\n\u3000\"'“”‘’<>《》"


class TargetRefused(Refusal):
    """What was pasted is no address of this kind; str() says what to do. Never holds what was pasted."""


@dataclass(frozen=True)
class Shape:
    """How the address of a robot looks: everything before its key, and the key."""

    before: str
    key: re.Pattern[str]
    where: str


SHAPES = MappingProxyType(
    {
        ChannelKind.WECOM: Shape(
            "/cgi-bin/webhook/send?key=", _UUID, "请在企业微信群 → 群机器人 → 复制 Webhook 地址。"
        ),
        ChannelKind.DINGTALK: Shape(
            "/robot/send?access_token=", _HEX64, "请在钉钉群 → 群设置 → 机器人 → 复制 Webhook 地址。"
        ),
        ChannelKind.FEISHU: Shape(
            "/open-apis/bot/v2/hook/", _UUID, "请在飞书群 → 设置 → 群机器人 → 复制 Webhook 地址。"
        ),
    }
)


SECRETS = MappingProxyType(
    {
        ChannelKind.DINGTALK: (
            re.compile(r"SEC[0-9a-f]{64}", re.ASCII),
            "签名密钥以 SEC 开头，共 67 个字符，请在机器人的安全设置“加签”一栏完整复制。",
        ),
        ChannelKind.FEISHU: (
            re.compile(r"[A-Za-z0-9]{16,64}", re.ASCII),
            "请在飞书机器人的安全设置“签名校验”一栏完整复制密钥。",
        ),
        ChannelKind.WEBHOOK: (
            re.compile(r"[!-~]{16,200}", re.ASCII),
            "签名密钥为 16 至 200 个英文字母、数字或符号，请向接口的管理员索取。",
        ),
    }
)


def check_target(kind: str, text: str, *, providers: Providers = OFFICIAL) -> str:
    """The address in its one spelling, ready to be sealed. Raises TargetRefused."""
    given = _bare(text)
    if not given:
        raise TargetRefused(f"请填写地址。{where_to_find(kind)}")
    if len(given) > LONGEST:
        raise TargetRefused(f"地址太长，最多 {LONGEST} 个字符。{where_to_find(kind)}")
    if kind == ChannelKind.EMAIL:
        return _email(given)
    if kind == ChannelKind.WEBHOOK:
        return _webhook(given)
    return _robot(ChannelKind(kind), given, providers)


def where_to_find(kind: str) -> str:
    """One sentence for the form: where the address of this kind stands."""
    if kind in ROBOTS:
        return SHAPES[ChannelKind(kind)].where
    if kind == ChannelKind.EMAIL:
        return "请填写一个电子邮件地址，例如 name@example.com。"
    return "请向接口的管理员索取完整地址。"


def takes_secret(kind: str) -> bool:
    """Whether messages of this kind may be signed."""
    return kind in SECRETS


def check_secret(kind: str, text: str) -> str:
    """The signing secret, or nothing where none is used. Raises TargetRefused."""
    given = _bare(text)
    if not given:
        return ""
    if kind not in SECRETS:
        raise TargetRefused(f"{ChannelKind(kind).label}不需要签名密钥，请留空。")
    shape, words = SECRETS[ChannelKind(kind)]
    if not shape.fullmatch(given):
        raise TargetRefused(words)
    return given


def seal_target(text: str) -> bytes:
    return seal(text, purpose=PURPOSE)


def open_target(token: bytes | memoryview) -> str:
    """Raises SealRefused. Never for a page, a log or an answer."""
    return open_sealed(token, purpose=PURPOSE)


def target_digest(text: str) -> str:
    """What finds the same address again; of a checked address only."""
    return digest(text, purpose=PURPOSE)


def target_digests(text: str) -> list[str]:
    """Under every key of the installation: what a search for a duplicate asks for (`__in`)."""
    return digests(text, purpose=PURPOSE)


def _bare(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, _INVISIBLE))).strip(_WRAPPING)


def _robot(kind: ChannelKind, given: str, providers: Providers) -> str:
    shape = SHAPES[kind]
    before = providers[kind].origin + shape.before
    if not given.startswith(before):
        raise TargetRefused(_what_is_wrong(kind, given, providers))
    key = given.removeprefix(before)
    if not shape.key.fullmatch(key):
        raise TargetRefused(f"地址中的密钥不完整或多了内容，请重新完整复制一次。{shape.where}")
    return given


def _what_is_wrong(kind: ChannelKind, given: str, providers: Providers) -> str:
    other = next((k for k in _others(kind) if given.startswith(providers[k].origin)), None)
    if other is not None:
        return f"这是{other.label}的地址，请把方式改为“{other.label}”，或换成{kind.label}的地址。"
    provider, where = providers[kind], SHAPES[kind].where
    if provider.scheme == "https" and given.startswith(f"http://{provider.host}/"):
        return f"地址应以 https:// 开头，请重新复制一次。{where}"
    if given.startswith(f"{provider.origin}/"):
        return f"这不是{kind.label}的 Webhook 地址，请核对。{where}"
    return f"地址应以 {provider.origin}{SHAPES[kind].before} 开头。{where}"


def _others(kind: ChannelKind) -> Iterator[ChannelKind]:
    return (each for each in SHAPES if each is not kind)


def _webhook(given: str) -> str:
    if webhook_provider(given) is None:
        raise TargetRefused("系统管理员没有开放这个地址，请核对，或请系统管理员把它加入允许的地址。")
    return given


def webhook_provider(given: str) -> Provider | None:
    """The listed place this address is at, or None; the rest of it must be plain characters."""
    for place in webhook_providers():
        rest = given.removeprefix(place.origin)
        if given.startswith(place.origin) and _REST.fullmatch(rest):
            return place
    return None


def _email(given: str) -> str:
    if "＠" in given:
        raise TargetRefused("地址中的“＠”是全角字符，请改用半角 @。")
    try:
        validate_email(given)
    except ValidationError:
        raise TargetRefused(f"这不是一个电子邮件地址。{where_to_find(ChannelKind.EMAIL)}") from None
    if not given.isascii():
        raise TargetRefused("电子邮件地址只能用英文字母、数字和符号，请核对。")
    name, _, host = given.rpartition("@")
    return f"{name}@{host.lower()}"
