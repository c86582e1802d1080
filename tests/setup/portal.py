"""Starts `./dev` as a person would and looks at what it leaves behind."""

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.services import ROOT, wait_until

START_SECONDS = 90
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment of a fresh shell, without what the running test session has set."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_using(folder: Path) -> list[str]:
    """Return the command lines of all processes whose VAR_DIR is the folder."""
    wanted = f"VAR_DIR={folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it ended while we looked, or belongs to somebody else
            continue
    return found


class Portal:
    """One `./dev run` on a data folder of its own, without demo and without fetching fonts."""

    def __init__(self, folder: Path, *, port: int | None = None, **more: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.output = folder / "output.txt"
        fonts = folder / "fonts"
        fonts.mkdir(exist_ok=True)
        (fonts / ".unreachable").touch()
        environment = clean_environment(
            VAR_DIR=str(folder), PORT=str(self.port), FONT_DIR=str(fonts), DEMO="no", **more
        )
        with self.output.open("ab") as output:
            # A shell that was started with SIGINT ignored cannot listen to it; a terminal never does that.
            self.process = subprocess.Popen(
                ["env", "--default-signal=INT", ROOT / "dev", "run"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_until_open(self) -> None:
        address = f"http://127.0.0.1:{self.port}/"
        wait_until(lambda: address in self.text() or self.process.poll() is not None, seconds=START_SECONDS)
        assert self.process.poll() is None, self.text()

    def health(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
            return str(answer.read().decode())

    @contextmanager
    def idle_connections(self, count: int) -> Iterator[None]:
        with ExitStack() as opened:
            for _ in range(count):
                opened.enter_context(socket.create_connection(("127.0.0.1", self.port)))
            yield

    def child(self, word: str) -> int:
        """Return the process id of the child whose command holds the word: gunicorn, worker or beat."""
        listing = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        [line] = [line for line in listing.stdout.splitlines() if f" {word} " in line]
        return int(line.split()[0])

    def press_control_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def code(self) -> int:
        return self.process.wait(timeout=30)


@contextmanager
def running_portal(folder: Path, *, port: int | None = None, **more: str) -> Iterator[Portal]:
    """Start it with these variables over those of a fresh shell, and end it in any case."""
    portal = Portal(folder, port=port, **more)
    try:
        portal.wait_until_open()
        yield portal
    finally:
        portal.process.terminate()
        portal.process.wait(timeout=30)
