"""The people of the load run, for `locust -f`; ours only in what they do, not in how it is driven.

LOAD_WORLD names the accounts (world.py), LOAD_ROWS the file that gets a line for every request: start, page,
status, milliseconds. LOAD_BUSY_AT is the moment from which staff export and import without a pause. The edge
is played: production answers only over TLS, so every request says that it came that way.
"""

import json
import os
import random
import re
import time
from http.cookiejar import DefaultCookiePolicy
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import gevent
import lxml.html
from locust import FastHttpUser, between, constant, events, task

WORLD = json.loads(Path(os.environ["LOAD_WORLD"]).read_text("utf-8"))
ROWS = Path(os.environ["LOAD_ROWS"]).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 - until the process ends
BUSY_AT = float(os.environ.get("LOAD_BUSY_AT", "inf"))
NAMES = {role: cycle(names) for role, names in WORLD["people"].items()}
ITEM = re.compile(r'href="(/w/reminders/items/\d+/)(?:\?[^"]*)?"')
CLOSE = re.compile(r'href="(/w/reminders/items/\d+/close/[^"]*)"')
QUICK = re.compile(r'action="(/w/reminders/items/\d+/close/[^"]*)"')
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')
ASKS_MORE = 422
EVERY_2S = 'hx-trigger="every 2s"'
THINK = tuple(float(os.environ.get("LOAD_THINK", "10")) * share for share in (0.5, 1.5))  # seconds
WORDS = ("党课", "主题党日", "党员0", "会议", "绝无此词")
DESK_LEDGERS = ("reminders", "meetings", "talks", "rectification", "contributions", "members")


@events.request.add_listener
def note(
    name: str, response_time: float, response: Any, start_time: float, exception: Any = None, **_: Any
) -> None:
    status = getattr(response, "status_code", 0) or 0
    ROWS.write(f"{start_time:.3f}\t{name}\t{status}\t{response_time:.1f}\n")


class Person(FastHttpUser):
    """Somebody with a browser; role says as whom they sign in."""

    abstract = True
    wait_time = between(*THINK)
    role = ""
    network_timeout = connection_timeout = 120.0

    def on_start(self) -> None:
        self.client.cookiejar.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self.seen = ""
        self.page("/w/account/login/", "sign-in page")
        self.load_static()
        self.send("/w/account/login/", "sign in", username=next(NAMES[self.role]), password=WORLD["password"])

    def page(self, path: str, name: str, **options: Any) -> str:
        """Get it and remember it: forms and links are looked for in what was seen last."""
        response = self.client.get(path, name=name, headers=self.edge(), **options)
        self.seen = (response.text or "") if response.status_code == 200 else ""
        return self.seen

    def post(self, path: str, name: str, data: Any = None, **headers: str) -> Any:
        given = {"csrfmiddlewaretoken": self.token()} if data is None else data
        sent = {**self.edge(), **headers}
        if isinstance(given, dict):  # a list in it is a name that comes several times
            given = urlencode(given, doseq=True)
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self.client.post(path, data=given, name=name, headers=sent, allow_redirects=False)

    def send(self, path: str, name: str, form: dict[str, Any] | None = None, **more: str) -> Any:
        """Post and, as a browser does, look at where that leads; the two are counted apart."""
        data = {"csrfmiddlewaretoken": self.token(), **(form or {}), **more}
        response = self.post(path, name, data)
        if response.status_code == 302:
            self.page(response.headers["Location"].split("#")[0], f"{name}: where it leads")
        return response

    def token(self) -> str:
        return next((each.value or "" for each in self.client.cookiejar if each.name == "csrftoken"), "")

    def edge(self) -> dict[str, str]:
        return {
            "X-Forwarded-Proto": "https",
            # As the proxy does: a kept connection ends after five seconds, maybe under the next request.
            "Connection": "close",
            "X-Forwarded-For": "10.1.2.3",
            "Referer": str(self.host).replace("http:", "https:") + "/w/",
        }

    def think(self) -> None:
        gevent.sleep(random.uniform(*THINK))

    def load_static(self) -> None:
        """Once a visit: afterwards the browser keeps what is named by its content."""
        for path in sorted(set(STATIC.findall(self.seen))):
            self.client.get(path, name="static file", headers=self.edge())

    def fill(self, action: str) -> dict[str, Any]:
        """The form of that address as it stands, with something said where it asks for words."""
        page = lxml.html.fromstring(self.seen)
        found = next((each for each in page.forms if (each.action or "") in {"", action}), None)
        if found is None:
            return {}
        values: dict[str, Any] = {}
        for name, value in found.form_values():
            values.setdefault(name, []).append(value)
        for name, each in ((each.name, each) for each in found.inputs if each.name):
            if name.startswith("reason_"):  # everybody came
                continue
            if each.tag == "textarea" or each.get("type") in {"text", None}:
                values[name] = "".join(values.get(name, ())).strip() or "按计划完成"
            elif each.get("type") == "number":
                values[name] = values.get(name) or "1"
        return values


class Member(Person):
    """What everybody of a branch does."""

    abstract = True

    @task(6)
    def home(self) -> None:
        self.page("/w/", "home")

    @task(4)
    def list_and_item(self) -> None:
        self.page("/w/reminders/", "month list")
        items = ITEM.findall(self.seen)
        if items:
            self.think()
            self.page(random.choice(items), "item page")

    @task(1)
    def earlier_month(self) -> None:
        self.page(f"/w/reminders/?month={random.choice(WORLD['months'])}", "month list, earlier")

    @task(2)
    def finish(self) -> None:
        self.page("/w/reminders/", "month list")
        quick, forms = QUICK.findall(self.seen), CLOSE.findall(self.seen)
        if quick and random.random() < 0.5:
            self.send(random.choice(quick), "item ticked", quick="1")
        elif forms:
            self.enter(random.choice(forms))

    def enter(self, path: str) -> None:
        self.page(path, "record form")
        self.think()
        if not self.seen:
            return
        response = self.send(path, "record entered", self.fill(path))
        if response.status_code == ASKS_MORE:
            self.seen = response.text or ""
            self.send(path, "record entered again", {**self.fill(path), "confirmed": "on"})

    @task(1)
    def messages(self) -> None:
        self.page("/w/notices/", "messages")

    @task(1)
    def ask(self) -> None:
        self.page(f"/w/search/?q={random.choice(WORDS)}", "search")


class Secretary(Member):
    """On the phone: home, list, item, done."""

    weight = 70
    role = "secretary"

    @task(1)
    def findings(self) -> None:
        self.page("/w/errors/findings/", "findings")


class Worker(Member):
    """The list too, and one's own practice."""

    weight = 80
    role = "worker"

    @task(3)
    def practise(self) -> None:
        self.page("/w/errors/practice/", "practice question")
        found = re.search(r'action="(/w/errors/practice/\d+/)"', self.seen)
        choice = re.search(r'name="choice" value="([^"]*)"', self.seen)
        if found and choice:
            self.think()
            self.send(found[1], "practice answer", choice=choice[1])
            self.think()
            self.send(f"{found[1]}rate/", "practice rated", remembered="good")

    @task(1)
    def mine(self) -> None:
        self.page("/w/incentives/", "own contributions")

    @task(1)
    def entries(self) -> None:
        self.page("/w/errors/", "error bank")

    @task(1)
    def cards(self) -> None:
        self.page("/w/training/cards/", "training cards")


class Staff(Person):
    """At a desk: boards, ledgers, exports, search."""

    weight = 30
    role = "staff"

    @task(3)
    def home(self) -> None:
        self.page("/w/", "overview")

    @task(3)
    def board(self) -> None:
        self.page("/w/dashboard/", "board")
        for path, name in (
            ("/w/burden/card/", "board: measures"),
            ("/w/burden/load/card/", "board: load"),
            ("/w/dashboard/outlook/", "board: outlook"),
        ):
            self.page(path, name)

    @task(1)
    def gaps(self) -> None:
        self.page("/w/reminders/missing/", "what is missing")

    @task(1)
    def ledgers(self) -> None:
        self.page("/w/ledgers/", "ledgers")

    @task(4)
    def ledger(self) -> None:
        self.page(f"/w/ledgers/{random.choice(DESK_LEDGERS)}/", "ledger preview")

    @task(1)
    def export(self) -> None:
        query = f"period={random.choice(WORLD['months'])}"
        self.page(f"/w/ledgers/reminders/export.xlsx?{query}", "ledger as xlsx")

    @task(1)
    def exports(self) -> None:
        self.page("/w/ledgers/exports/", "own exports")

    @task(2)
    def findings(self) -> None:
        self.page("/w/errors/findings/", "findings")

    @task(1)
    def figures(self) -> None:
        self.page("/w/errors/figures/", "finding figures")

    @task(2)
    def tree(self) -> None:
        self.page("/w/organisations/", "organisations")

    @task(1)
    def records(self) -> None:
        self.page("/w/incentives/records/", "records of the year")

    @task(2)
    def ask(self) -> None:
        self.page(f"/w/search/?q={random.choice(WORDS)}", "search")


class Stranger(FastHttpUser):
    """Without an account: the anonymous channel."""

    weight = 10
    wait_time = between(*THINK)

    @task(3)
    def box(self) -> None:
        self.client.get("/box/", name="box", headers={"X-Forwarded-Proto": "https"})

    @task(1)
    def wall(self) -> None:
        self.client.get("/box/wall/", name="box wall", headers={"X-Forwarded-Proto": "https"})

    @task(1)
    def landing(self) -> None:
        self.client.get("/", name="landing", headers={"X-Forwarded-Proto": "https"})


class Calendar(FastHttpUser):
    """A calendar program that comes again; here as often as everybody else."""

    weight = 10
    wait_time = between(*THINK)

    @task
    def feed(self) -> None:
        path = random.choice(WORLD["feeds"])
        self.client.get(path, name="calendar feed", headers={"X-Forwarded-Proto": "https"})


class Heavy(Person):
    """Waits for the busy part, then works without a pause; see `figures.HEAVY`."""

    abstract = True
    fixed_count = 1
    wait_time = constant(2)
    role = "heavy"

    def wait_for_busy(self) -> bool:
        gevent.sleep(min(max(BUSY_AT - time.time(), 0), 2))
        return time.time() >= BUSY_AT

    def upload(self, path: str, fields: dict[str, str], file: Path) -> Any:
        border = uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrfmiddlewaretoken": self.token(), **fields}.items()
        ]
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
        parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", file.read_bytes()]
        body = b"".join([*parts, f"\r\n--{border}--\r\n".encode()])
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        return self.post(path, "heavy: roster upload", body, **kind)

    def follow(self, path: str, name: str) -> None:
        """Look every two seconds, as the page does, until the job is over."""
        while EVERY_2S in self.page(path, name):
            gevent.sleep(2)

    def done(self, name: str, since: float, *, error: bool = False) -> None:
        spent = (time.time() - since) * 1000
        ROWS.write(f"{since:.3f}\t{name}\t{500 if error else 200}\t{spent:.1f}\n")


class Exporter(Heavy):
    """A ledger of two thousand rows as PDF, through the worker."""

    @task
    def export(self) -> None:
        if not self.wait_for_busy():
            return
        since = time.time()
        response = self.post(
            f"/w/ledgers/reminders/jobs/pdf/?{WORLD['ledger']['query']}", "heavy: ask for PDF"
        )
        if path := response.headers.get("Location"):
            self.follow(path, "heavy: PDF progress")
            self.page(f"{path}download/", "heavy: PDF download")
            self.done("heavy: PDF job", since)


class Importer(Heavy):
    """A roster of two thousand people, uploaded, previewed by the worker, confirmed."""

    rosters = cycle(WORLD["rosters"])

    @task
    def bring(self) -> None:
        if not self.wait_for_busy():
            return
        since = time.time()
        self.page("/w/organisations/roster/", "heavy: roster page")
        fields = {"organisation": str(WORLD["general"]), "roster_day": WORLD["today"]}
        response = self.upload("/w/organisations/roster/", fields, Path(next(self.rosters)))
        if path := response.headers.get("Location"):
            self.follow(f"{path}progress/", "heavy: roster progress")
            self.page(path, "heavy: roster preview")
            self.send(f"{path}commit/", "heavy: roster confirmed")
            self.done("heavy: roster job", since)
