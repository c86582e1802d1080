"""What a branch writes down is read by nobody beside it: marks planted in one branch, searched everywhere.

Each kind of text gets a mark of its own, so that a hit says which field went where. People of another branch
and of another general branch then walk through all they are led to, and ask for every address with the
numbers of the marked branch: pages, fragments, workbooks, papers, searches and refusals. What reaches people
by itself is read too: calendar links, messages, mails, and the files of long work.
"""

from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from branches.models import Organisation
from reminders.models import ActionVersion, ReminderItem
from tests.hardening.canaries import (
    NOT_PLANTED,
    OF_BRANCH,
    OF_OFFICE,
    PERSONAL,
    SHARED,
    fields_of,
    marks,
    plant,
    texts,
)
from tests.hardening.canary_rows import give_rows
from tests.hardening.reaching import (
    feed_of,
    file_of_job,
    give_addresses,
    mailed,
    outsiders,
    search_files,
    told,
    work_through_the_night,
)
from tests.hardening.searching import FRAGMENT, Search, is_ledger, pages_of, read
from tests.hardening.walking import client_of, real_addresses, sent, walked

# Their rows in the demo are in a state in which no page says them, or stand on a form alone.
SELDOM = {
    "branches.DevelopmentStep.correction_reason": "of a corrected step",
    "branches.MemberEvent.correction_reason": "of a corrected event",
    "branches.OrganisationEvent.correction_reason": "of a corrected event",
    "burden.PlannedVisit.reason": "of a cancelled visit",
    "burden.VisitRevision.why": "of a changed visit",
    "errorbank.Proposal.reason": "of a dismissed proposal",
    "incentives.LevelFact.taken_back_for": "of what does not count any more",
    "records.Attendance.reason": "in the form of a record that may still be changed",
    "records.Vote.matter": "in the form of a record that may still be changed",
    "reminders.Handover.reason": "of a cancelled handover",
    "training.Judgement.comment": "for the authors, once the contest is published",
    "training.OutputVersion.answer": "of a returned one",
    "training.Session.reason": "of a cancelled session",
    "training.Work.screen_note": "of a returned work",
}
Walks = dict[str, tuple[Search, dict[str, str]]]
# Of oneself, which nobody is led to who has nothing there.
OWN_PAGES = ("/w/incentives/levels/",)


@pytest.fixture
def known(people: dict[str, User | None]) -> dict[str, User]:
    """Those who may sign in."""
    return {name: user for name, user in people.items() if user}


@pytest.fixture
def branch(known: dict[str, User]) -> Organisation:
    """With a mark in every text of its own and of its general branch."""
    found = Organisation.objects.select_related("parent").get(code="BR02")
    assert found.parent
    give_rows(found, staff=known["staff"])
    planted = plant(OF_BRANCH, found) | plant(OF_OFFICE, found.parent)
    assert set(marks().values()) - planted == set()
    return found


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="module")
def walks() -> Walks:
    """What was walked once: every test finds the same rows under the same numbers."""
    return {}


@pytest.fixture
def owners(known: dict[str, User]) -> list[User]:
    return [known["beside_secretary"], known["staff"]]


def test_every_text_has_a_mark_or_a_reason() -> None:
    found, marked = set(texts()), set(marks().values())
    assert found - marked - NOT_PLANTED.keys() == set()
    assert (marked | NOT_PLANTED.keys()) - found == marked & NOT_PLANTED.keys() == set()
    assert SHARED.keys() <= marked
    assert len(marks()) == len(marked)
    assert all({**NOT_PLANTED, **PERSONAL, **SELDOM, **SHARED}.values())


@pytest.mark.django_db
def test_those_it_belongs_to_read_their_marks(branch: Organisation, owners: list[User], walks: Walks) -> None:
    """Else the search would prove nothing."""
    look, _ = walk_of(owners, walks)
    for user in [*owners, User.objects.get(username="worker02")]:
        client = client_of(user)
        for address in [*pages_of(branch), *OWN_PAGES]:
            look(address, sent(client, "get", address))
    assert set(fields_of(OF_BRANCH)) - look.found.keys() == SELDOM.keys()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "viewer",
    [
        "own_worker",
        pytest.param("foreign_staff", marks=pytest.mark.full),
        pytest.param("own_secretary", marks=pytest.mark.full),
    ],
)
def test_nobody_beside_it_reads_one(
    viewer: str, known: dict[str, User], branch: Organisation, owners: list[User], walks: Walks
) -> None:
    theirs, reader = real_addresses(owners, walk_of(owners, walks)[1]), known[viewer]
    look = Search()
    found = walked([reader], look, is_ledger)
    look.ask(client_of(reader), theirs, own=found, place=branch)
    assert leaked(look, viewer) == {}


def walk_of(owners: list[User], walks: Walks) -> tuple[Search, dict[str, str]]:
    if "owners" not in walks:
        look = Search()
        walks["owners"] = look, walked(owners, look, is_ledger)
    return walks["owners"]


def leaked(look: Search, viewer: str) -> dict[str, str]:
    """Field → where. What the general branch shares, another one must not read."""
    if viewer.startswith("foreign"):
        return look.found
    hidden = set(fields_of(OF_BRANCH)) - SHARED.keys()
    return {field: where for field, where in look.found.items() if field in hidden}


@pytest.mark.django_db
def test_nothing_comes_by_itself_to_those_beside_it(
    branch: Organisation, owners: list[User], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    beside, outside, left, ours = outsiders(branch), Search(), Search(), Search()
    give_addresses([*beside, *owners], settings)
    work_through_the_night(monkeypatch)
    for user in beside:
        outside.words(f"feed of {user.username}", feed_of(user))
        outside.words(f"messages of {user.username}", told(user))
    for words in (mails := mailed()):
        left.words("mail", words)
    for user in owners:
        ours.words("feed", feed_of(user))
        ours.words("messages", told(user))
    assert (leaked(outside, "beside"), leaked(left, "beside")) == ({}, {})
    assert (len(beside) > 20, len(mails) > 5) == (True, True)
    # The same places hold the marks of those whose they are.
    assert "reminders.ReminderItem.subject_name" in ours.found


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.parametrize("viewer", ["own_worker", "own_secretary", "foreign_staff"])
def test_no_file_of_those_beside_it_holds_one(
    viewer: str, known: dict[str, User], branch: Organisation
) -> None:
    look = Search()
    search_files(look, client_of(known[viewer]), known[viewer])
    assert leaked(look, viewer) == {}
    assert look.read > 20


@pytest.mark.full
@pytest.mark.django_db
def test_papers_of_those_it_belongs_to_hold_what_their_workbooks_hold(
    known: dict[str, User], branch: Organisation
) -> None:
    papers, books, client = Search(), Search(), client_of(known["staff"])
    search_files(papers, client, known["staff"], ["pdf"])
    search_files(books, client, known["staff"], ["xlsx"])
    assert books.found.keys() - papers.found.keys() == set()
    assert len(papers.found) > 20


@pytest.mark.django_db
def test_a_leak_is_found_wherever_it_is(
    known: dict[str, User], branch: Organisation, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """A text of the marked branch stands in the name of what another has on its list."""
    reader, field = known["own_worker"], "reminders.ReminderItem.subject_name"
    mark = next(mark for mark, of in marks().items() if of == field)
    items = ReminderItem.objects.filter(organisation__code="BR01").unsettled()
    assert ActionVersion.objects.filter(items__in=items, organisation=None).update(name=mark)
    give_addresses([reader], settings)
    work_through_the_night(monkeypatch)
    client, month = client_of(reader), reverse("reminders:month_list")
    file = reverse("ledgers:ledger_export", args=["reminders", "xlsx"])
    places = {
        "mail": str(mailed()),
        "page": read(sent(client, "get", month).whole),
        "fragment": read(sent(client, "get", month, FRAGMENT).whole),
        "refusal": read(sent(client, "post", reverse("reminders:item_close", args=[items[0].pk])).whole),
        "workbook": read(sent(client, "get", file).whole),
        "paper": read(sent(client, "get", file.replace("xlsx", "pdf")).whole),
        "job": read(file_of_job(client, "reminders", "xlsx")),
        "feed": feed_of(reader),
        "messages": told(reader),
    }
    missed = set()
    for place, words in places.items():
        look = Search()
        look.words(place, words)
        if leaked(look, "own_worker") != {field: place}:
            missed.add(place)
    assert missed == set()
