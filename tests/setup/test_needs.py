"""What `./dev` says and does when something is missing, on a machine made poorer by its PATH."""

import os
import subprocess
from pathlib import Path

from tests.services import ROOT
from tests.setup.portal import clean_environment

SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/sbin"))


def machine_without(folder: Path, *names: str, **scripts: str) -> str:
    """Return a PATH that has every system command but the named ones, and the given scripts instead."""
    for source in SYSTEM_FOLDERS:
        for program in source.iterdir():
            target = folder / program.name
            if program.name not in {*names, *scripts} and not target.exists():
                target.symlink_to(program)
    for name, text in scripts.items():
        path = folder / name.replace("_", "-")
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return str(folder)


def dev(path: str, var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(VAR_DIR=str(var)) | {"PATH": path}
    return subprocess.run(
        [ROOT / "dev", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_doctor_names_what_is_missing_and_installs_nothing(tmp_path: Path) -> None:
    bin_folder, var = tmp_path / "bin", tmp_path / "var"
    bin_folder.mkdir()
    path = machine_without(bin_folder, "fc-list", "redis-server", apt_get=f"touch {tmp_path}/called")
    answer = dev(path, var, "doctor")
    lines = answer.stdout.splitlines()
    assert answer.returncode == 1
    assert [line for line in lines if "缺系统软件" in line] == [
        "✗ 缺系统软件 fontconfig",
        "✗ 缺系统软件 fonts-noto-cjk",
        "✗ 缺系统软件 redis-server（仅 ./dev test 需要）",
    ]
    assert not (tmp_path / "called").exists()
    assert not var.exists()


def test_without_rights_the_line_for_the_administrator_is_printed(tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    path = machine_without(bin_folder, "fc-list", "sudo", id="echo 1000", apt_get=f"touch {tmp_path}/called")
    answer = dev(path, tmp_path / "var", "run")
    assert answer.returncode == 1
    assert (
        "apt-get update && apt-get install -y --no-install-recommends fontconfig fonts-noto-cjk"
        in answer.stderr
    )
    assert not (tmp_path / "called").exists()


def test_with_sudo_the_reason_comes_before_the_password(tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    calls = tmp_path / "calls"
    path = machine_without(bin_folder, "fc-list", id="echo 1000", sudo=f'echo "$@" >> {calls}; exit 1')
    answer = dev(path, tmp_path / "var", "run")
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[0] == (
        "» 需要装系统软件（字体、排版库等）：fontconfig fonts-noto-cjk。"
        "这一步要管理员权限，可能请您输入密码。"
    )
    assert calls.read_text() == "apt-get -q update\n"


def test_an_unknown_command_shows_the_usage(tmp_path: Path) -> None:
    answer = dev(os.environ["PATH"], tmp_path, "fly")
    assert answer.returncode == 2
    assert "./dev run" in answer.stderr
