"""`./dev run` ends cleanly however it ends, and never runs twice on the same data."""

import os
import signal
from pathlib import Path

import pytest

from tests.services import wait_until
from tests.setup.portal import Portal, processes_using, running_portal


def test_control_c_leaves_no_process_and_a_second_run_is_refused(tmp_path: Path) -> None:
    with running_portal(tmp_path) as portal:
        assert portal.health() == "ok"
        assert "Demo-2026!" not in portal.text()
        with portal.idle_connections(12):  # as browsers open them ahead of need
            assert portal.health() == "ok"

        second = Portal(tmp_path)
        assert second.code() == 1
        assert f"数据目录 {tmp_path} 已有一个 ./dev run 在运行" in second.text()
        assert portal.health() == "ok"

        portal.press_control_c()
        assert portal.code() == 130
        assert processes_using(tmp_path) == []


@pytest.mark.full
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_leave_no_process(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with running_portal(tmp_path) as portal:
        portal.process.send_signal(number)
        assert portal.code() == code
        assert processes_using(tmp_path) == []


@pytest.mark.parametrize(
    "child",
    [
        "worker",
        pytest.param("gunicorn", marks=pytest.mark.full),
        pytest.param("beat", marks=pytest.mark.full),
    ],
)
def test_the_death_of_one_part_ends_all(tmp_path: Path, child: str) -> None:
    with running_portal(tmp_path) as portal:
        os.kill(portal.child(child), signal.SIGKILL)
        assert portal.code() == 128 + signal.SIGKILL
        assert "停止了，其余部分一并关闭" in portal.text()
        assert processes_using(tmp_path) == []


def test_nothing_outlives_a_killed_script(tmp_path: Path) -> None:
    with running_portal(tmp_path) as portal:
        portal.process.kill()
        wait_until(lambda: processes_using(tmp_path) == [], seconds=20)


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with running_portal(folders[0]) as portal:
        late = Portal(folders[1], port=portal.port)
        assert late.code() == 1
        assert (
            late.text()
            == f"✗ 端口 {portal.port} 已被占用。请换一个，例如：PORT={portal.port + 1} ./dev run\n"
        )
        assert not (folders[1] / "portal.sqlite3").exists()
