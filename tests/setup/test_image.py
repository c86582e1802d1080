"""The image holds what the program needs: made as .dockerignore says, and the portal runs in it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT
from tests.setup.portal import clean_environment

KEPT_OUT = ["deploy/secrets", "**/__pycache__"]


def let_in() -> list[str]:
    first, *lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    # Nothing but what is named: a new folder, or one with data, is never carried along by mistake.
    assert first == "*"
    assert [line for line in lines if not line.startswith("!")] == KEPT_OUT
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder /app of the image."""
    app = tmp_path / "app"
    app.mkdir()
    for name in let_in():
        found = ROOT / name
        if found.is_dir():
            shutil.copytree(found, app / name, ignore=shutil.ignore_patterns("secrets", "__pycache__"))
        else:
            shutil.copy(found, app / name)
    return app


def run(image: Path, *command: str) -> subprocess.CompletedProcess[str]:
    var = image.parent / "var"
    return subprocess.run(
        [sys.executable, *command],
        cwd=image,
        env=clean_environment(VAR_DIR=str(var), STATIC_ROOT=str(var / "static")),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_portal_is_whole_in_the_image(image: Path) -> None:
    """As the Dockerfile collects, deploy/start sets up, and an administrator asks what it is made of."""
    for command in (
        ["manage.py", "collectstatic", "--no-input", "-v0"],
        ["manage.py", "prepare", "--static", "no", "--demo", "no"],
        ["manage.py", "check"],
        ["manage.py", "sbom"],
        ["-c", "import partyaffairs.celery, partyaffairs.wsgi"],
    ):
        done = run(image, *command)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_an_app_that_is_left_out_is_noticed(image: Path) -> None:
    shutil.rmtree(image / "personal")
    done = run(image, "manage.py", "check")
    assert (done.returncode, "No module named 'personal'" in done.stderr) == (1, True)
