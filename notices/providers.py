"""Where messages may go: one exact place per kind, and by which addresses it may be reached.

The table is handed down from `send`, never switched by a setting: a portal in use knows the official
hosts and what the administrator listed, and nothing else.
"""

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from types import MappingProxyType

from django.conf import settings

from notices.rules import ChannelKind

Address = IPv4Address | IPv6Address
MayReach = Callable[[Address], bool]
Resolve = Callable[[str, int], tuple[str, ...]]

DEADLINE = 15.0

# IPv4 addresses written as IPv6 ones by translators of the network.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
# All that is handed out of IPv6 for the open network; the rest leads inwards or nowhere.
_OPEN = IPv6Network("2000::/3")
# "This network", and what hands out the keys of a rented machine.
_TRAPS = (IPv4Network("0.0.0.0/8"), IPv4Network("100.100.100.200/32"), IPv6Network("fd00:ec2::/32"))
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last part of a name has a letter and is no hexadecimal number: such a name is an address in disguise.
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?!0x[0-9a-f]*$)(?=[a-z0-9-]*[a-z]){_LABEL}", re.ASCII)
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?", re.ASCII)
_PORTS = {"https": 443, "http": 80}


class BadOrigin(ValueError):
    """An entry of NOTICE_WEBHOOK_HOSTS that names no place; str() is for the administrator, in English."""


def is_public(address: Address) -> bool:
    inner = embedded(address)
    is_open = isinstance(inner, IPv4Address) or inner in _OPEN
    return is_open and inner.is_global and not inner.is_multicast and not _is_tunnel(inner)


def is_no_trap(address: Address) -> bool:
    """Not this machine, not its neighbours by wire, not a metadata service."""
    inner = embedded(address)
    trap = (
        inner.is_loopback
        or inner.is_link_local
        or inner.is_multicast
        or inner.is_unspecified
        or inner.is_reserved
        or _is_tunnel(inner)
    )
    return not trap and not any(inner in network for network in _TRAPS)


def embedded(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_tunnel(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.teredo is not None


def resolved(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a name, IPv4 first: many networks have only the look of IPv6. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    ordered = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in ordered))


@dataclass(frozen=True)
class Provider:
    """One place: scheme, host and port, spelled in one way only.

    ca_file: the authority its certificate is checked with; the system's own where empty.
    deadline: seconds, from the first question to the last byte.
    """

    host: str
    scheme: str = "https"
    port: int = 443
    ca_file: str = ""
    may_reach: MayReach = is_public
    resolve: Resolve = resolved
    deadline: float = DEADLINE

    @property
    def netloc(self) -> str:
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"


Providers = Mapping[ChannelKind, Provider]

OFFICIAL: Providers = MappingProxyType(
    {
        ChannelKind.WECOM: Provider("qyapi.weixin.qq.com"),
        ChannelKind.DINGTALK: Provider("oapi.dingtalk.com"),
        ChannelKind.FEISHU: Provider("open.feishu.cn"),
    }
)


def webhook_providers() -> tuple[Provider, ...]:
    """The places the administrator listed; an entry that names none is passed over (checks.py says so)."""
    return tuple(place for entry in settings.NOTICE_WEBHOOK_HOSTS if (place := _parsed(entry)))


def _parsed(entry: str) -> Provider | None:
    try:
        return parse_origin(entry)
    except BadOrigin:
        return None


def parse_origin(entry: str) -> Provider:
    """Read "https://hooks.example.com" or "http://10.1.2.3:8080". Raises BadOrigin."""
    match = _ORIGIN.fullmatch(entry)
    if match is None:
        raise BadOrigin(f"{entry!r} is not scheme://host or scheme://host:port in lower case.")
    scheme, host = match[1], match[2]
    port = int(match[3] or _PORTS[scheme])
    if port > 65535 or (match[3] and port == _PORTS[scheme]):
        raise BadOrigin(f"{entry!r}: leave the usual port out; the highest is 65535.")
    literal = _literal(host)
    if literal is None and not (_NAME.fullmatch(host) and len(host) <= 253):
        raise BadOrigin(f"{entry!r} names no host: write a name, or an address in its usual spelling.")
    if literal is None:
        return Provider(host, scheme, port, may_reach=is_no_trap)
    return Provider(host, scheme, port, may_reach=lambda address: address == literal)


def _literal(host: str) -> Address | None:
    """The address a host is written as, in its one usual spelling; anything else is a name or wrong."""
    inner = host[1:-1] if host.startswith("[") else host
    try:
        address = ip_address(inner)
    except ValueError:
        return None
    usual = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    return address if usual == host else None
