"""What a branch writes down is read by nobody beside it: marks planted in one branch, searched everywhere.

Each kind of text gets a mark of its own, so that a hit says which field went where. People of another branch
and of another general branch then walk through all they are led to, and ask for every address with the
numbers of the marked branch: pages, fragments, workbooks, papers, searches and refusals.
"""

import io
import zipfile
from typing import Any

import pytest
from django.apps import apps
from django.db.models import F, Value
from django.db.models.functions import Concat, Left
from django.test import Client
from pypdf import PdfReader

from accounts.models import User
from branches.models import Organisation
from tests.hardening.walking import client_of, name_of, real_addresses, sent, walked

# Model, fields and the way from its row to the branch.
PLANTED = (
    ("branches.Member", "name home_department", "memberships__organisation"),
    ("branches.CoveredUnit", "name", "organisation"),
    ("branches.PartyGroup", "name", "organisation"),
    ("branches.MemberEvent", "note", "organisation"),
    ("branches.OrganisationEvent", "note", "organisation"),
    ("branches.AccessGrant", "reason", "organisation"),
    ("reminders.ReminderItem", "note reason responsible_name subject_name", "organisation"),
    ("reminders.ListChange", "reason", "organisation"),
    ("reminders.OutsideDemand", "name asker", "organisation"),
    ("reminders.Handover", "leaver_name newcomer_name reason", "organisation"),
    ("records.Record", "title place host topics resolutions", "organisation"),
    ("records.Attendance", "reason", "record__organisation"),
    ("records.Vote", "matter", "record__organisation"),
    ("errorbank.Finding", "problem detail measure responsible_name", "organisation"),
    ("errorbank.FindingStep", "text", "finding__organisation"),
    ("errorbank.Proposal", "words reason", "organisation"),
    ("incentives.Nomination", "words evidence", "organisation"),
    ("incentives.Appeal", "words", "organisation"),
    ("incentives.Recommendation", "evidence", "organisation"),
    ("training.Duty", "note", "organisation"),
    ("personal.Correction", "words", "organisation"),
)
# Read by all of the general branch, and why.
SHARED = {
    "reminders.OutsideDemand.name": "the register of demands is open to all who are asked",
    "reminders.OutsideDemand.asker": "the register of demands is open to all who are asked",
    "branches.Member.name": "the names of those who hold posts, lead sessions or wrote what is published",
}
# They stand on pages beyond the two of each kind that a walk opens.
SELDOM = {"branches.AccessGrant.reason", "errorbank.Proposal.reason", "records.Attendance.reason"}
LENGTH = 8
LEDGERS = {"ledgers:ledger_preview", "ledgers:ledger_export"}


def mark_of(number: int) -> str:
    return f"zq{number:03}qz"


def marks() -> dict[str, str]:
    """Mark → model and field."""
    fields = [f"{label}.{field}" for label, names, _ in PLANTED for field in names.split()]
    return {mark_of(number): field for number, field in enumerate(fields)}


def plant(branch: Organisation) -> set[str]:
    """Put each mark before what stands in its field; returns the fields that had a row."""
    found = set[str]()
    by_field = {field: mark for mark, field in marks().items()}
    for label, names, way in PLANTED:
        rows = apps.get_model(label)._base_manager.filter(**{way: branch}).values("pk")
        model = apps.get_model(label)
        for field in names.split():
            longest = model._meta.get_field(field).max_length
            text: Any = Left(F(field), longest - LENGTH) if longest else F(field)
            if model._base_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
                **{field: Concat(Value(by_field[f"{label}.{field}"]), text)}
            ):
                found.add(f"{label}.{field}")
    return found


def words_of(response: Any) -> str:
    """All that can be read in an answer, unpacked."""
    content: bytes = response.whole
    words = f"{response.headers} {content.decode(errors='ignore')}"
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return words + "".join(parts.read(name).decode(errors="ignore") for name in parts.namelist())
    if content[:4] == b"%PDF":
        paper = PdfReader(io.BytesIO(content))
        return words + "".join(page.extract_text() for page in paper.pages).replace("\n", "")
    return words


def is_ledger(address: str) -> bool:
    """Every ledger as page and as workbook; papers hold the same rows, two of them are opened."""
    return name_of(address) in LEDGERS and ".pdf" not in address


class Search:
    """Collects which field's mark stands in which answer."""

    def __init__(self) -> None:
        self.known, self.found, self.read = marks(), dict[str, str](), 0

    def __call__(self, address: str, response: Any) -> None:
        words = words_of(response)
        self.read += 1
        if "zq" in words:
            for mark, field in self.known.items():
                if mark in words:
                    self.found.setdefault(field, address)

    def ask(self, client: Client, addresses: dict[str, str]) -> None:
        for address in addresses.values():
            for method in ("get", "post"):
                self(address, sent(client, method, address))
        # The page says again what was asked for: half a mark is asked for, a whole one would be an answer.
        for half in sorted({mark[:4] for mark in self.known}):
            self(f"search {half}", sent(client, "get", f"/w/search/?q={half}"))


@pytest.fixture
def planted(people: dict[str, User | None]) -> set[str]:
    fields = plant(Organisation.objects.get(code="BR02"))
    assert len(fields) > len(marks()) // 2
    return fields


@pytest.mark.django_db
def test_those_it_belongs_to_read_their_marks(people: dict[str, User | None], planted: set[str]) -> None:
    """Else the search would prove nothing."""
    look = Search()
    walked([user for name in ("beside_secretary", "staff") if (user := people[name])], look, is_ledger)
    assert planted - look.found.keys() == SELDOM


@pytest.mark.django_db
@pytest.mark.parametrize(
    "viewer",
    [
        "own_worker",
        pytest.param("foreign_staff", marks=pytest.mark.full),
        pytest.param("own_secretary", marks=pytest.mark.full),
    ],
)
def test_nobody_beside_it_reads_one(viewer: str, people: dict[str, User | None], planted: set[str]) -> None:
    owners = [user for name in ("beside_secretary", "staff") if (user := people[name])]
    theirs, reader = real_addresses(owners), people[viewer]
    assert reader
    look = Search()
    walked([reader], look, is_ledger)
    look.ask(client_of(reader), theirs)
    leaked = {field: where for field, where in look.found.items() if field not in SHARED}
    assert leaked == {}
