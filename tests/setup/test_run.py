"""`./dev run` ends cleanly however it ends, and never runs twice on the same data."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT, wait_until
from tests.setup.portal import Portal, clean_environment, processes_using, running_portal


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as an earlier start has left it: migrated, static files collected."""
    folder = tmp_path_factory.mktemp("prepared")
    environment = clean_environment(VAR_DIR=str(folder))
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=True)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_control_c_leaves_no_process_and_a_second_run_is_refused(folder: Path) -> None:
    with running_portal(folder) as portal:
        assert portal.health() == "ok"
        assert "Demo-2026!" not in portal.text()
        with portal.idle_connections(12):  # as browsers open them ahead of need
            assert portal.health() == "ok"

        second = Portal(folder)
        assert second.code() == 1
        assert f"数据目录 {folder} 已有一个 ./dev run 在运行" in second.text()
        assert portal.health() == "ok"

        portal.press_control_c()
        assert portal.code() == 130
        assert processes_using(folder) == []


@pytest.mark.full
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_leave_no_process(folder: Path, number: signal.Signals, code: int) -> None:
    with running_portal(folder) as portal:
        portal.process.send_signal(number)
        assert portal.code() == code
        assert processes_using(folder) == []


@pytest.mark.parametrize(
    "child",
    [
        "worker",
        pytest.param("gunicorn", marks=pytest.mark.full),
        pytest.param("beat", marks=pytest.mark.full),
    ],
)
def test_the_death_of_one_part_ends_all(folder: Path, child: str) -> None:
    with running_portal(folder) as portal:
        os.kill(portal.child(child), signal.SIGKILL)
        assert portal.code() == 128 + signal.SIGKILL
        assert "停止了，其余部分一并关闭" in portal.text()
        assert processes_using(folder) == []


def slow(command: str, folder: Path) -> str:
    """Return a PATH on which the command begins late, as on a machine that is very busy."""
    real = shutil.which(command)
    script = folder / "slow" / command
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nsleep 2\nexec {real} "$@"\n')
    script.chmod(0o755)
    return f"{script.parent}:{os.environ['PATH']}"


def test_nothing_outlives_a_killed_script(folder: Path) -> None:
    with running_portal(folder, PATH=slow("setpriv", folder)) as portal:
        portal.process.kill()  # worker and beat have not yet asked to be told of this
        wait_until(lambda: processes_using(folder) == [], seconds=120)


def test_a_taken_port_is_named_before_anything_starts(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    with running_portal(folder) as portal:
        late = Portal(other, port=portal.port)
        assert late.code() == 1
        assert (
            late.text()
            == f"✗ 端口 {portal.port} 已被占用。请换一个，例如：PORT={portal.port + 1} ./dev run\n"
        )
        assert not (other / "portal.sqlite3").exists()
