"""The edge: what the sample of the proxy says, and how the web server reads what says two things."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from tests.services import ROOT

NGINX = (ROOT / "deploy/nginx.conf").read_text()
PROXY = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["proxy"]
NAMES = "/tmp/host_names.conf"  # noqa: S108 - a path in the container, written by nobody here
GUNICORN = ROOT / "deploy/gunicorn.conf.py"
# Sent on by no location, whatever a visitor writes.
NEVER_SENT_ON = ("X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded")


def said(name: str, text: str = NGINX) -> list[str]:
    return re.findall(rf"^\s*{name}\s+([^;]+);", text, re.MULTILINE)


def blocks(pattern: str) -> list[str]:
    """The text of each block that begins so; blocks below do not nest."""
    return re.findall(rf"{pattern}[^{{]*\{{([^}}]*)\}}", NGINX)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("large_client_header_buffers", ["4 8k"]),
        ("client_header_buffer_size", ["4k"]),
        ("client_header_timeout", ["15s"]),
        ("client_body_timeout", ["30s"]),
        ("send_timeout", ["30s"]),
        ("keepalive_timeout", ["30s"]),
        ("underscores_in_headers", ["off"]),
        ("ignore_invalid_headers", ["on"]),
        ("merge_slashes", ["on"]),
        ("proxy_request_buffering", ["on"]),
        ("proxy_http_version", ["1.1"]),
        ("server_tokens", ["off"]),
        ("client_max_body_size", ["22m", "256k"]),
    ],
)
def test_limits_of_the_proxy(name: str, value: list[str]) -> None:
    assert said(name) == value


def test_the_proxy_writes_what_the_portal_believes() -> None:
    """A location with one header line of its own inherits none: each place says all of them."""
    headers = {name for line in said("proxy_set_header") for name in [line.split()[0]]}
    assert {"Host", "X-Forwarded-Proto", "X-Forwarded-For", "Connection", *NEVER_SENT_ON} <= headers
    with_own = [block for block in blocks("location") if "proxy_set_header" in block]
    server = NGINX[NGINX.index("listen 8443") : NGINX.index("location / {", NGINX.index("listen 8443"))]
    assert len(with_own) == 1
    for text in (server, *with_own):
        given = dict(line.split(None, 1) for line in said("proxy_set_header", text))
        assert (given["Host"], given["X-Forwarded-Proto"], given["Connection"]) == ("$host", "https", '""')
        assert [given[name] for name in NEVER_SENT_ON] == ['""'] * len(NEVER_SENT_ON)
        assert given["X-Forwarded-For"] in {"$remote_addr", '""'}


def plain_servers() -> list[str]:
    """The text of each server without TLS."""
    return [text for text in NGINX.split("server {")[1:] if "listen 8080" in text]


def test_only_the_names_of_the_portal_are_led_to_https() -> None:
    stranger, itself, portal = plain_servers()
    assert said("listen", NGINX[: NGINX.index("listen 8443")]) == ["8080 default_server", "8080", "8080"]
    assert (said("return", stranger), said("server_name", stranger)) == (["444"], [])
    assert (said("return", itself), said("server_name", itself)) == (["204"], ["127.0.0.1"])
    assert said("return", portal) == ["308 https://$host$request_uri"]
    assert said("include", portal) == [NAMES]
    assert NGINX.count("$host$") == 1


def test_the_check_of_health_asks_the_server_that_answers_it() -> None:
    [address] = [word for word in PROXY["healthcheck"]["test"] if word.startswith("http")]
    assert urlsplit(address).netloc == "127.0.0.1:8080"


@pytest.mark.parametrize(
    ("hosts", "written"),
    [
        ("portal.example.com", "server_name portal.example.com;"),
        ("portal.example.com,10.1.2.3", "server_name portal.example.com 10.1.2.3;"),
    ],
)
def test_the_container_writes_the_names_before_it_starts(tmp_path: Path, hosts: str, written: str) -> None:
    [script] = PROXY["command"]
    assert (PROXY["entrypoint"], "/tmp" in PROXY["tmpfs"]) == (["sh", "-c"], True)  # noqa: S108 - a path in the container, written by nobody here
    assert PROXY["environment"]["ALLOWED_HOSTS"].startswith("${ALLOWED_HOSTS:?")
    before, start = script.replace("$$", "$").replace(NAMES, str(tmp_path / "names")).split(" && ")
    assert start == "exec nginx -g 'daemon off;'"
    subprocess.run(["sh", "-c", before], check=True, env={**os.environ, "ALLOWED_HOSTS": hosts})
    assert (tmp_path / "names").read_text() == written


def test_no_body_travels_half_understood() -> None:
    """One length and one end: the proxy reads a body whole and sends it on with a length of its own."""
    assert "proxy_request_buffering off" not in NGINX
    assert "proxy_pass_request_headers off" not in NGINX
    assert said("proxy_pass") == ["$portal"] * 3
    assert "Upgrade" not in NGINX


# --- the web server behind it --------------------------------------------------------------------


def config() -> Config:
    said: dict[str, Any] = {}
    exec(compile(GUNICORN.read_text(), GUNICORN, "exec"), said)  # noqa: S102 - our own file, as gunicorn reads it
    found = Config()
    for name in set(said) & set(found.settings):
        found.set(name, said[name])
    return found


def read(raw: bytes) -> list[tuple[str, str, bytes]]:
    """Method, path and body of each request in the bytes, as gunicorn sees them."""
    parser = RequestParser(config(), iter([raw]), ("10.0.0.9", 1))
    return [(request.method, request.path, request.body.read()) for request in parser]


HEAD = b"POST /w/ HTTP/1.1\r\nHost: portal.example.com\r\n"
INNER = b"GET /w/admin/ HTTP/1.1\r\nHost: x\r\n\r\n"


def test_the_reader_reads_two_honest_requests() -> None:
    raw = HEAD + b"Content-Length: 3\r\n\r\na=1" + INNER
    assert read(raw) == [("POST", "/w/", b"a=1"), ("GET", "/w/admin/", b"")]


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\nContent-Length: 4\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: 0x3\r\n",
        b"Content-Length : 3\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: identity, chunked, chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n continued: b\r\n",
        b"X: a\nContent-Length: 3\r\n",
        b"X: " + b"a" * 9000 + b"\r\n",
        b"X-A: a\r\n" * 101,
    ],
    ids=lambda lines: lines[:40].decode().replace("\r\n", "|"),
)
def test_a_request_that_says_two_things_is_refused(lines: bytes) -> None:
    with pytest.raises(ParseException):
        read(HEAD + lines + b"\r\n0\r\n\r\n" + INNER)


def test_a_long_address_is_refused() -> None:
    with pytest.raises(ParseException):
        read(b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_name_with_an_underscore_never_poses_as_one_with_a_dash() -> None:
    parser = RequestParser(config(), iter([HEAD + b"X_Forwarded_Proto: https\r\n\r\n"]), ("10.0.0.9", 1))
    [request] = list(parser)
    assert [name for name, _ in request.headers] == ["HOST"]


def test_the_configuration_is_the_one_that_is_started() -> None:
    assert "deploy/gunicorn.conf.py" in (ROOT / "deploy/start").read_text()
    assert Path(GUNICORN).is_file()
