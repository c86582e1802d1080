"""A pytest plugin: the choice of tests by the database in use, and a real Celery worker.

`./dev test` runs pytest twice, side by side. Where DATABASE_URL names PostgreSQL, the tests marked `postgres`
or `redis` run; on SQLite all the others do. Tests marked `full` wait for `./dev test --full`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SERVICE_MARKS = ("postgres", "redis")
WORKER_START_SECONDS = 60
STARTS_PORTALS = ROOT / "tests/setup/test_run.py"


def _belongs_here(item: pytest.Item, *, on_services: bool, full: bool) -> bool:
    needs_services = any(item.get_closest_marker(mark) for mark in SERVICE_MARKS)
    return needs_services == on_services and (full or item.get_closest_marker("full") is None)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter of bytes by its place: its content may differ between two collections (the
    second inside a zip file), and parallel workers refuse to run lists of tests that differ."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_services = os.environ.get("DATABASE_URL", "").startswith("postgres")
    full = bool(os.environ.get("TEST_FULL"))
    kept = [item for item in items if _belongs_here(item, on_services=on_services, full=full)]
    if len(kept) < len(items):
        left_out = set(items) - set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = kept
    # Whole portals start there; begun last, one of them would keep a single worker waiting at the end.
    items.sort(key=lambda item: item.path != STARTS_PORTALS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Pytest has the last word in `./dev test`, so it also names what failed before and beside it."""
    if not os.environ.get("FAILED_GATES"):
        return
    known = Path(os.environ["FAILED_GATES"])
    while not known.exists():
        time.sleep(0.1)
    failed = known.read_text().split("\n")
    if any(failed):
        terminalreporter.section("not passed before this run", red=True)
        for gate in filter(None, failed):
            terminalreporter.line(gate, red=True)


def service_url(name: str) -> str:
    """Return TEST_POSTGRES_URL or TEST_REDIS_URL. Fails where `./dev test` has not set it."""
    value = os.environ.get(name, "")
    if not value:
        pytest.fail(f"{name} is not set: run this test through ./dev test")
    return value


def current_database_url() -> str:
    """Return the URL of the test database that this process uses, for another process."""
    url = urlsplit(service_url("TEST_POSTGRES_URL"))
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def wait_until(fact: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for what another process does. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            pytest.fail(f"not true after {seconds} seconds")
        time.sleep(0.05)


@dataclass(frozen=True)
class WorkerProcess:
    """A Celery worker as in production, on the test database and the private Redis."""

    process: subprocess.Popen[bytes]
    log: Path

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            pytest.fail(f"the worker ended with code {self.process.returncode}:\n{self.log.read_text()}")
        return " ready." in self.log.read_text()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_worker(log: Path) -> WorkerProcess:
    """Start a worker; it dies with this process even when that is killed."""
    environment = {
        **os.environ,
        "DATABASE_URL": current_database_url(),
        "CELERY_BROKER_URL": service_url("TEST_REDIS_URL"),
    }
    command = [sys.executable, "-m", "celery", "-A", "partyaffairs", "worker"]
    options = ["--pool", "prefork", "--concurrency", "2", "--loglevel", "info"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command, *options],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    worker = WorkerProcess(process, log)
    wait_until(worker.is_ready, seconds=WORKER_START_SECONDS)
    return worker


@pytest.fixture
def empty_redis() -> redis.Redis:
    """The private Redis, emptied; waiting messages of an earlier test would run in this one."""
    client = redis.Redis.from_url(service_url("TEST_REDIS_URL"))
    client.flushdb()
    return client


@pytest.fixture
def celery_worker_process(
    transactional_db: None, empty_redis: redis.Redis, tmp_path: Path
) -> Iterator[WorkerProcess]:
    """A running worker that sees what the test has committed. Mark the test postgres and redis."""
    worker = start_worker(tmp_path / "worker.log")
    yield worker
    worker.stop()
