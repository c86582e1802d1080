"""How long a session lasts and how a first password looks. Pure: no clock, no database."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

# Without 0/O, 1/l/I, 2/Z, 5/S, 8/B, u/v: the slip is typed from paper, often on a phone.
READABLE = "acdefghjkmnpqrtwxy34679"
FIRST_PASSWORD_GROUPS = 4
FIRST_PASSWORD_GROUP_LENGTH = 4

CONFIRMED_FOR = timedelta(minutes=15)
SIGN_INS_KEPT = timedelta(days=184)
SIGN_INS_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class SessionLimits:
    """`idle` ends a session nobody uses, `absolute` ends it however busy it is.

    `touch`: how often the last use is written down at most.
    """

    idle: timedelta | None
    absolute: timedelta
    touch: timedelta


SHORT = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=12), touch=timedelta(minutes=1))
LONG = SessionLimits(idle=None, absolute=timedelta(days=30), touch=timedelta(hours=1))


def limits_for(*, short_session: bool) -> SessionLimits:
    return SHORT if short_session else LONG


def session_is_over(limits: SessionLimits, *, began: float, seen: float, now: float) -> bool:
    """All moments are seconds since the epoch."""
    if now - began >= limits.absolute.total_seconds():
        return True
    return limits.idle is not None and now - seen >= limits.idle.total_seconds()


def is_recent(moment: float | None, *, now: float) -> bool:
    """True while a password given at `moment` still counts as given again."""
    return moment is not None and 0 <= now - moment < CONFIRMED_FOR.total_seconds()


def first_password() -> str:
    """Four groups of four readable characters: 72 bits, e.g. `kx7m-…`."""
    groups = (
        "".join(secrets.choice(READABLE) for _ in range(FIRST_PASSWORD_GROUP_LENGTH))
        for _ in range(FIRST_PASSWORD_GROUPS)
    )
    return "-".join(groups)


# What the program of a device says of itself → what people call it; the first that fits.
DEVICES = (
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("HarmonyOS", "鸿蒙设备"),
    ("OpenHarmony", "鸿蒙设备"),
    ("Android", "安卓设备"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("UOS", "统信电脑"),
    ("Kylin", "麒麟电脑"),
    ("Linux", "Linux 电脑"),
)
PROGRAMS = (
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("QQBrowser", "QQ 浏览器"),
    ("360", "360 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("Edg", "Edge 浏览器"),
    ("Firefox", "火狐浏览器"),
    ("Chrome", "谷歌浏览器"),
    ("Safari", "苹果浏览器"),
)
UNKNOWN_DEVICE = "未识别的设备"


def device_family(agent: str) -> str:
    """`Windows 电脑，Edge 浏览器`: enough to know one's own devices again, and all that is kept of it."""
    words = [next((name for mark, name in table if mark in agent), "") for table in (DEVICES, PROGRAMS)]
    return "，".join(word for word in words if word) or UNKNOWN_DEVICE
