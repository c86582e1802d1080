"""The shipped catalogue in the database."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from branches.models import Organisation
from reminders.actions.catalogue_load import CATALOGUE, SHIPPED_FROM, LoadResult, load_catalogue
from reminders.models import Action, ActionVersion
from reminders.rules import ActionKind
from tests.factories.branches import make_organisation

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 2)


def changed_file(folder: Path, **fields: Any) -> Path:
    """The shipped file with other fields in its first action."""
    data = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    data["actions"][0] |= fields
    path = folder / "catalogue.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return path


def test_loads_every_action_with_one_version() -> None:
    assert load_catalogue(on=TODAY) == LoadResult(added=63, updated=0, unchanged=0)
    assert Action.objects.filter(kind=ActionKind.STATUTORY, organisation=None).count() == 63
    assert ActionVersion.objects.filter(organisation=None, valid_from=SHIPPED_FROM).count() == 63


def test_keeps_what_the_file_says() -> None:
    load_catalogue(on=TODAY)
    version = ActionVersion.objects.get(action__code="democratic_appraisal")
    shown = {
        "name": version.name,
        "category": version.category,
        "minutes": version.minutes,
        "record_kind": version.record_kind,
        "default_adopted": version.default_adopted,
        "marks": [basis["verification"] for basis in version.legal_basis],
        "verified": version.is_verified,
        "window": (version.due_rule["start"], version.due_rule["end"]),
    }
    assert shown == {
        "name": "民主评议党员",
        "category": "appraisal",
        "minutes": 60,
        "record_kind": "meeting",
        "default_adopted": True,
        "marks": ["text_only", "full", "secondary"],
        "verified": False,
        "window": ("10-01", "12-31"),
    }


def test_marks_sensitive_actions() -> None:
    load_catalogue(on=TODAY)
    codes = ActionVersion.objects.filter(sensitive=True).values_list("action__code", flat=True)
    assert sorted(codes) == [
        "committee_review_pre_review",
        "discipline_reminder_talk",
        "ideology_analysis",
        "member_thought_analysis",
        "political_review",
        "secretary_debriefing",
    ]


def test_loading_twice_changes_nothing() -> None:
    load_catalogue(on=TODAY)
    make_organisation(facts_changed=False)
    assert load_catalogue(on=date(2027, 1, 1)) == LoadResult(added=0, updated=0, unchanged=63)
    assert ActionVersion.objects.count() == 63
    assert not Organisation.objects.stale().exists()


def test_a_changed_file_adds_a_version_and_keeps_the_old_one(tmp_path: Path) -> None:
    load_catalogue(on=TODAY)
    make_organisation(facts_changed=False)
    result = load_catalogue(on=date(2027, 1, 1), path=changed_file(tmp_path, minutes=75))
    assert result == LoadResult(added=0, updated=1, unchanged=62)
    versions = ActionVersion.objects.filter(action__code="branch_general_meeting").order_by("valid_from")
    assert list(versions.values_list("valid_from", "minutes", "change_note")) == [
        (SHIPPED_FROM, 60, ""),
        (date(2027, 1, 1), 75, "随程序更新"),
    ]
    assert Organisation.objects.stale().count() == 1


def test_a_second_change_on_one_day_begins_a_day_later(tmp_path: Path) -> None:
    load_catalogue(on=TODAY)
    load_catalogue(on=TODAY, path=changed_file(tmp_path, minutes=75))
    load_catalogue(on=TODAY, path=changed_file(tmp_path, minutes=80))
    versions = ActionVersion.objects.filter(action__code="branch_general_meeting").order_by("valid_from")
    assert list(versions.values_list("valid_from", "minutes")) == [
        (SHIPPED_FROM, 60),
        (TODAY, 75),
        (date(2026, 11, 3), 80),
    ]


def test_an_action_new_in_the_file_is_valid_from_that_day(tmp_path: Path) -> None:
    load_catalogue(on=TODAY)
    later = load_catalogue(on=date(2027, 1, 1), path=changed_file(tmp_path, code="brand_new"))
    assert later == LoadResult(added=1, updated=0, unchanged=62)
    assert ActionVersion.objects.get(action__code="brand_new").valid_from == date(2027, 1, 1)


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue")
    assert capsys.readouterr().out == "规定动作库：新增 63 项，更新 0 项，未变 0 项。\n"
