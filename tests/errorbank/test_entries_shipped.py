"""The entries that ship with the portal: whole, and in agreement with the rules of the portal itself."""

import math
import re
from decimal import Decimal
from typing import Any

import pytest
import yaml

from branches.rules.dues import DuesCategory, dues_for
from errorbank.actions.entries_load import ENTRIES, LoadResult, load_entries
from errorbank.forms.wording import TOUCHY
from errorbank.models import EntryAction, EntryVersion, ErrorEntry
from errorbank.rules import ErrorCategory, Severity, Source
from reminders.actions.catalogue_load import CATALOGUE
from tests.factories.branches import make_holder, make_organisation

SHIPPED: list[dict[str, Any]] = yaml.safe_load(ENTRIES.read_text("utf-8"))["entries"]
BY_CODE = {row["code"]: row for row in SHIPPED}
TEXTS = ("problem", "why_wrong", "measure", "recheck_method", "wrong_example", "right_example")


def test_there_are_83_and_each_is_whole() -> None:
    assert [row["code"] for row in SHIPPED] == [f"EB{number:03d}" for number in range(1, 84)]
    assert [(row["code"], name) for row in SHIPPED for name in TEXTS if not row[name].strip()] == []
    assert {row["category"] for row in SHIPPED} == set(ErrorCategory.values)
    assert {row["severity"] for row in SHIPPED} == set(Severity.values)
    assert {row["source"] for row in SHIPPED} - set(Source.values) == set()


def test_each_fits_its_columns_and_names_a_basis() -> None:
    limits = {field.name: getattr(field, "max_length", None) or 0 for field in EntryVersion._meta.fields}
    assert [row["code"] for row in SHIPPED for name in TEXTS if len(row[name]) > limits[name]] == []
    assert [row["code"] for row in SHIPPED if not row["basis"] or not row["actions"]] == []


def test_actions_are_those_of_the_catalogue() -> None:
    codes = {row["code"] for row in yaml.safe_load(CATALOGUE.read_text("utf-8"))["actions"]}
    assert {code for row in SHIPPED for code in row["actions"]} - codes == set()


@pytest.mark.parametrize("row", SHIPPED, ids=list(BY_CODE))
def test_examples_are_invented_and_blame_nobody(row: dict[str, Any]) -> None:
    examples = row["wrong_example"] + row["right_example"]
    assert row["wrong_example"] != row["right_example"]
    assert re.findall(r"[张王李赵刘陈杨黄周吴][某一]|同志[甲乙]|我局|你们|不负责任|愚蠢", examples) == []
    # Words of discipline matters stand in no example but where the rule itself is about the term.
    found = {word for word in TOUCHY if word in examples}
    assert found == ({"处分"} if row["code"] == "EB049" else set())


def _numbers(code: str, name: str) -> list[int]:
    return [int(digits.replace(",", "")) for digits in re.findall(r"\d[\d,]*", BY_CODE[code][name])]


def test_numbers_of_votes_are_over_those_eligible() -> None:
    eligible, present, yes = _numbers("EB055", "wrong_example")
    assert (eligible, present, yes, eligible // 2 + 1) == (12, 9, 6, _numbers("EB055", "right_example")[1])
    assert yes * 2 > present  # what misled them
    assert yes * 2 <= eligible
    all_, came, agreed, against, abstained = _numbers("EB017", "right_example")
    assert (agreed + against + abstained, agreed * 2 > all_) == (came, True)


def test_numbers_of_elections_and_appraisals() -> None:
    voters, came = _numbers("EB008", "wrong_example")
    assert came < math.ceil(voters * 4 / 5) == _numbers("EB008", "right_example")[1] == 12
    posts, candidates, margin = _numbers("EB007", "right_example")
    assert candidates == posts + math.ceil(posts * margin / 100)
    members, best, percent = _numbers("EB029", "wrong_example")
    assert (best * 100 // members, members // 3) == (percent, _numbers("EB029", "right_example")[1])


def test_numbers_of_dues() -> None:
    right = dues_for(DuesCategory.WAGE, Decimal(6000)).due
    assert (right, f"应交 {right:.0f} 元" in BY_CODE["EB038"]["right_example"]) == (Decimal(90), True)
    pieces = 3000 * Decimal("0.005") + 2000 * Decimal("0.01") + 1000 * Decimal("0.015")
    assert f"只交 {pieces:.0f} 元" in BY_CODE["EB038"]["wrong_example"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("EB047", "不少于 5 个工作日"),
        ("EB051", "不少于 3 天或 24 学时"),
        ("EB053", "一个月内"),
        ("EB056", "三个月内"),
        ("EB057", "一个月内"),
        ("EB060", "只能延长一次，半年至一年"),
        ("EB045", "1 至 2 名正式党员"),
        ("EB003", "不超过 5 个单位"),
        ("EB005", "不超过 1 年"),
    ],
)
def test_limits_of_the_rules_stand_in_the_right_example(code: str, words: str) -> None:
    assert words in BY_CODE[code]["right_example"]


def test_rechecks_are_those_of_the_portal() -> None:
    assert "第30、90、180日" in BY_CODE["EB080"]["recheck_method"]


@pytest.mark.django_db
def test_loaded_once_and_not_again() -> None:
    assert load_entries() == LoadResult(added=83, updated=0, unchanged=0, left_alone=0)
    assert load_entries() == LoadResult(added=0, updated=0, unchanged=83, left_alone=0)
    assert (ErrorEntry.objects.in_use().count(), EntryVersion.objects.count()) == (83, 83)
    assert EntryAction.objects.count() == sum(len(set(row["actions"])) for row in SHIPPED)
    assert not EntryVersion.objects.filter(search_text="").exists()


@pytest.mark.django_db
def test_what_people_reworded_stays_theirs() -> None:
    load_entries()
    EntryVersion.objects.filter(entry__code="EB001").update(
        measure="本单位的说法", made_by=make_holder(make_organisation())
    )
    EntryVersion.objects.filter(entry__code="EB002").update(measure="旧的说法")
    assert load_entries() == LoadResult(added=0, updated=1, unchanged=81, left_alone=1)
    assert ErrorEntry.objects.get(code="EB001").published.measure == "本单位的说法"  # type: ignore[union-attr]
    renewed = ErrorEntry.objects.get(code="EB002").published
    assert renewed is not None
    assert (renewed.number, renewed.measure) == (2, BY_CODE["EB002"]["measure"])
