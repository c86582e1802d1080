"""Production mode: refuses to start half configured, and the commands of the containers really run."""

import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.core.checks import Error
from django.db.migrations.recorder import MigrationRecorder

from branches.models import PolicyRule
from errorbank.models import EntryVersion
from partyaffairs.checks import DEMO_PASSWORD, demo_account_names, no_demo_accounts_in_production
from reminders.models import ActionVersion
from tests.services import ROOT, current_database_url, service_url, wait_until
from tests.setup.portal import clean_environment, free_port
from training.models import CardVersion

SECRETS = {
    "SECRET_KEY": "k" * 25 + "abcdefghijklmnopqrstuvwxyz",
    "PERSONAL_DATA_KEYS": "p" * 25 + "abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgres://portal:password@postgres:5432/portal",
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "ALLOWED_HOSTS": "portal.example.com",
}


def settings_answer(environment: dict[str, str], code: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import partyaffairs.settings as s\n{code}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def production(folder: Path, **more: str) -> dict[str, str]:
    return clean_environment(PORTAL_MODE="production", VAR_DIR=str(folder), **more)


@pytest.mark.parametrize("missing", SECRETS)
def test_each_missing_secret_is_named(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    answer = settings_answer(production(tmp_path, **given))
    assert answer.returncode == 1
    assert f"{missing} is missing. Production mode needs it" in answer.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("PERSONAL_DATA_KEYS", "p" * 40 + ",short", "PERSONAL_DATA_KEYS is too short"),
        ("DATABASE_URL", "sqlite:////tmp/x.sqlite3", "must name a PostgreSQL database"),
        ("DEBUG", "yes", "DEBUG must be off"),
        ("SECOND_FACTOR", "maybe", "SECOND_FACTOR must be one of: off, offered, required."),
        ("PASSWORD_PROFILE", "strong", "PASSWORD_PROFILE must be one of: plain, mlps2."),
    ],
)
def test_unsafe_values_are_refused(tmp_path: Path, name: str, value: str, words: str) -> None:
    answer = settings_answer(production(tmp_path, **{**SECRETS, name: value}))
    assert answer.returncode == 1
    assert words in answer.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ["required", "plain", "4"]),
        ({"SECOND_FACTOR": "offered", "PASSWORD_PROFILE": "mlps2"}, ["offered", "mlps2", "5"]),
    ],
)
def test_office_accounts_need_a_code_unless_told_otherwise(
    tmp_path: Path, more: dict[str, str], said: list[str]
) -> None:
    code = "print(s.SECOND_FACTOR, s.PASSWORD_PROFILE, len(s.AUTH_PASSWORD_VALIDATORS))"
    answer = settings_answer(production(tmp_path, **SECRETS, **more), code)
    assert answer.stdout.split() == said


def test_secrets_come_from_files(tmp_path: Path) -> None:
    files = {}
    for name, value in SECRETS.items():
        path = tmp_path / name.lower()
        path.write_text(value)
        files[f"{name}_FILE"] = str(path)
    answer = settings_answer(
        production(tmp_path, **files), "print(s.SECRET_KEY, s.CELERY_BROKER_URL, s.ALLOWED_HOSTS)"
    )
    assert answer.stdout.split() == [
        SECRETS["SECRET_KEY"],
        SECRETS["CELERY_BROKER_URL"],
        "['portal.example.com']",
    ]


SENDING = "print(s.EMAIL_ENABLED, s.EMAIL_BACKEND.split('.')[-2], s.NOTICE_WEBHOOK_HOSTS, repr(s.PORTAL_URL))"


def test_nothing_leaves_the_portal_until_it_is_told_how(tmp_path: Path) -> None:
    """Empty, as the containers hand down what nobody has set."""
    empty = tmp_path / "email_url"
    empty.touch()
    given = {"EMAIL_URL_FILE": str(empty), "NOTICE_WEBHOOK_HOSTS": "", "NOTICE_SENDER": "", "PORTAL_URL": ""}
    for more in ({}, given):
        answer = settings_answer(production(tmp_path, **SECRETS, **more), SENDING)
        assert answer.stdout.split() == ["False", "dummy", "[]", "''"]


def test_mail_and_webhooks_are_opened_by_their_settings(tmp_path: Path) -> None:
    (tmp_path / "email_url").write_text("smtp+tls://portal:secret@mail.example.com:587\n")
    given = {
        "EMAIL_URL_FILE": str(tmp_path / "email_url"),
        "NOTICE_WEBHOOK_HOSTS": "https://hooks.example.com, http://10.1.2.3:8080",
        "PORTAL_URL": "https://portal.example.com/",
    }
    code = f"{SENDING}; print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_TIMEOUT)"
    answer = settings_answer(production(tmp_path, **SECRETS, **given), code)
    assert answer.stdout.splitlines() == [
        "True smtp ['https://hooks.example.com', 'http://10.1.2.3:8080'] 'https://portal.example.com'",
        "mail.example.com 587 True 10",
    ]


@pytest.mark.django_db
def test_demo_accounts_are_found_by_name_and_password() -> None:
    users = get_user_model().objects
    users.create_user("worker01", password=DEMO_PASSWORD)
    users.create_user("staff", password="changed-in-time-1")
    users.create_user("admin", password=DEMO_PASSWORD, is_active=False)
    users.create_user("somebody", password=DEMO_PASSWORD)
    assert demo_account_names() == ["worker01"]


@pytest.mark.django_db
def test_the_check_speaks_only_in_production_and_with_a_database(settings: Any) -> None:
    get_user_model().objects.create_user("worker01", password=DEMO_PASSWORD)
    assert no_demo_accounts_in_production(None, databases=["default"]) == []
    settings.PRODUCTION = True
    assert no_demo_accounts_in_production(None, databases=None) == []
    [problem] = no_demo_accounts_in_production(None, databases=["default"])
    assert isinstance(problem, Error)
    assert problem.id == "partyaffairs.E001"
    assert problem.msg == "Demo accounts with the demo password exist in production mode: worker01."


# --- the containers ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_every_service_is_hardened_and_watched(compose: dict[str, Any]) -> None:
    assert list(compose["services"]) == ["proxy", "setup", "web", "worker", "beat", "postgres", "redis"]
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["user"] not in {"", "root", "0", "0:0"}, name
        assert ("healthcheck" in service) == (name != "setup"), name
    assert compose["networks"]["inside"] == {"internal": True}
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


def test_secrets_are_files_and_never_values(compose: dict[str, Any]) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD(?!_PROFILE)|DATABASE_URL|BROKER_URL|EMAIL_URL", name):
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_only_who_sends_has_a_way_out(compose: dict[str, Any]) -> None:
    ways = {name: set(service["networks"]) for name, service in compose["services"].items()}
    assert {name for name, networks in ways.items() if networks != {"inside"}} == {"proxy", "web", "worker"}
    assert ways["proxy"] == {"inside", "outside"}
    assert ways["web"] == ways["worker"] == {"inside", "outgoing"}


def test_make_secrets_makes_them_once(tmp_path: Path) -> None:
    script = tmp_path / "make_secrets"
    script.write_bytes((ROOT / "deploy/make_secrets").read_bytes())
    contents = []
    for _ in range(2):
        subprocess.run(["sh", script], check=True, capture_output=True)
        contents.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    first, second = contents
    assert first == second
    assert sorted(first) == [
        "broker_url",
        "database_url",
        "email_url",
        "personal_data_keys",
        "postgres_password",
        "redis_password",
        "secret_key",
    ]
    assert first["database_url"] == f"postgres://portal:{first['postgres_password']}@postgres:5432/portal"
    assert len(first["secret_key"]) >= 50


def test_make_secrets_runs_again_for_who_is_not_root() -> None:
    """Before every update, by a member of the group that may use the containers."""
    other = 65534 if os.geteuid() == 0 else os.geteuid()
    # Not below pytest's own folder: nobody else may look into that.
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "make_secrets"
        script.write_bytes((ROOT / "deploy/make_secrets").read_bytes())
        os.chown(folder, other, -1)
        for _ in range(2):
            done = subprocess.run(["sh", script], user=other, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")


def test_nothing_about_visits_is_written_down() -> None:
    proxy = (ROOT / "deploy/nginx.conf").read_text()
    assert re.findall(r"access_log\s+(\S+);", proxy) == ["off"]
    box = proxy[proxy.index("location ^~ /box") :]
    assert "error_log /dev/null crit;" in box
    assert 'proxy_set_header X-Forwarded-For "";' in box
    assert "accesslog = None" in (ROOT / "deploy/gunicorn.conf.py").read_text()


class Containers:
    """Runs a service's own command as its container would, on the private PostgreSQL and Redis."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        python = str(Path(sys.executable).parent)
        self.environment = production(
            folder,
            SECRET_KEY=SECRETS["SECRET_KEY"],
            PERSONAL_DATA_KEYS=SECRETS["PERSONAL_DATA_KEYS"],
            ALLOWED_HOSTS="portal.example.com",
            DATABASE_URL=current_database_url(),
            CELERY_BROKER_URL=service_url("TEST_REDIS_URL"),
            STATIC_ROOT=str(folder / "static"),
            PORT=str(self.port),
        ) | {"PATH": f"{python}:{os.environ['PATH']}"}
        self.started: list[subprocess.Popen[bytes]] = []

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def start(self, role: str) -> Path:
        log = self.folder / f"{role}.log"
        with log.open("wb") as output:
            command = ["setpriv", "--pdeathsig", "TERM", "--", "deploy/start", role]
            self.started.append(
                subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=output, stderr=output)
            )
        return log

    def wait_until_well(self, health_check: list[str]) -> None:
        wait_until(lambda: self.run(*health_check).returncode == 0, seconds=60)

    def stop(self) -> None:
        for process in self.started:
            process.terminate()
        for process in self.started:
            process.wait(timeout=30)


@pytest.fixture
def containers(transactional_db: None, tmp_path: Path) -> Iterator[Containers]:
    running = Containers(tmp_path)
    yield running
    running.stop()


@pytest.mark.postgres
@pytest.mark.redis
def test_setup_then_web_then_beat_and_worker(containers: Containers, compose: dict[str, Any]) -> None:
    commands = {name: compose["services"][name]["command"] for name in ("setup", "web", "worker", "beat")}
    assert commands == {name: [name] for name in commands}

    assert containers.run("deploy/start", "setup").returncode == 0
    # Whatever is shipped is there, as after ./dev run.
    shipped = (ActionVersion, PolicyRule, EntryVersion, CardVersion)
    assert [model.__name__ for model in shipped if not model._default_manager.exists()] == []
    for role in ("web", "beat", "worker"):
        containers.start(role)
    for name in ("web", "beat", "worker"):
        test = compose["services"][name]["healthcheck"]["test"][1:]
        containers.wait_until_well(test)

    address = f"http://127.0.0.1:{containers.port}/w/"
    request = urllib.request.Request(address, headers={"Host": "portal.example.com"})
    opener = urllib.request.build_opener(NoRedirect)
    with pytest.raises(urllib.error.HTTPError) as answer:
        opener.open(request, timeout=10)
    assert (answer.value.code, answer.value.headers["Location"]) == (301, "https://portal.example.com/w/")
    answer.value.close()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@pytest.mark.postgres
@pytest.mark.redis
def test_set_up_web_and_worker_refuse_demo_accounts_and_newer_tables(containers: Containers) -> None:
    get_user_model().objects.create_user("secretary07", password=DEMO_PASSWORD)
    MigrationRecorder.Migration.objects.create(app="reminders", name="0999_of_next_year")
    try:
        answers = {role: containers.run("deploy/start", role) for role in ("setup", "web", "worker")}
    finally:
        MigrationRecorder.Migration.objects.filter(name="0999_of_next_year").delete()
    assert [answer.returncode for answer in answers.values()] == [1, 1, 1]
    assert "现在的程序用不了，没有动任何数据" in answers["setup"].stderr
    for role in ("web", "worker"):
        assert "partyaffairs.E003" in answers[role].stderr
        assert "partyaffairs.E001" in answers[role].stderr
        assert "secretary07" in answers[role].stderr


@pytest.mark.postgres
@pytest.mark.redis
def test_set_up_refuses_demo_accounts(containers: Containers) -> None:
    get_user_model().objects.create_user("secretary07", password=DEMO_PASSWORD)
    answer = containers.run("deploy/start", "setup")
    assert answer.returncode == 1
    assert "partyaffairs.E001" in answer.stderr
    assert "secretary07" in answer.stderr


@pytest.mark.postgres
def test_waiting_for_a_database_that_never_answers_ends(containers: Containers) -> None:
    containers.environment["DATABASE_URL"] = "postgres://portal:portal@127.0.0.1:9/portal"
    answer = containers.run("deploy/start", "manage", "wait_for_database", "--seconds", "0.1")
    assert answer.returncode == 1
    assert "The database does not answer" in answer.stderr
