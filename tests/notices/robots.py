"""Fake robots on loopback ports: they take what is posted and answer what a test tells them to.

    with Robot(errcode(93000, "invalid webhook url")) as robot:
        channel = make_channel(user, ChannelKind.WECOM, robot.address(ChannelKind.WECOM))
        answer = send(channel, outgoing, providers=robot.providers)
    assert robot.calls[0].json["msgtype"] == "text"

The answers given are used in turn, the last one again and again. A webhook needs no table: put
`robot.origin` into settings.NOTICE_WEBHOOK_HOSTS.
"""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from notices.providers import Address, Provider, Providers
from notices.rules import ChannelKind
from notices.senders.targets import SHAPES

HOST = "127.0.0.1"
LONGEST = 30.0  # seconds; whatever a test forgets ends by itself
UUID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
HEX = "5eC0de" * 10 + "abcd"
KEYS = {ChannelKind.WECOM: UUID, ChannelKind.DINGTALK: HEX.lower(), ChannelKind.FEISHU: UUID}


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """What a person reads, whatever the provider."""
        content = self.json
        if "msgtype" in content:
            return str(content["text"]["content"])
        return str(content["content"]["text"] if "content" in content else content["text"])


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"
    timeout = LONGEST

    def do_POST(self) -> None:
        self.take()

    def do_GET(self) -> None:
        self.take()

    def take(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        body = self.rfile.read(length)
        answer = self.server.robot.took(Call(self.command, url.path, query, dict(self.headers.items()), body))
        self.close_connection = True
        answer(self)

    def log_message(self, *args: object) -> None:
        """Silence."""

    def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pause(self, seconds: float) -> bool:
        """Wait; whether the robot is still wanted."""
        return not self.server.robot.stopping.wait(min(seconds, LONGEST))


Behaviour = Callable[[Handler], None]


def says(body: bytes | str, *, status: int = 200, **headers: str) -> Behaviour:
    content = body.encode() if isinstance(body, str) else body
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply(status, content, names)


def errcode(code: int, words: str = "", *, status: int = 200, **headers: str) -> Behaviour:
    """As WeCom and DingTalk answer."""
    return says(json.dumps({"errcode": code, "errmsg": words}), status=status, **headers)


def feishu_code(code: int, words: str = "", *, status: int = 200, **headers: str) -> Behaviour:
    return says(json.dumps({"code": code, "msg": words, "data": {}}), status=status, **headers)


def redirects(to: str, status: int = 302) -> Behaviour:
    return says(b"", status=status, Location=to)


def keeps_silent(seconds: float = LONGEST) -> Behaviour:
    """Takes the request and never answers."""

    def behave(handler: Handler) -> None:
        handler.pause(seconds)

    return behave


def answers_after(seconds: float, behaviour: Behaviour) -> Behaviour:
    def behave(handler: Handler) -> None:
        if handler.pause(seconds):
            behaviour(handler)

    return behave


def drips(content: bytes, *, every: float, head: bool = False) -> Behaviour:
    """One byte at a time, the header too where `head`."""

    def behave(handler: Handler) -> None:
        start = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
        if not head:
            handler.wfile.write(start)
        for byte in start + content if head else content:
            if not handler.pause(every):
                return
            handler.wfile.write(bytes([byte]))

    return behave


def giant(megabytes: int) -> Behaviour:
    """A body that would fill the memory, beginning like a good answer."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"errcode": 0, "errmsg": "')
        for _ in range(megabytes):
            handler.wfile.write(b"a" * 1024 * 1024)

    return behave


def hangs_up() -> Behaviour:
    """Ends the connection with a reset instead of an answer."""

    def behave(handler: Handler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return behave


def raw(content: bytes) -> Behaviour:
    """Bytes that need not be HTTP."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(content)

    return behave


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    robot: "Robot"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side may leave at any time: that is what many of these tests are about."""


class Robot:
    """A fake provider: `answers` in turn, `calls` as they came.

    deadline: how many seconds the portal waits for this one.
    """

    def __init__(self, *answers: Behaviour, tls: ssl.SSLContext | None = None, deadline: float = 5.0) -> None:
        self.deadline = deadline
        self.calls: list[Call] = []
        self.stopping = threading.Event()
        self._answers = list(answers or [says('{"errcode": 0, "code": 0, "errmsg": "ok"}')])
        self._lock = threading.Lock()
        self._server = Server((HOST, 0), Handler)
        self._server.robot = self
        self.scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def took(self, call: Call) -> Behaviour:
        with self._lock:
            self.calls.append(call)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def answers(self, *answers: Behaviour) -> None:
        """Answer so from now on."""
        with self._lock:
            self._answers = list(answers)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{HOST}:{self.port}"

    @property
    def provider(self) -> Provider:
        return Provider(HOST, self.scheme, self.port, may_reach=is_this_machine, deadline=self.deadline)

    @property
    def providers(self) -> Providers:
        """The table to hand to `send`: every robot is this one."""
        return dict.fromkeys(SHAPES, self.provider)

    def address(self, kind: ChannelKind) -> str:
        """An address of that kind at this robot, with a key of the right shape."""
        if kind == ChannelKind.WEBHOOK:
            return f"{self.origin}/hook/portal"
        return self.origin + SHAPES[kind].before + KEYS[kind]


def is_this_machine(address: Address) -> bool:
    return address == IPv4Address(HOST)


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
