"""Judges learn nothing of who wrote: no author, branch or submitter on any page of their journey."""

import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import User
from notices.models import Message
from periods.months import Month
from reminders.actions.refresh import refresh
from reminders.models import ReminderItem
from tests.branches.conftest import signed_in
from tests.factories.branches import make_organisation
from tests.factories.reminders import make_action
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.contest_scene import called, handed_in, judged, person, started
from training.actions.contests import finish_judging, publish_contest
from training.models import Contest, Work

BASE = "/w/training/contests/"
BRANCH, AUTHOR, SUBMITTER = "金丝雀党支部", "雀鸣远", "雀应舟"
CANARIES = (BRANCH, AUTHOR, SUBMITTER)
RULE = {"kind": "event_offset", "anchor": "training_duty", "due_offset": {"days": 0}}


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = make_scene(monkeypatch)
    make_action("training_duty", due_rule=RULE, record_kind="date_only", applies_when=["all"])
    return made


def hits(answer: Any) -> list[str]:
    """Canaries in an answer, its headers included."""
    content = b"".join(answer) if answer.streaming else answer.content
    words = content.decode(errors="ignore") + str(answer.headers)
    if content[:2] == b"PK":
        sheets = load_workbook(io.BytesIO(content)).worksheets
        words += " ".join(
            str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row
        )
    if content[:4] == b"%PDF":
        paper = PdfReader(io.BytesIO(content))
        words += f"{paper.metadata} " + "".join(page.extract_text() for page in paper.pages).replace("\n", "")
    return [name for name in CANARIES if name in words]


def planted(scene: Scene) -> tuple[Contest, Work, Work, list[User]]:
    """Two works of the canaries in judging; three workers and the overseer judge."""
    place = make_organisation(parent=scene.general, name=BRANCH)
    author, submitter = person(place, AUTHOR), person(place, SUBMITTER)
    contest = called(scene)
    works = [
        handed_in(contest, place, submitter, title=title, authors=[author]) for title in ("甲课", "乙课")
    ]
    judges = [*(person(scene.second, f"评委{letter}") for letter in "甲乙"), scene.overseer]
    started(contest, works, judges, scene.staff)
    return contest, works[0], works[1], judges


def journey(contest: Contest, works: tuple[Work, Work], judge: User) -> list[str]:
    here = f"{BASE}{contest.pk}/"
    pages = [BASE, here, f"{here}judging/", f"{BASE}?phase=judging", "/w/notices/"]
    for work in works:
        page = f"{BASE}works/{work.key}/"
        pages += [f"{page}judge/", page, f"{page}edit/", f"{page}screen/", f"{page}withdraw/"]
        pages += [f"/w/search/?q={work.title}", f"/w/search/?q={work.key}", f"{BASE}works/{work.pk}/judge/"]
    pages += [f"{here}{name}/" for name in ("edit", "judges", "applause", "works/add", "cancel")]
    pages += [
        f"/w/notices/{pk}/" for pk in Message.objects.filter(recipient=judge).values_list("pk", flat=True)
    ]
    return [*pages, *(f"/w/ledgers/contests/export.{extension}" for extension in ("xlsx", "pdf"))]


def walked(client: Client, pages: list[str]) -> dict[str, list[str]]:
    found = {page: hits(client.get(page, follow=True)) for page in pages}
    return {page: names for page, names in found.items() if names}


def test_no_judge_meets_a_name(scene: Scene) -> None:
    contest, first, second, judges = planted(scene)
    refresh(Month.of(ON), on=ON)
    for judge in (judges[0], judges[2]):
        client, pages = signed_in(judge), journey(contest, (first, second), judge)
        assert walked(client, pages) == {}
        judged(first, judge)
        assert walked(client, pages) == {}
        refused = client.post(f"{BASE}works/{second.key}/judge/", {"comment": ""})
        assert (refused.status_code, hits(refused)) == (422, [])
    client = signed_in(judges[0])
    item = ReminderItem.objects.get(organisation=scene.second, action__code="training_duty")
    listed = client.get("/w/reminders/")
    assert ("评审：微党课竞赛" in listed.content.decode(), hits(listed)) == (True, [])
    assert walked(client, [f"/w/reminders/items/{item.pk}/", "/w/reminders/?month=2026-11"]) == {}


def test_the_organiser_finds_every_name(scene: Scene) -> None:
    contest, first, _, _ = planted(scene)
    client = signed_in(scene.staff)
    assert hits(client.get(f"{BASE}{contest.pk}/")) == [BRANCH, AUTHOR]
    assert hits(client.get(f"{BASE}works/{first.key}/")) == [BRANCH, AUTHOR]
    assert hits(signed_in(first.submitted_by).get(BASE)) == [SUBMITTER]


def test_works_stand_by_key_and_carry_no_row_number(scene: Scene) -> None:
    contest, first, second, judges = planted(scene)
    page = signed_in(judges[0]).get(f"{BASE}{contest.pk}/judging/").content.decode()
    keys = sorted((first.key, second.key))
    places = [page.index(f"{BASE}works/{key}/judge/") for key in keys]
    assert (places == sorted(places), "2026年11月18日" in page) == (True, False)


@pytest.mark.parametrize("extension", ["xlsx", "pdf"])
def test_once_published_the_awarded_are_named_in_every_form(scene: Scene, extension: str) -> None:
    contest, first, second, judges = planted(scene)
    for work in (first, second):
        for judge in judges:
            judged(work, judge)
    finish_judging(contest, by=scene.staff, on=ON)
    ledger = f"/w/ledgers/contests/export.{extension}?organisation={scene.general.code}&period=2026"
    client = signed_in(scene.staff)
    assert hits(client.get(ledger, follow=True)) == []
    publish_contest(contest, by=scene.staff, on=ON)
    assert hits(client.get(ledger, follow=True)) == [BRANCH, AUTHOR]
