"""The sample of the proxy as nginx reads it, with a real gunicorn behind it: requests that say two things.

Without nginx on the machine the sample is only read (tests/hardening/test_proxy.py).
"""

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.box.installation import Installation, Site, on_sqlite, serving
from tests.services import ROOT, wait_until
from tests.setup.portal import free_port

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HOST = b"Host: portal.example.com\r\n"
INNER = b"GET /w/admin/ HTTP/1.1\r\nHost: portal.example.com\r\n\r\n"

pytestmark = [
    pytest.mark.full,
    pytest.mark.django_db,  # the empty database is copied
    pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not a part of the tests' packages"),
]


@dataclass(frozen=True)
class Proxy:
    plain: int
    port: int

    def say(self, request: bytes) -> list[bytes]:
        """Status lines of all that came back before the proxy hung up or fell silent."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as line,
            context.wrap_socket(line, server_hostname="portal.example.com") as sealed,
        ):
            sealed.settimeout(3)
            sealed.sendall(request)
            return _statuses(sealed)

    def say_plainly(self, host: str) -> bytes:
        """The whole answer of the port without TLS."""
        with socket.create_connection(("127.0.0.1", self.plain), timeout=20) as line:
            line.sendall(f"GET /w/?a=1 HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return b"".join(iter(lambda: line.recv(65536), b""))


def _statuses(sealed: ssl.SSLSocket) -> list[bytes]:
    heard = b""
    try:
        while piece := sealed.recv(65536):
            heard += piece
    except (TimeoutError, ConnectionError):
        pass
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)


def sample(folder: Path, site: Site, proxy: Proxy) -> Path:
    """deploy/nginx.conf with the places of a container changed for those of this test, and nothing else."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    for theirs, ours in {
        " /tmp/": f" {folder}/",  # first: the others lead there
        "http://web:8000": f"http://127.0.0.1:{site.port}",
        "listen 8080": f"listen 127.0.0.1:{proxy.plain}",
        "listen 8443": f"listen 127.0.0.1:{proxy.port}",
        "/run/secrets/tls_certificate": f"{folder}/tls.crt",
        "/run/secrets/tls_key": f"{folder}/tls.key",
    }.items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    (folder / "nginx.conf").write_text(text)
    (folder / "host_names.conf").write_text("server_name portal.example.com;")
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proxy")
    files = ["-keyout", f"{folder}/tls.key", "-out", f"{folder}/tls.crt"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=x",
        *files,
    ]
    subprocess.run(command, check=True, capture_output=True)
    folder.chmod(0o755)
    return folder


@pytest.fixture
def proxy(folder: Path, tmp_path: Path, kept_databases: Path) -> Iterator[Proxy]:
    installation: Installation = on_sqlite(tmp_path, kept_databases)
    with serving(installation, "partyaffairs.wsgi") as site:
        made = Proxy(free_port(), free_port())
        config = sample(folder, site, made)
        tested = subprocess.run([NGINX, "-t", "-q", "-c", config], capture_output=True, text=True)
        assert (tested.returncode, tested.stderr) == (0, "")
        running = subprocess.Popen([NGINX, "-c", config, "-g", "daemon off; user root;"])
        try:
            wait_until(lambda: _answers(made.plain))
            yield made
        finally:
            running.terminate()
            running.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_what_says_two_things_never_becomes_two_requests(proxy: Proxy) -> None:
    post = b"POST /w/account/login/ HTTP/1.1\r\n" + HOST
    chunked = b"Transfer-Encoding: chunked\r\n"
    honest = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    said = {
        "honest, twice": honest + honest,
        "bare line feeds": honest.replace(b"\r\n", b"\n"),
        "length and chunks": post + b"Content-Length: 5\r\n" + chunked + b"\r\n0\r\n\r\n" + INNER,
        "two lengths": post + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\na=1" + INNER,
        "a second length after a bare line feed": post
        + b"Content-Length: 3\nContent-Length: 4\r\n\r\na=1"
        + INNER,
        "two hosts": honest[:-2] + b"Host: other.example.com\r\n\r\n",
        "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
        "odd chunks": post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
        "space before the colon": post + b"Content-Length : 3\r\n\r\na=1" + INNER,
        "a chunk too long": post + chunked + b"\r\nffffffffffffffffff\r\na\r\n0\r\n\r\n" + INNER,
        "a long header": honest[:-2] + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
        "a long address": b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    }
    heard = {name: proxy.say(request) for name, request in said.items()}
    print(heard)
    assert (
        heard
        == {
            "honest, twice": [b"200", b"200"],
            "bare line feeds": [b"200"],  # the proxy writes the request anew
            **{name: [b"400"] for name in list(said)[2:]},
            "odd chunks": [b"501"],
            "a long address": [b"414"],
        }
    )


def test_a_made_up_name_is_hung_up_on(proxy: Proxy) -> None:
    led = proxy.say_plainly("portal.example.com")
    assert led.startswith(b"HTTP/1.1 308 ")
    assert b"Location: https://portal.example.com/w/?a=1\r\n" in led
    assert proxy.say_plainly("127.0.0.1:8080").startswith(b"HTTP/1.1 204 ")
    assert [proxy.say_plainly(host) for host in ("evil.example", "x.portal.example.com")] == [b""] * 2
