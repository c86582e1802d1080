"""A portal of its own for a proof: processes as in earnest, a data folder and a database of its own."""

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.database import empty_database
from tests.services import ROOT, wait_until
from tests.setup.portal import clean_environment, free_port

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Installation:
    """`folder` is its VAR_DIR; mails are files in `mails`, temporary files lie in `tmp`."""

    folder: Path
    database: str
    broker: str = "filesystem://"

    def environment(self, **more: str) -> dict[str, str]:
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        return clean_environment(
            VAR_DIR=str(self.folder),
            DATABASE_URL=self.database,
            CELERY_BROKER_URL=self.broker,
            EMAIL_URL=f"filemail:///{self.folder}/mails",
            DJANGO_SETTINGS_MODULE="partyaffairs.settings",
            PYTHONPATH=str(ROOT),
            PYTHONUTF8="1",
            **{"TMPDIR": str(self.folder / "tmp"), **more},
        )

    def run(self, module: str, *arguments: str) -> str:
        """Run a module of Python to its end; what it said is kept in `said` and returned."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
        )
        with (self.folder / "said").open("a") as said:
            said.write(done.stdout + done.stderr)
        assert done.returncode == 0, done.stderr
        return done.stdout


def on_sqlite(folder: Path, kept_databases: Path) -> Installation:
    """With an empty database of today's tables."""
    shutil.copy(empty_database(kept_databases), folder / "portal.sqlite3")
    return Installation(folder, f"sqlite:///{folder}/portal.sqlite3")


@dataclass(frozen=True)
class Site:
    """The web server of an installation."""

    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        """Status and page; (0, "") when the server hung up."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            try:
                line.request(method, path, body or None, named)
                answer = line.getresponse()
                return answer.status, answer.read().decode("utf-8", "replace")
            except (http.client.HTTPException, ConnectionError):
                return 0, ""

    def send(self, path: str, fields: Mapping[str, str], **headers: str) -> tuple[int, str]:
        """A form as a browser sends it from our own page."""
        body = urlencode(fields).encode()
        return self.ask("POST", path, body, **{"Content_Type": FORM, "Origin": self.origin, **headers})


@contextmanager
def serving(installation: Installation, application: str) -> Iterator[Site]:
    """Gunicorn with the portal's own settings around this WSGI application; it writes to `web.log`."""
    site = Site(free_port())
    environment = installation.environment(PORT=str(site.port), WEB_WORKERS="1", WEB_THREADS="4")
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", application]
    with (installation.folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: _answers(site) or process.poll() is not None, seconds=60)
        assert process.poll() is None, (installation.folder / "web.log").read_text()
        yield site
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(site: Site) -> bool:
    try:
        return site.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


def listing(folder: Path) -> set[str]:
    return {os.path.relpath(file, folder) for file in folder.rglob("*")}
