"""One POST to one place: the name is looked up once, checked, and the connection pinned to what was found.

Nothing is followed, no proxy of the environment is asked, and however slowly the other side
speaks, it is over at the provider's deadline: a timer cuts the connection off, because the time limits of a
socket begin anew with every byte.
"""

import queue
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from ipaddress import ip_address
from typing import Self

from notices.providers import Provider

LOOK_UP = 5.0  # seconds
CONNECT = 5.0
MOST_ADDRESSES = 3
MOST_BYTES = 64 * 1024


class NoAnswer(Exception):
    """Nobody answered, or not in a way that can be read; str() is for the owner, in Chinese."""


@dataclass(frozen=True)
class Request:
    """path and headers may hold keys, so they stay out of repr."""

    path: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = field(repr=False)
    retry_after: str = ""


def post(provider: Provider, request: Request) -> Reply:
    """Raises NoAnswer."""
    end = time.monotonic() + provider.deadline
    addresses = _looked_up(provider, seconds=min(LOOK_UP, provider.deadline))
    with _connected(provider, addresses, end) as plain, _Cut(plain, end) as cut:
        try:
            with _secured(provider, plain) as connection:
                return _exchanged(provider, connection, request)
        except (OSError, HTTPException) as error:
            raise NoAnswer(_words(error, late=cut.done)) from None


def _looked_up(provider: Provider, *, seconds: float) -> tuple[str, ...]:
    """The addresses of the place, every one of them allowed; asked in a thread, as nothing else ends it."""
    found: queue.SimpleQueue[tuple[str, ...]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(provider.resolve(provider.host.strip("[]"), provider.port))
        except (OSError, UnicodeError):
            found.put(())

    threading.Thread(target=ask, daemon=True, name="look-up").start()
    try:
        addresses = found.get(timeout=seconds)
    except queue.Empty:
        addresses = ()
    if not addresses:
        raise NoAnswer("找不到对方的服务器，请系统管理员核对网络和域名解析；系统会自动重试。")
    if not all(provider.may_reach(ip_address(address)) for address in addresses):
        raise NoAnswer("对方的域名指向了不允许访问的网络地址，没有发送，请系统管理员核对域名解析。")
    return addresses[:MOST_ADDRESSES]


def _connected(provider: Provider, addresses: tuple[str, ...], end: float) -> socket.socket:
    for address in addresses:
        left = min(CONNECT, end - time.monotonic())
        if left <= 0:
            break
        with suppress(OSError):
            return socket.create_connection((address, provider.port), timeout=left)
    raise NoAnswer("连接不上对方的服务器，请系统管理员核对网络；系统会自动重试。")


class _Cut:
    """Ends a connection at its hour, whatever it is waiting for; works on a twin of the socket, because
    the socket itself is taken over by TLS."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        left = max(end - time.monotonic(), 0.01)
        connection.settimeout(left)
        self.done = False
        self._twin = connection.dup()
        self._timer = threading.Timer(left, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        self._twin.close()

    def _end(self) -> None:
        self.done = True
        with suppress(OSError):
            self._twin.shutdown(socket.SHUT_RDWR)


def _secured(provider: Provider, connection: socket.socket) -> socket.socket:
    if provider.scheme != "https":
        return connection
    context = ssl.create_default_context(cafile=provider.ca_file or None)
    return context.wrap_socket(connection, server_hostname=provider.host.strip("[]"))


def _exchanged(provider: Provider, connection: socket.socket, request: Request) -> Reply:
    client = HTTPConnection(provider.host.strip("[]"), provider.port)
    client.auto_open = 0  # it has this connection and never makes another
    client.sock = connection
    headers = {"Host": provider.netloc, "Connection": "close", **request.headers}
    client.request("POST", request.path, body=request.body, headers=headers)
    with client.getresponse() as response:
        return Reply(response.status, _body(response), response.headers.get("Retry-After", ""))


def _body(response: HTTPResponse) -> bytes:
    """At most 64 KB; of anything longer nothing, as half an answer says nothing."""
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return b""
    if response.length:  # a body cut short is handed out as if it were whole
        raise IncompleteRead(b"", response.length)
    return body


def _words(error: Exception, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return "对方没有在规定时间内答复；系统会自动重试。"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "对方的安全证书无法确认，没有发送，请系统管理员核对证书和服务器时间。"
    if isinstance(error, ssl.SSLError):
        return "与对方的安全连接没有建立，请系统管理员核对网络；系统会自动重试。"
    return "与对方的连接中断；系统会自动重试。"
