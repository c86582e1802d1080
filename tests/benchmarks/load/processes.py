"""The portal's processes as production starts them, and what they use: read from /proc, so Linux only."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TICK = os.sysconf("SC_CLK_TCK")
START_SECONDS, STOP_SECONDS = 300, 30


@dataclass(frozen=True)
class Use:
    """cpu: seconds since the start, with children that ended; mb: shared pages count in parts."""

    cpu: float
    mb: float

    def since(self, before: "Use") -> float:
        return self.cpu - before.cpu


def family(pid: int) -> list[int]:
    """The process and everybody below it, as far as they still live."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            waiting += [int(word) for word in _read(task).split()]
    return found


def use_of(pid: int) -> Use:
    members = family(pid)
    return Use(sum(_cpu(each) for each in members), round(sum(_mb(each) for each in members), 1))


def machine_cpu() -> float:
    """Seconds that all cores together were busy since the machine started: neither idle nor lent away."""
    user, nice, system, _, _, irq, softirq, *_ = (
        int(word) for word in _read(Path("/proc/stat")).split()[1:9]
    )
    return (user + nice + system + irq + softirq) / TICK


def _cpu(pid: int) -> float:
    text = _read(Path(f"/proc/{pid}/stat"))
    # The name in brackets may hold spaces.
    cells = text.rpartition(")")[2].split()
    return sum(int(word) for word in cells[11:15]) / TICK if cells else 0.0


def _mb(pid: int) -> float:
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it has ended meanwhile


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(
    name: str, command: list[str], environment: Mapping[str, str], logs: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, and with this process whatever happens to it."""
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for pid in reversed(family(process.pid)):
            os.kill(pid, signal.SIGKILL)
        process.wait()


def wait_for_web(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the web server did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.2)


def wait_for_line(process: subprocess.Popen[bytes], log: Path, word: str) -> None:
    end = time.monotonic() + START_SECONDS
    while word not in log.read_text():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"not started:\n{log.read_text()[-3000:]}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]
