"""The load run: `./dev bench load`. See docs/operations-load.md.

Builds the world, starts the web server and the worker with the commands of production, sends people at them,
and beside them, in the last part, a long PDF and a large roster again and again. Writes OUT/load.json and
prints a table. Ends with 1 when the server broke once; how fast it was decides nothing.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.load.figures import HEAVY, Request, Span, figures, read_rows, table
from tests.benchmarks.load.processes import (
    ROOT,
    Use,
    free_port,
    machine_cpu,
    module,
    running,
    use_of,
    wait_for_line,
    wait_for_web,
)
from tests.benchmarks.test_refresh_floor import fresh_postgresql

STOP = 120  # seconds in which everybody ends what they are at


@dataclass(frozen=True)
class Plan:
    """What one run is: how many people, how long, how large a world, and seconds between two pages.

    settle: seconds from the start of the driver to its first visitor.
    """

    users: int = 200
    settle: int = 5
    ramp: int = 60
    quiet: int = 180
    busy: int = 90
    branches: int = 100
    months: int = 60
    accounts: int = 700
    roster: int = 2000
    think: int = 10
    sqlite: bool = False
    out: Path = Path("var/bench")

    @property
    def seconds(self) -> int:
        return self.settle + self.ramp + self.quiet + self.busy


@dataclass
class Portal:
    """The running processes by name, and the files of the run."""

    url: str
    folder: Path
    environment: dict[str, str]
    pids: dict[str, int] = field(default_factory=dict)

    def uses(self) -> dict[str, Use]:
        return {name: use_of(pid) for name, pid in self.pids.items()}


def production(plan: Plan, folder: Path) -> dict[str, str]:
    """The environment of production on loopback, or with --sqlite that of a desk."""
    port = str(free_port())
    shared = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "partyaffairs.settings",
        "VAR_DIR": str(folder / "portal"),
        "BIND": "127.0.0.1",
        "PORT": port,
        "WEB_WORKERS": "3",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PERSONAL_DATA_KEYS": secrets.token_urlsafe(32),
    }
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "PORTAL_MODE", "STATIC_ROOT"):
        shared.pop(name, None)
    if plan.sqlite:
        return shared
    return {
        **shared,
        "PORTAL_MODE": "production",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": fresh_postgresql("bench_load"),
        "CELERY_BROKER_URL": os.environ["TEST_REDIS_URL"],
        "WEB_THREADS": "4",
    }


def grow(plan: Plan, folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    arguments = [str(n) for n in (plan.branches, plan.months, plan.accounts, plan.roster)]
    command = module("tests.benchmarks.load.world", str(folder), *arguments)
    subprocess.run(command, cwd=ROOT, env=dict(environment), check=True, stdout=subprocess.DEVNULL)
    if environment.get("DEBUG", "") != "1":
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=dict(environment), check=True)
    told: dict[str, Any] = json.loads((folder / "world.json").read_text("utf-8"))
    return told


def start(plan: Plan, portal: Portal, stack: ExitStack) -> None:
    """The commands of the containers; at a desk those of `./dev run`."""
    logs, environment = portal.folder, portal.environment
    if plan.sqlite:
        web = module("gunicorn", "-c", "deploy/gunicorn.conf.py", "partyaffairs.wsgi")
        options = ["--pool", "threads", "--concurrency", "2", "--loglevel", "info", "--without-mingle"]
        worker = module("celery", "-A", "partyaffairs", "worker", *options)
    else:
        web, worker = ["deploy/start", "web"], ["deploy/start", "worker"]
    serving = stack.enter_context(running("web", web, environment, logs))
    working = stack.enter_context(running("worker", worker, environment, logs))
    portal.pids.update(web=serving.pid, worker=working.pid)
    wait_for_web(serving, portal.url, logs / "web.log")
    wait_for_line(working, logs / "worker.log", "celery@")
    if not plan.sqlite:
        portal.pids["postgresql"] = _postmaster(environment["DATABASE_URL"])


def _postmaster(url: str) -> int:
    folder = Path(url.partition("host=")[2])
    return int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def drive(plan: Plan, portal: Portal) -> tuple[list[Request], list[Span], list[dict[str, Any]]]:
    """Send the people and look at the processes at the borders of the spans."""
    begin = time.time() + plan.settle
    spans = [
        Span("ramp", begin, begin + plan.ramp),
        Span("quiet", begin + plan.ramp, begin + plan.ramp + plan.quiet),
    ]
    if plan.busy:
        spans.append(Span("busy", spans[-1].last, spans[-1].last + plan.busy))
    rows = portal.folder / "rows.tsv"
    environment = {
        **portal.environment,
        "LOAD_WORLD": str(portal.folder / "world.json"),
        "LOAD_ROWS": str(rows),
        "LOAD_THINK": str(plan.think),
        "LOAD_BUSY_AT": str(spans[2].first if plan.busy else "inf"),
    }
    command = module(
        "locust", "-f", "tests/benchmarks/load/drive.py", "--headless", "--host", portal.url,
        "-u", str(plan.users), "-r", str(max(plan.users / plan.ramp, 0.1)),
        "-t", f"{plan.seconds}s", "--stop-timeout", str(STOP), "--loglevel", "WARNING", "--only-summary",
    )  # fmt: skip
    with running("locust", command, environment, portal.folder) as process:
        portal.pids["locust"] = process.pid
        samples = [_sample(portal, until) for until in (begin, *(span.last for span in spans))]
        process.wait(timeout=plan.seconds + 2 * STOP)
    with rows.open(encoding="utf-8") as lines:
        return read_rows(lines), spans, samples


def _sample(portal: Portal, until: float) -> dict[str, Any]:
    time.sleep(max(until - time.time(), 0))
    return {"uses": portal.uses(), "machine": machine_cpu()}


def costs(rows: list[Request], spans: list[Span], samples: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """CPU of each kind of process in each span: share of one core, and of the web ms for each request."""
    told: dict[str, dict[str, Any]] = {}
    for span, before, after in zip(spans, samples, samples[1:], strict=False):
        seconds = span.last - span.first
        spent = {name: use.since(before["uses"][name]) for name, use in after["uses"].items()}
        answered = sum(each in span for each in rows)
        others = after["machine"] - before["machine"] - sum(spent.values())
        told[span.name] = {
            "cores": {name: round(cpu / seconds, 2) for name, cpu in spent.items()},
            "cores_others": round(others / seconds, 2),
            "web_cpu_ms_a_request": round(1000 * spent["web"] / max(answered, 1), 1),
            "web_mb": [before["uses"]["web"].mb, after["uses"]["web"].mb],
            "worker_mb": after["uses"]["worker"].mb,
        }
    return told


def heavy_counts(rows: list[Request]) -> dict[str, int]:
    """How often the heavy work came to its end."""
    found = [each.page for each in rows if each.page.startswith(HEAVY) and not each.failed]
    return {page: found.count(page) for page in sorted(set(found))}


def report(found: dict[str, Any]) -> str:
    lines = [table(found), ""]
    for name, cost in found["costs"].items():
        cores = ", ".join(f"{each} {share}" for each, share in cost["cores"].items())
        lines.append(
            f"{name}: cores used: {cores}, others {cost['cores_others']}; "
            f"{cost['web_cpu_ms_a_request']} ms of web CPU a request; web {cost['web_mb'][0]:.0f} to "
            f"{cost['web_mb'][1]:.0f} MB, worker {cost['worker_mb']:.0f} MB"
        )
    heavy = ", ".join(f"{page.removeprefix(HEAVY)} {times}" for page, times in found["heavy"].items())
    return "\n".join([*lines, f"heavy work: {heavy or 'none'}", f"world: {found['world']}"])


def run(plan: Plan) -> dict[str, Any]:
    folder = plan.out.resolve() / "load"
    (folder / "portal").mkdir(parents=True, exist_ok=True)
    environment = production(plan, folder)
    with ExitStack() as stack:
        world = grow(plan, folder, environment)
        portal = Portal(f"http://127.0.0.1:{environment['PORT']}", folder, environment)
        start(plan, portal, stack)
        rows, spans, samples = drive(plan, portal)
    found = figures(rows, spans)
    found["costs"] = costs(rows, spans, samples)
    found["heavy"] = heavy_counts(rows)
    found["world"] = {name: world[name] for name in ("seconds", "rows")}
    found["plan"] = {name: str(value) for name, value in vars(plan).items() if name != "out"}
    target = plan.out.resolve() / "load.json"
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    return found


def read_plan(arguments: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="./dev bench load")
    for name, default in vars(Plan()).items():
        if isinstance(default, bool):
            parser.add_argument(f"--{name}", action="store_true")
        else:
            parser.add_argument(
                f"--{name}", type=type(default) if isinstance(default, int) else Path, default=default
            )
    return Plan(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    found = run(read_plan(sys.argv[1:]))
    sys.stdout.write(report(found) + "\n")
    sys.exit(1 if found["broke"] else 0)
