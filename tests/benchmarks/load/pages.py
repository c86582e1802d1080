"""What each page costs on DATABASE_URL: `python -m tests.benchmarks.load.pages [--profile NAME]`.

Walks from the start page of every role along the links, one page of each name, and prints a line for each:
milliseconds of CPU (best of ROUNDS), milliseconds in the database, statements. CPU is what a request costs a
web process; a page that waits for the database shows it in the second figure. With --profile the functions
of one page in which the time goes. Changes nothing but what a look changes (a message is read).
"""

import cProfile
import json
import pstats
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - needs the settings
from django.test import Client  # noqa: E402
from django.urls import Resolver404, resolve  # noqa: E402

from accounts.models import User  # noqa: E402

ROUNDS = 3
# Of one name only so many addresses are tried: lists lead to hundreds of pages of the same kind.
EACH = 2
LINK = re.compile(r'(?:href|hx-get)="(/(?:w|box)/[^"#]*)')
LEFT_OUT = ("/w/admin/", "/w/account/logout")
FIRST = ("/w/", "/w/dashboard/", "/w/search/?q=党", "/w/search/?q=党课", "/w/operations/")


@dataclass
class Cost:
    role: str
    name: str
    path: str
    status: int
    cpu_ms: float
    database_ms: float
    statements: int
    kilobytes: int


class Watched:
    """Counts statements and the time they take."""

    def __init__(self) -> None:
        self.statements, self.seconds = 0, 0.0

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - start


def name_of(path: str) -> str | None:
    try:
        return resolve(path.split("?")[0]).view_name
    except Resolver404:
        return None


def walk(role: str, user: User) -> Iterator[Cost]:
    client = Client(headers={"x-forwarded-proto": "https"})
    client.force_login(user)
    waiting, seen, times = list(FIRST), set(FIRST), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name is None or times.get(name, 0) >= EACH:
            continue
        times[name] = times.get(name, 0) + 1
        cost, text = cost_of(client, role, name, path)
        yield cost
        for link in dict.fromkeys(LINK.findall(text)):
            link = link.replace("&amp;", "&")
            if link not in seen and not link.startswith(LEFT_OUT):
                seen.add(link)
                waiting.append(link)


def cost_of(client: Client, role: str, name: str, path: str) -> tuple[Cost, str]:
    best: Cost | None = None
    text = ""
    for _ in range(ROUNDS):
        watched, cpu = Watched(), time.process_time()
        with connection.execute_wrapper(watched):
            response = client.get(path, secure=True)
            content = response.getvalue()
        spent = (time.process_time() - cpu) * 1000
        if best is None or spent < best.cpu_ms:
            best = Cost(
                role,
                name,
                path,
                response.status_code,
                round(spent, 1),
                round(watched.seconds * 1000, 1),
                watched.statements,
                len(content) // 1024,
            )
        if "location" in response.headers:
            text = f'href="{response["location"]}"'
        elif response.get("content-type", "").startswith("text/html"):
            text = content.decode("utf-8", "replace")
    assert best is not None
    return best, text


def people() -> dict[str, User]:
    """One of each role, always the same."""
    found = {}
    for role in ("secretary", "worker", "general_branch_staff", "committee_staff"):
        held = User.objects.filter(posts__role=role) | User.objects.filter(member__posts__role=role)
        found[role] = held.order_by("pk")[0]
    return found


def profile(name: str) -> None:
    for role, user in people().items():
        for cost in walk(role, user):
            if cost.name == name:
                client = Client()
                client.force_login(user)
                watcher = cProfile.Profile()
                watcher.runcall(client.get, cost.path, secure=True)
                sys.stdout.write(f"{cost}\n")
                pstats.Stats(watcher).sort_stats("cumulative").print_stats(60)
                return


if __name__ == "__main__":
    if sys.argv[1:2] == ["--profile"]:
        profile(sys.argv[2])
        sys.exit()
    for role, user in people().items():
        for cost in walk(role, user):
            sys.stdout.write(json.dumps(asdict(cost), ensure_ascii=False) + "\n")
            sys.stdout.flush()
