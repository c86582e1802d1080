"""The connection itself: pinned to what was looked up and checked, over at its hour, never redirected."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notices.providers import OFFICIAL, Provider, is_no_trap, is_public, parse_origin, resolved
from notices.senders.post import MOST_BYTES, NoAnswer, Reply, Request, post
from tests.notices.robots import (
    HOST,
    Behaviour,
    Robot,
    answers_after,
    closed_port,
    drips,
    errcode,
    giant,
    hangs_up,
    is_this_machine,
    keeps_silent,
    raw,
    says,
)

REQUEST = Request("/hook", b"{}")
NAME = "robot.test"
GOOD = b'{"errcode": 0}'
BOUND = 4  # seconds; on a busy machine, what is cut off after half of one
LATE = "对方没有在规定时间内答复；系统会自动重试。"


def seconds_of(act: Callable[[], object]) -> float:
    start = time.monotonic()
    act()
    return time.monotonic() - start


def told(robot: Robot, *answers: Behaviour) -> str:
    """What is said where no answer came."""
    robot.answers(*answers)
    with pytest.raises(NoAnswer) as nothing:
        post(robot.provider, REQUEST)
    assert nothing.value.__cause__ is None
    return str(nothing.value)


@pytest.fixture
def robot() -> Iterator[Robot]:
    with Robot() as robot:
        yield robot


# time and size


@pytest.mark.parametrize(
    "behaviour",
    [
        keeps_silent(),
        drips(b" " * 50 + GOOD, every=0.1),
        drips(b" " * 5000 + GOOD, every=0.02),
        drips(b" " * 99 + GOOD, every=0.05, head=True),
        raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 3),
    ],
    ids=["silent", "drips a body", "drips quickly", "drips a header", "always to be continued"],
)
def test_a_slow_side_is_cut_off_at_the_deadline(robot: Robot, behaviour: Behaviour) -> None:
    robot.deadline = 0.5
    assert seconds_of(lambda: told(robot, behaviour)) < BOUND


def test_being_late_is_told_in_words(robot: Robot) -> None:
    robot.deadline = 0.5
    assert told(robot, keeps_silent()) == LATE
    assert told(robot, drips(b" " * 50 + GOOD, every=0.1)) == LATE


def test_an_answer_just_in_time_is_taken(robot: Robot) -> None:
    robot.answers(answers_after(0.2, says(GOOD)))
    assert post(robot.provider, REQUEST) == Reply(200, GOOD)


def test_one_that_accepts_and_never_reads_is_cut_off() -> None:
    """The request is larger than what the wire holds, so that sending waits too."""
    with socket.create_server((HOST, 0)) as listening:
        provider = Provider(HOST, "http", listening.getsockname()[1], may_reach=is_this_machine, deadline=0.5)

        def send_much() -> None:
            with pytest.raises(NoAnswer, match=LATE):
                post(provider, Request("/", b"x" * 50_000_000))

        assert seconds_of(send_much) < BOUND


def test_a_look_up_that_hangs_is_not_waited_for(robot: Robot) -> None:
    over = threading.Event()

    def hang(host: str, port: int) -> tuple[str, ...]:
        over.wait(10)
        return (HOST,)

    def ask() -> None:
        with pytest.raises(NoAnswer, match="找不到对方的服务器"):
            post(replace(robot.provider, resolve=hang, deadline=0.5), REQUEST)

    assert seconds_of(ask) < BOUND
    over.set()
    assert robot.calls == []


def test_of_a_giant_body_no_more_than_a_little_is_read(robot: Robot) -> None:
    robot.answers(giant(200))
    assert post(robot.provider, REQUEST) == Reply(200, b"")


def test_a_body_of_the_greatest_size_is_read(robot: Robot) -> None:
    robot.answers(says(b"a" * MOST_BYTES), says(b"a" * (MOST_BYTES + 1)))
    assert len(post(robot.provider, REQUEST).body) == MOST_BYTES
    assert post(robot.provider, REQUEST).body == b""


# what goes wrong on the way


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs_up(),
        raw(b""),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(b"HTTP/1.1 999999999999 OK\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + GOOD),
    ],
    ids=["reset", "nothing", "another protocol", "headers", "long header", "chunks", "status", "half a body"],
)
def test_what_is_no_answer_is_told_as_a_broken_connection(robot: Robot, behaviour: Behaviour) -> None:
    assert told(robot, behaviour) == "与对方的连接中断；系统会自动重试。"


def test_a_closed_door_is_told_in_words() -> None:
    provider = Provider(HOST, "http", closed_port(), may_reach=is_this_machine)
    with pytest.raises(NoAnswer, match="连接不上对方的服务器"):
        post(provider, REQUEST)


@pytest.mark.parametrize("found", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_nobody_knows_is_told_in_words(robot: Robot, found: Exception) -> None:
    def fail(host: str, port: int) -> tuple[str, ...]:
        raise found

    with pytest.raises(NoAnswer, match="找不到对方的服务器"):
        post(replace(robot.provider, resolve=fail), REQUEST)


def test_a_name_without_addresses_is_told_in_words(robot: Robot) -> None:
    with pytest.raises(NoAnswer, match="找不到对方的服务器"):
        post(replace(robot.provider, resolve=lambda host, port: ()), REQUEST)


# where it goes


def test_the_name_is_looked_up_once_and_the_connection_goes_there(robot: Robot) -> None:
    """A name that changes its mind between the check and the call gains nothing."""
    asked = []

    def changing(host: str, port: int) -> tuple[str, ...]:
        asked.append((host, port))
        return (HOST,) if len(asked) == 1 else ("169.254.169.254",)

    provider = replace(robot.provider, host=NAME, resolve=changing)
    assert post(provider, REQUEST).status == 200
    assert asked == [(NAME, robot.port)]
    assert robot.calls[0].headers["Host"] == f"{NAME}:{robot.port}"


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("203.0.113.9", "127.0.0.1"),
        ("10.1.2.3",),
        ("169.254.169.254",),
        ("::ffff:127.0.0.1",),
    ],
)
def test_official_names_that_lead_inside_are_not_called(robot: Robot, addresses: tuple[str, ...]) -> None:
    provider = replace(robot.provider, host=NAME, may_reach=is_public, resolve=lambda host, port: addresses)
    with pytest.raises(NoAnswer, match="不允许访问的网络地址"):
        post(provider, REQUEST)
    assert robot.calls == []


def test_when_the_first_address_is_deaf_the_next_one_is_called(robot: Robot) -> None:
    provider = replace(
        robot.provider,
        host=NAME,
        may_reach=lambda address: True,
        resolve=lambda host, port: ("127.0.0.2", HOST),
    )
    assert post(provider, REQUEST).status == 200


def test_no_proxy_of_the_environment_is_asked(robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    with Robot() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        assert post(robot.provider, REQUEST).status == 200
    assert (len(robot.calls), proxy.calls) == (1, [])


@pytest.mark.parametrize(
    ("address", "public", "no_trap"),
    [
        ("8.8.8.8", True, True),
        ("2400:3200::1", True, True),
        ("10.1.2.3", False, True),
        ("192.168.1.10", False, True),
        ("172.16.0.1", False, True),
        ("fd12:3456::1", False, True),
        ("100.64.0.1", False, True),
        ("100.100.100.200", False, False),
        ("127.0.0.1", False, False),
        ("127.8.8.8", False, False),
        ("0.0.0.1", False, False),
        ("169.254.169.254", False, False),
        ("224.0.0.1", False, False),
        ("255.255.255.255", False, False),
        ("::1", False, False),
        ("::", False, False),
        ("fe80::1", False, False),
        ("fe80::1%1", False, False),
        ("ff02::1", False, False),
        ("fd00:ec2::254", False, False),
        ("::ffff:127.0.0.1", False, False),
        ("::ffff:8.8.8.8", True, True),
        ("::ffff:10.0.0.1", False, True),
        ("64:ff9b::7f00:1", False, False),
        ("64:ff9b::808:808", True, True),
        ("2002:7f00:1::", False, False),
        ("2001:0:7f00:1::1", False, False),
        ("::7f00:1", False, False),
        ("::ffff:0:7f00:1", False, False),
        ("fec0::1", False, True),
    ],
)
def test_which_addresses_may_be_reached(address: str, public: bool, no_trap: bool) -> None:
    found = ip_address(address)
    assert (is_public(found), is_no_trap(found)) == (public, no_trap)


def test_a_listed_address_is_reached_only_as_itself() -> None:
    place = parse_origin("http://127.0.0.1:8080")
    assert place.may_reach(ip_address("127.0.0.1")) is True
    assert place.may_reach(ip_address("127.0.0.2")) is False
    assert parse_origin("http://hooks.intern").may_reach(ip_address("127.0.0.1")) is False
    assert parse_origin("http://hooks.intern").may_reach(ip_address("10.1.2.3")) is True


def test_the_system_looks_names_up_with_ipv4_first() -> None:
    assert resolved("127.0.0.1", 80) == ("127.0.0.1",)
    assert resolved("localhost", 80)[0] == "127.0.0.1"


def test_official_robots_are_reached_over_tls_at_public_addresses_alone() -> None:
    found = {
        (each.scheme, each.port, each.ca_file, each.may_reach is is_public) for each in OFFICIAL.values()
    }
    assert found == {("https", 443, "", True)}
    assert {each.deadline for each in OFFICIAL.values()} == {15.0}
    assert sorted(each.host for each in OFFICIAL.values()) == [
        "oapi.dingtalk.com",
        "open.feishu.cn",
        "qyapi.weixin.qq.com",
    ]


# TLS


class Authority:
    """A certificate authority of this test, and servers it vouches for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.ca_file = str(folder / "ca.pem")
        self._write("ca.pem", self._signed(self.name, self.key, x509.BasicConstraints(True, 0)))

    def server(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._write(f"{host}.pem", private + self._signed(name, key, names))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{host}.pem")
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> bytes:
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(self.name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _write(self, name: str, content: bytes) -> None:
        with os.fdopen(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(content)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def named(robot: Robot, ca_file: str) -> Provider:
    provider = replace(robot.provider, scheme="https", host=NAME, ca_file=ca_file)
    return replace(provider, resolve=lambda host, port: (HOST,))


def test_the_pinned_address_is_called_by_its_name(authority: Authority) -> None:
    seen: list[str | None] = []
    context = authority.server(NAME)
    context.sni_callback = lambda connection, name, own: seen.append(name)
    with Robot(tls=context) as robot:
        assert post(named(robot, authority.ca_file), REQUEST).status == 200
    assert seen == [NAME]
    assert robot.calls[0].headers["Host"] == f"{NAME}:{robot.port}"


def test_a_certificate_of_another_name_or_another_authority_is_refused(authority: Authority) -> None:
    for host, ca_file in (("other.test", authority.ca_file), (NAME, "")):
        with Robot(tls=authority.server(host)) as robot:
            with pytest.raises(NoAnswer, match="安全证书无法确认"):
                post(named(robot, ca_file), REQUEST)
            assert robot.calls == []


def test_one_that_does_not_speak_tls_is_refused(authority: Authority) -> None:
    with Robot(raw(b"hello")) as robot, pytest.raises(NoAnswer, match="安全连接没有建立"):
        post(named(robot, authority.ca_file), REQUEST)


def test_a_handshake_that_never_ends_is_cut_off(authority: Authority) -> None:
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
        provider = Provider(HOST, "https", port, authority.ca_file, is_this_machine, deadline=0.5)

        def shake() -> None:
            with pytest.raises(NoAnswer, match=LATE):
                post(provider, REQUEST)

        assert seconds_of(shake) < BOUND


def test_a_slow_body_inside_tls_is_cut_off_too(authority: Authority) -> None:
    slow = Robot(drips(b" " * 50 + GOOD, every=0.1), tls=authority.server(NAME), deadline=0.5)
    with slow as robot, pytest.raises(NoAnswer, match=LATE):
        post(named(robot, authority.ca_file), REQUEST)


def test_fifty_at_once_are_answered_each_with_its_own() -> None:
    with Robot(errcode(0), deadline=10) as robot:
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda: found.append(post(robot.provider, REQUEST).status))
            for _ in range(50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
    assert (found, len(robot.calls)) == ([200] * 50, 50)


def test_nothing_is_left_behind(robot: Robot) -> None:
    """Neither threads nor open connections, whether it went well or not."""
    open_before = len(os.listdir("/proc/self/fd"))
    for behaviour in (says(GOOD), hangs_up(), raw(b"x"), says(b"", status=500)):
        robot.answers(behaviour)
        try:
            post(robot.provider, REQUEST)
        except NoAnswer:
            continue
    end = time.monotonic() + 5
    while time.monotonic() < end and len(os.listdir("/proc/self/fd")) > open_before:
        time.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) <= open_before
    assert [each.name for each in threading.enumerate() if each.name == "look-up"] == []
