"""A fake mail server on a loopback port that speaks enough SMTP, and refuses where a test tells it to."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from pytest_django import Settings

HOST = "127.0.0.1"
SENDER = "portal@portal.example.com"
LONGEST = 30.0  # seconds a conversation may take


class Handler(socketserver.StreamRequestHandler):
    server: "Server"
    timeout = LONGEST

    def handle(self) -> None:
        office = self.server.office
        self.say(office.replies.get("greeting", "220 office.test"))
        while line := self.rfile.readline(2000).decode("ascii", "replace").strip():
            verb = line.split()[0].upper().rstrip(":")
            office.heard.append(line)
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == office.silent_at:
                office.stopping.wait(LONGEST)
                return
            self.say(office.replies.get(verb, "354 go on" if verb == "DATA" else "250 ok"))
            if verb == "DATA" and "DATA" not in office.replies:
                office.messages.append(self.message())
                self.say(office.replies.get("END", "250 taken"))

    def message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline(2000)) not in {b".\r\n", b""}:
            lines.append(line)
        return message_from_bytes(b"".join(lines), _class=EmailMessage, policy=policy.default)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    office: "PostOffice"

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side may leave at any time."""


class PostOffice:
    """`messages` as they came; `replies` by verb ("RCPT": "550 no such user").

    silent_at: the verb after which nothing more is said.
    """

    def __init__(self, *, silent_at: str = "", **replies: str) -> None:
        self.replies, self.silent_at = replies, silent_at
        self.stopping = threading.Event()
        self.heard: list[str] = []
        self.messages: list[EmailMessage] = []
        self._server = Server((HOST, 0), Handler)
        self._server.office = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])


def mail_goes_to(port: int, settings: Settings) -> None:
    """Let the portal send its mail to that port of this machine, in plain SMTP."""
    settings.EMAIL_ENABLED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.NOTICE_SENDER = SENDER
