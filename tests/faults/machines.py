"""Servers of a test's own, to be stopped, filled and slowed down, and processes of the portal beside them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from tests.box.installation import Installation
from tests.services import ROOT, wait_until
from tests.setup.portal import free_port

DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")


@dataclass
class OwnRedis:
    """Keeps nothing on disk: stopped, it has forgotten everything."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        command = [*DIES_WITH_US, "redis-server", *options, "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def _answers(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class OwnPostgres:
    """Listens on a socket in its folder alone."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://portal@/postgres?host={self.folder}"

    def start(self) -> None:
        # Synchronous, as in earnest: what was told to be saved is saved.
        options = ["-c", "listen_addresses=", "-c", "max_connections=150", "-c", "fsync=off"]
        place = ["-D", str(self.folder / "data"), "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_lent(), "setpriv", "--pdeathsig", "INT", "--", _postgres("postgres"), *place, *options],
                cwd="/",
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url).close()
            return True
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """By default fast: clients are cut off."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def cut(self, statement: str) -> int:
        """End the sessions that run such a statement; returns how many."""
        ending = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE pid <> pg_backend_pid() AND query LIKE %s AND state <> 'idle'"""
        with psycopg.connect(self.url, autocommit=True) as line:
            found = line.execute(ending, [f"%{statement}%"]).fetchone()
        return int(found[0]) if found else 0


def _postgres(program: str) -> str:
    return str(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))[-1])


def _lent() -> list[str]:
    """PostgreSQL refuses to run as root."""
    lend = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    return lend if os.getuid() == 0 else []


@contextmanager
def own_postgres(name: str, filled_from: str) -> Iterator[OwnPostgres]:
    """With the tables and rows of another database. `name` makes a short path: sockets' end at 107 bytes."""
    folder = Path(f"/tmp/{name}-{os.getpid()}")  # noqa: S108 - see above
    folder.mkdir(mode=0o711)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = OwnPostgres(folder)
    making = ["initdb", "-D", str(folder / "data"), "-U", "portal", "-A", "trust", "-E", "UTF8", "--no-sync"]
    try:
        _done([*_lent(), _postgres(making[0]), *making[1:], "--locale", "C.UTF-8"])
        server.start()
        _done(["pg_dump", "-Fc", "--no-owner", "-f", str(folder / "dump"), filled_from])
        _done(["pg_restore", "--no-owner", "-d", server.url, str(folder / "dump")])
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _done(command: list[str]) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Slow:
    """A proxy that lets bytes through late, or never (`silent`)."""

    def __init__(self, port: int, *, delay: float = 0, silent: bool = False) -> None:
        self.target, self.delay, self.silent = port, delay, silent
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.listener.accept()
                self.lines.append(line)
                if not self.silent:
                    self._join(line)

    def _join(self, line: socket.socket) -> None:
        other = socket.create_connection(("127.0.0.1", self.target))
        self.lines.append(other)
        for source, sink in ((line, other), (other, line)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65536):
                time.sleep(self.delay)
                sink.sendall(content)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for line in (self.listener, *self.lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()


@contextmanager
def slow(port: int, *, delay: float = 0, silent: bool = False) -> Iterator[Slow]:
    with closing(Slow(port, delay=delay, silent=silent)) as proxy:
        yield proxy


@contextmanager
def running(installation: Installation, role: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker or beat of the installation as in production; its log is `<role>.log`."""
    process = begun(installation, role, *options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def begun(
    installation: Installation, role: str, *options: str, app: str = "partyaffairs", ready: bool = True
) -> subprocess.Popen[bytes]:
    """With `ready` a worker is waited for; without, it may die while it is still coming up."""
    command = [sys.executable, "-m", "celery", "-A", app, role, "--loglevel", "info", *options]
    log = installation.folder / f"{role}.log"
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*DIES_WITH_US, *command],
            cwd=ROOT,
            env=installation.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if role == "worker" and ready:
        wait_until(lambda: b" ready." in log.read_bytes()[before:] or process.poll() is not None, seconds=60)
        assert process.poll() is None, log.read_text()
    return process
