"""Which actions hold where: adoption, local versions, the nearest decides."""

from datetime import date

import pytest

from branches.models import Organisation
from branches.rules import OrganisationKind
from periods.months import Month
from reminders.actions.refresh import refresh
from reminders.models import Action, Adoption, ReminderItem
from reminders.queries.effective import Standing, effective_catalogue
from tests.factories.branches import make_organisation
from tests.factories.reminders import make_action, make_version

pytestmark = pytest.mark.django_db
MAY = Month(2026, 5)


@pytest.fixture
def tree() -> dict[str, Organisation]:
    root = make_organisation("ROOT", kind=OrganisationKind.COMMITTEE)
    one = make_organisation("G1", kind=OrganisationKind.GENERAL_BRANCH, parent=root)
    two = make_organisation("G2", kind=OrganisationKind.GENERAL_BRANCH, parent=root)
    branches = {code: make_organisation(code, parent=up) for code, up in (("A", one), ("B", one), ("C", two))}
    return {"ROOT": root, "G1": one, "G2": two, **branches}


def adopt(action: Action, organisation: Organisation, on: date, adopted: bool = True) -> None:
    Adoption.objects.create(action=action, organisation=organisation, valid_from=on, adopted=adopted)


def standing(organisation: Organisation | None, on: date = date(2026, 5, 1)) -> dict[str, tuple[str, int]]:
    found = effective_catalogue(organisation, on)
    return {each.code: (each.standing.value, each.version.minutes) for each in found}


def demanded() -> list[tuple[str, str]]:
    rows = ReminderItem.objects.values_list("organisation__code", "action__code")
    return sorted(rows)


def test_without_decisions_the_shipped_default_holds(tree: dict[str, Organisation]) -> None:
    make_action("yes", minutes=10)
    make_action("maybe", minutes=20, default_adopted=False)
    expected = {"yes": ("adopted", 10), "maybe": ("suggested", 20)}
    assert standing(None) == expected
    assert standing(tree["A"]) == expected


def test_the_nearest_decision_wins(tree: dict[str, Organisation]) -> None:
    action = make_action("maybe", minutes=20, default_adopted=False)
    adopt(action, tree["ROOT"], date(2026, 1, 1))
    adopt(action, tree["G1"], date(2026, 1, 1), adopted=False)
    adopt(action, tree["A"], date(2026, 2, 1))
    shown = {code: standing(place)["maybe"][0] for code, place in tree.items()}
    assert shown == {
        "ROOT": "adopted",
        "G1": "off",
        "G2": "adopted",
        "A": "adopted",
        "B": "off",
        "C": "adopted",
    }
    (each,) = effective_catalogue(tree["B"], date(2026, 5, 1))
    assert (each.standing, each.decided_by, each.versioned_by) == (Standing.OFF, tree["G1"], None)


def test_the_latest_decision_up_to_the_day_wins(tree: dict[str, Organisation]) -> None:
    action = make_action("maybe", default_adopted=False)
    adopt(action, tree["G1"], date(2026, 3, 1))
    adopt(action, tree["G1"], date(2026, 6, 1), adopted=False)
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)]
    shown = [standing(tree["A"], day)["maybe"][0] for day in days]
    assert shown == ["suggested", "adopted", "adopted", "off"]


def test_a_local_version_holds_below_its_organisation_only(tree: dict[str, Organisation]) -> None:
    action = make_action("yes", minutes=10)
    make_version(action, organisation=tree["G1"], valid_from=date(2026, 3, 1), minutes=30)
    shown = {code: standing(place)["yes"][1] for code, place in tree.items()}
    assert shown == {"ROOT": 10, "G1": 30, "G2": 10, "A": 30, "B": 30, "C": 10}


def test_an_own_action_exists_only_at_home(tree: dict[str, Organisation]) -> None:
    make_action("ours", organisation=tree["G1"])
    assert [code for code, place in tree.items() if "ours" in standing(place)] == ["G1", "A", "B"]


def test_adoption_by_one_general_branch_does_not_touch_another(tree: dict[str, Organisation]) -> None:
    action = make_action("maybe", default_adopted=False)
    adopt(action, tree["G1"], date(2026, 1, 1))
    refresh(MAY, on=MAY.first)
    assert demanded() == [("A", "maybe"), ("B", "maybe")]


def test_switched_off_for_one_branch(tree: dict[str, Organisation]) -> None:
    action = make_action("yes")
    adopt(action, tree["A"], date(2026, 1, 1), adopted=False)
    refresh(MAY, on=MAY.first)
    assert demanded() == [("B", "yes"), ("C", "yes")]


def test_an_adoption_that_begins_in_mid_month_waits_for_its_day(tree: dict[str, Organisation]) -> None:
    action = make_action("maybe", default_adopted=False)
    adopt(action, tree["G1"], date(2026, 5, 15))
    made = [refresh(MAY, on=date(2026, 5, day)).created for day in (1, 14, 15)]
    assert made == [0, 0, 2]


def test_a_window_that_opens_after_the_adoption_is_made_with_the_month(tree: dict[str, Organisation]) -> None:
    rule = {"kind": "yearly_window", "start": "05-20", "end": "06-30"}
    action = make_action("maybe", default_adopted=False, due_rule=rule)
    adopt(action, tree["G1"], date(2026, 5, 15))
    assert refresh(MAY, on=MAY.first).created == 2


def test_an_own_action_is_demanded_below_its_organisation(tree: dict[str, Organisation]) -> None:
    make_action("ours", organisation=tree["G2"])
    refresh(MAY, on=MAY.first)
    assert demanded() == [("C", "ours")]
