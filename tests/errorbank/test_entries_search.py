"""Looking for entries: the same answers on every database."""

import pytest

from errorbank.models import ErrorEntry
from errorbank.queries.entries import EntryFilter
from errorbank.rules import ErrorCategory, Severity
from tests.factories.errorbank import make_entry

TABLE = [
    ("票数", ["A1"]),
    ("会议 票数", ["A1"]),
    ("票数　会议", ["A1"]),  # a wide blank
    ("会议 学时", []),
    ("学时", ["A2", "A3"]),
    ("app", ["A2"]),
    ("ＡＰＰ", ["A2"]),  # wide letters
    ("50%", ["A3"]),
    ("5%", []),
    ("%", ["A3"]),
    ("_", ["A4"]),
    ("\\", ["A4"]),
    ("a4", ["A4"]),
    ("'; drop", []),
    ("", ["A1", "A2", "A3", "A4"]),
    ("   ", ["A1", "A2", "A3", "A4"]),
]


def fill() -> None:
    make_entry("A1", problem="会议记录没有票数", why_wrong="无法核实")
    make_entry("A2", problem="学时只看APP积分", why_wrong="排名", category=ErrorCategory.DUES)
    make_entry("A3", problem="学时完成50％", why_wrong="不足", severity=Severity.SERIOUS)
    make_entry("A4", problem="写成a_b\\c", why_wrong="无", examples_reviewed=True)


def found(question: str) -> list[str]:
    rows = EntryFilter.read({"q": question}).narrow(ErrorEntry.objects.in_use())
    return list(rows.order_by("code").values_list("code", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(("question", "codes"), TABLE)
def test_every_word_must_be_found(question: str, codes: list[str]) -> None:
    fill()
    assert found(question) == codes


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_same_answers_on_postgresql() -> None:
    fill()
    assert [(question, found(question)) for question, _ in TABLE] == TABLE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"category": "dues"}, ["A2"]),
        ({"severity": "serious"}, ["A3"]),
        ({"examples": "unreviewed"}, ["A1", "A2", "A3"]),
        ({"action": "party_lecture"}, ["A5"]),
        ({"scope": "own"}, []),
        ({"scope": "shipped", "q": "学时"}, ["A2", "A3"]),
        ({"source": "rotation"}, []),
        ({"category": "nonsense", "scope": "x"}, ["A1", "A2", "A3", "A4", "A5"]),
    ],
)
def test_filters(asked: dict[str, str], codes: list[str]) -> None:
    fill()
    make_entry("A5", action_codes=["party_lecture"], examples_reviewed=True)
    rows = EntryFilter.read(asked).narrow(ErrorEntry.objects.in_use())
    assert sorted(rows.values_list("code", flat=True)) == codes
