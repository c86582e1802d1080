"""Work in a child process that can be limited, watched and killed. No Django: children import it too."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOOK_EVERY = 0.2
ROOT = Path(__file__).resolve().parents[1]
_LOG_TAIL = 4096
# The child gets what Python and fontconfig need and no secret of the portal.
_KEPT_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "XDG_CACHE_HOME",
    "TMPDIR",
)

Watch = Callable[[list[str]], None]


class ChildTooSlowError(Exception):
    """The child did not end in time and was killed."""


@dataclass(frozen=True)
class Ended:
    returncode: int
    output: IO[bytes]  # at its start; closed when the context ends
    log: list[str]  # the last lines the child wrote to stderr


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {"PYTHONUTF8": "1"}


@contextmanager
def ended_child(
    command: Sequence[str], source: Iterable[bytes], *, seconds: float, watch: Watch
) -> Iterator[Ended]:
    """Run `command` with `source` on its stdin and yield what it left.

    `watch` gets the last lines of the child's stderr several times a second; whatever it raises stops the
    work. Raises ChildTooSlowError. The child is dead when this returns or raises.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as log,
    ):
        given.writelines(source)
        given.seek(0)
        child = subprocess.Popen(command, stdin=given, stdout=output, stderr=log, env=environment(), cwd=ROOT)
        try:
            _wait(child, log, watch, time.monotonic() + seconds)
        finally:
            child.kill()
            child.wait()
        output.seek(0)
        yield Ended(child.returncode, output, _log_lines(log))


def _wait(child: "subprocess.Popen[bytes]", log: IO[bytes], watch: Watch, deadline: float) -> None:
    while True:
        watch(_log_lines(log))
        try:
            child.wait(LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                raise ChildTooSlowError from None
        else:
            return watch(_log_lines(log))


def _log_lines(log: IO[bytes]) -> list[str]:
    size = os.fstat(log.fileno()).st_size
    return os.pread(log.fileno(), _LOG_TAIL, max(0, size - _LOG_TAIL)).decode("utf-8", "replace").splitlines()


def highest(lines: Iterable[str], word: str) -> int:
    """The largest N of the lines “word N”: how far a child says it is."""
    numbers = [line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} ")]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def limit(*, memory: int, cpu: int, wall: int = 0, written: int | None = None) -> None:
    """Called by a child: bound its address space and files (bytes), CPU and wall time (seconds).

    The wall clock ends it even when the parent is gone and nobody waits any more.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # At the soft limit comes SIGXCPU, which says why; at the hard one SIGKILL, which does not.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if written is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    if wall:
        signal.alarm(wall)
