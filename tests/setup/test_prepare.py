"""`manage.py prepare`: what stands between an installed machine and a started portal."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

import branches.demo
from partyaffairs.checks import DEMO_PASSWORD, DEMO_USERNAMES, demo_account_names
from partyaffairs.management.commands.prepare import static_fingerprint
from reminders.actions.catalogue_load import CATALOGUE
from reminders.models import Action, ActionVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def static_folder(tmp_path: Path, settings: Any) -> Path:
    settings.STATIC_ROOT = tmp_path / "collected"
    return tmp_path / "collected"


def test_static_files_are_collected_once_and_again_after_a_change(static_folder: Path) -> None:
    call_command("prepare")
    stamp = static_folder / ".collected"
    first = stamp.stat().st_mtime_ns
    assert stamp.read_text() == static_fingerprint()

    call_command("prepare")
    assert stamp.stat().st_mtime_ns == first

    stamp.write_text("an older state of the sources")
    stale = static_folder / "left-over.css"
    stale.write_text("")
    call_command("prepare")
    assert stamp.read_text() == static_fingerprint()
    assert not stale.exists()


def test_the_demo_goes_into_an_empty_database_only(static_folder: Path, tmp_path: Path) -> None:
    get_user_model().objects.create_user("first", password="x-Tulip-2026")
    note = tmp_path / "note"
    call_command("prepare", demo="yes", note=note)
    assert list(get_user_model().objects.values_list("username", flat=True)) == ["first"]
    assert note.read_text() == ""


def test_the_demo_is_noted_and_its_accounts_are_the_ones_we_refuse_in_production(
    static_folder: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    call_command("prepare", demo="yes", note=note)
    assert note.read_text() == "demo\n"
    assert branches.demo.PASSWORD == DEMO_PASSWORD
    assert set(get_user_model().objects.values_list("username", flat=True)) == set(DEMO_USERNAMES)
    assert demo_account_names() == sorted(DEMO_USERNAMES)


def test_an_organisation_that_starts_without_the_demo_finds_the_catalogue(static_folder: Path) -> None:
    call_command("prepare")
    shipped = ActionVersion.objects.filter(organisation=None).count()
    assert shipped == Action.objects.count() == len(yaml.safe_load(CATALOGUE.read_text("utf-8"))["actions"])
    call_command("prepare")
    assert ActionVersion.objects.count() == shipped


def test_production_takes_no_demo(static_folder: Path, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match=r"^生产模式不装演示数据。$"):
        call_command("prepare", demo="yes")
    assert not get_user_model().objects.exists()
