"""What the pages say about what stays hidden and what does not; pure, by how this portal runs."""

from dataclasses import dataclass

HIDDEN = (
    "不用登录，不问姓名、支部和电话。您在别的页面登录着也没关系，这里不认人。",
    "意见加密存放，受理人用自己的口令才能打开。系统管理员打不开。",
    "不记几点几分，不记先后。攒够一周，打乱次序，再一起交给受理人。",
    "没有访问记录。公布时只写月份。",
)
_STYLE = "您的写法，还有只有您知道的事，熟人看了可能猜到。"
_BESIDE = "旁边的人、屏幕监控软件和浏览记录，我们挡不住。用完请关掉页面。"
_INSIDE = "用流量打不开，说明本系统只在单位网络里能用。这时管网络的人知道这台设备来过。"
_SEALED_LINE = "单位的网络能看到这台设备什么时候连过本系统、大约传了多少，看不到写了什么。"
_OPEN_LINE = "网络传输没有加密。管网络的人能看到您打开了这一页，也能看到您写的内容。"
_SERVER = "管服务器的人如果私自改动程序，能看到改动以后发出的内容。"
_DESK_MACHINE = "本系统装在一台普通电脑上。管这台电脑的人如果私自改动程序，能看到改动以后发出的内容。"


@dataclass(frozen=True)
class Promises:
    hidden: tuple[str, ...]
    seen: tuple[str, ...]


def promises_of(*, production: bool, encrypted: bool) -> Promises:
    """`production`: the profile with a server of its own; `encrypted`: this page came over https."""
    line = _SEALED_LINE if encrypted else _OPEN_LINE
    machine = _SERVER if production else _DESK_MACHINE
    return Promises(HIDDEN, (line, _INSIDE, _BESIDE, machine, _STYLE))
