"""What the providers' codes mean for the owner of a channel: try again, or mend something first.

Sources: the providers' own descriptions of their group robots (WeCom: 群机器人配置说明, 全局错误码;
DingTalk: 自定义机器人, 消息机器人错误码; Feishu: 自定义机器人使用指南). They add codes without notice:
one that is not listed is tried again.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from notices.rules import ChannelKind
from notices.senders.contract import Answer, later, never
from notices.senders.text import KEYWORD

_REMOVED = "这个机器人的地址已失效（机器人已被移出群，或地址已重置），请重新添加机器人并更新这里的地址。"
_STOPPED = "这个机器人已被停用，请在群设置中启用，或更换机器人。"
_DISBANDED = "这个群已解散，请换一个群添加机器人，再更新这里的地址。"
_TOO_FAST = "发送太频繁，对方要求稍后再发，系统会自动重试。"
_BUSY = "对方系统繁忙，系统会自动重试。"
_KEYWORD = f"机器人设置了关键词，请在机器人的安全设置中加上关键词“{KEYWORD}”。"
_IP = "机器人只接收指定 IP 的消息，请在机器人的安全设置中加上本系统的出口 IP，或改用其他安全设置。"
_SIGN = "签名没有通过，请核对签名密钥；如密钥无误，请系统管理员核对服务器时间。"
_REFUSED = "对方不接收这条消息的格式，请系统管理员核对系统版本。"
_UNFIT = "对方认为消息内容不合规，没有送达，请登录系统查看。"

_MINUTE = timedelta(minutes=1)
_TEN_MINUTES = timedelta(minutes=10)

CODES: Mapping[ChannelKind, Mapping[int, Answer]] = MappingProxyType(
    {
        ChannelKind.WECOM: {
            -1: later(_BUSY),
            6000: later(_BUSY),
            40008: never(_REFUSED),
            40033: never(_REFUSED),
            40058: never(_REFUSED),
            44004: never(_REFUSED),
            45002: never(_REFUSED),
            45009: later(_TOO_FAST, _MINUTE),  # twenty a minute for each robot
            45033: later(_TOO_FAST, _MINUTE),
            60020: never(_IP),
            93000: never(_REMOVED),
            93004: never(_STOPPED),
            93008: never(_REMOVED),
        },
        ChannelKind.DINGTALK: {
            -1: later(_BUSY),
            40035: never(_REFUSED),
            43004: never(_REFUSED),
            130101: later(_TOO_FAST, _TEN_MINUTES),  # more than twenty a minute rest ten minutes
            300001: never(_REMOVED),
            300005: never(_REMOVED),
            310000: never("消息没有通过机器人的安全设置，请核对关键词、签名密钥和 IP。"),
            400013: never(_DISBANDED),
            400101: never(_REMOVED),
            400102: never(_STOPPED),
            400105: never(_REFUSED),
            400106: never(_REMOVED),
            410100: later(_TOO_FAST, _TEN_MINUTES),
            430101: never(_UNFIT),
            430102: never(_UNFIT),
            430103: never(_UNFIT),
            430104: never(_UNFIT),
        },
        ChannelKind.FEISHU: {
            9499: never(_REFUSED),
            10003: never(_REFUSED),
            11232: later(_TOO_FAST, _MINUTE),  # a hundred a minute, five a second
            19001: never(_REMOVED),
            19002: never(_REFUSED),
            19007: never(_STOPPED),
            19021: never(_SIGN),
            19022: never(_IP),
            19024: never(_KEYWORD),
            99991400: later(_TOO_FAST, _MINUTE),
        },
    }
)

# Codes that stand for several things; the words tell them apart: all security settings of a DingTalk robot,
# and what Feishu calls a bad request.
_BY_WORDS: Mapping[tuple[ChannelKind, int], tuple[tuple[str, Answer], ...]] = MappingProxyType(
    {
        (ChannelKind.DINGTALK, 310000): (
            ("keyword", never(_KEYWORD)),
            ("timestamp", never(_SIGN)),
            ("sign", never(_SIGN)),
            ("whitelist", never(_IP)),
        ),
        (ChannelKind.FEISHU, 9499): (
            ("too many", later(_TOO_FAST, _MINUTE)),
            ("frequency", later(_TOO_FAST, _MINUTE)),
        ),
    }
)


def answer_for(kind: ChannelKind, code: int, said: str) -> Answer | None:
    """None for a code nobody described."""
    words = _BY_WORDS.get((kind, code), ())
    by_words = next((answer for part, answer in words if part in said.lower()), None)
    return by_words or CODES.get(kind, {}).get(code)
