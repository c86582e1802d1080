"""Twelve monthly refreshes over the seed case against a table reckoned by hand.

Nothing here calls the product to find out what to expect: the numbers follow from the catalogue's own words
(monthly, quarterly, once a year) and from the people, terms and plans of the case.
"""

from collections import Counter
from datetime import date
from typing import Any

import pytest
import yaml

import branches.demo as seed
from accounts.models import User
from periods.months import Month
from reminders.actions.catalogue_load import load_catalogue
from reminders.actions.refresh import refresh
from reminders.models import ListChange, ReminderItem
from reminders.rules import ChangeKind

pytestmark = pytest.mark.django_db
YEAR = [Month(2026, number) for number in range(1, 13)]

# Every branch, in one year of monthly refreshes.
EVERY_BRANCH = {
    "branch_general_meeting": 4,
    "party_lecture": 4,
    "themed_party_day": 12,
    "dues_collection": 12,
    "organizational_life_meeting": 1,
    "democratic_appraisal": 1,
    "heart_to_heart_talks": 1,
    "member_training_hours": 1,
    "dues_base_verification": 1,
    "annual_work_plan": 1,
    "annual_statistics": 1,
    "member_thought_analysis": 2,
    "care_visits": 2,
    # The windows of the last winter are still open in January, those of the next open before the year ends.
    "dues_disclosure": 2,
    "annual_report_to_members": 2,
    "secretary_debriefing": 2,
    # Every term of the case ends between 2025-12-30 and 2027-04-19: six months ahead falls within the year.
    "branch_election": 1,
}
GENERAL_BRANCH = {"monthly_reminder_update": 12, "online_inspection_rotation": 12}
# Seven or more full members: only here a committee meets.
WITH_COMMITTEE = {"BR09", "BR10", "BR11"}
# One probationary member each: two half-years of education, one application for and one conversion.
WITH_PROBATIONER = {"BR03", "BR10", "BR11", "BR12"}
# Two full members are left after the retirements of 2025-12-31 and the transfer of 2025-11-30.
TOO_SMALL = {"BR06", "BR07"}
# Its secretary retires on 2025-12-31: the office is vacant all year, and there is something to hand over.
WITHOUT_SECRETARY = "BR06"

# People on their way into the Party stand where their papers end, and nothing more is entered all year.
RECRUITS = {
    # A target since 2025-09-18: introducers, review and training are ahead.
    ("BR09", "introducer_appointment"): 1,
    ("BR09", "political_review"): 1,
    ("BR09", "development_target_training"): 1,
    # Activists since 2024-08-20 and 2024-11-15, a year is over; of the half-years three are open in 2026.
    ("BR10", "activist_review"): 3,
    ("BR10", "development_target_determination"): 1,
    ("BR12", "activist_review"): 3,
    ("BR12", "development_target_determination"): 1,
    # An applicant who was talked to, and a trained target without introducers and review.
    ("BR13", "activist_determination"): 1,
    ("BR13", "introducer_appointment"): 1,
    ("BR13", "political_review"): 1,
    ("BR13", "committee_review_pre_review"): 1,
}

ELECTION_DUE = {
    "BR01": date(2026, 5, 12),
    "BR02": date(2026, 5, 12),
    "BR03": date(2026, 5, 12),
    "BR04": date(2027, 3, 8),
    "BR05": date(2026, 5, 12),
    "BR06": date(2026, 11, 17),
    "BR07": date(2026, 11, 17),
    "BR08": date(2027, 3, 8),
    "BR09": date(2026, 4, 21),
    "BR10": date(2027, 4, 19),
    "BR11": date(2025, 12, 30),
    "BR12": date(2027, 3, 15),
    "BR13": date(2026, 11, 24),
}
# One month after the year of probation; 2026-08-01 is a Saturday.
CONVERSION_DUE = {
    "BR03": date(2026, 7, 27),
    "BR10": date(2026, 5, 18),
    "BR11": date(2026, 4, 20),
    "BR12": date(2026, 7, 31),
}


def expected() -> Counter[tuple[str, str]]:
    table = Counter({("DZ01", code): count for code, count in GENERAL_BRANCH.items()} | RECRUITS)
    for number in range(1, 14):
        branch = f"BR{number:02d}"
        table.update({(branch, code): count for code, count in EVERY_BRANCH.items()})
        if branch in WITH_COMMITTEE:
            table[branch, "branch_committee_meeting"] = 12
        if branch in WITH_PROBATIONER:
            table[branch, "probationary_education"] = 2
            table[branch, "probation_conversion"] = 1
            table[branch, "conversion_application"] = 1
        if branch in TOO_SMALL:
            table[branch, "branch_setup_change"] = 1
    del table[WITHOUT_SECRETARY, "secretary_debriefing"]
    table[WITHOUT_SECRETARY, "by_election"] = table[WITHOUT_SECRETARY, "handover"] = 1
    return table


def counted() -> Counter[tuple[str, str]]:
    return Counter(ReminderItem.objects.values_list("organisation__code", "action__code"))


def due(code: str) -> dict[str, Any]:
    return dict(ReminderItem.objects.filter(action__code=code).values_list("organisation__code", "due_on"))


@pytest.fixture
def case() -> dict[str, Any]:
    """The case as it is written, without moving its plans."""
    given: dict[str, Any] = yaml.safe_load(seed.CASE.read_text("utf-8"))
    admin = User.objects.create_superuser("admin", name="管理员")
    seed.load(given, as_of=date(2025, 10, 31), shift=seed.Shift(0), by=admin)
    load_catalogue(on=date(2025, 10, 31))
    return given


def test_the_table_fits_the_case(case: dict[str, Any]) -> None:
    """The sets above are what the file says, counted by name."""
    full = Counter(row["branch"] for row in case["members"] if row["status"] == "full")
    waiting = {row["branch"] for row in case["members"] if row["status"] == "probationary"}
    leaving = Counter(row["branch"] for row in case["members"] if "event" in row)
    assert {branch for branch, count in full.items() if count >= 7} == WITH_COMMITTEE
    assert {branch for branch, count in full.items() if count - leaving[branch] < 3} == TOO_SMALL
    assert waiting == WITH_PROBATIONER
    retiring = {row["branch"] for row in case["members"] if "event" in row and row.get("role") == "secretary"}
    assert retiring == {WITHOUT_SECRETARY}
    ends = {row["code"]: date.fromisoformat(row["last_election_on"]) for row in case["branches"]}
    assert {code: day.replace(year=day.year + 3) for code, day in ends.items()} == ELECTION_DUE


def test_a_year_of_monthly_refreshes(case: dict[str, Any]) -> None:
    made = [refresh(month, on=month.first) for month in YEAR]
    assert counted() == expected()
    assert sum(result.created for result in made) == sum(expected().values())
    assert due("branch_election") == ELECTION_DUE
    assert due("probation_conversion") == CONVERSION_DUE
    again = refresh(YEAR[-1], on=YEAR[-1].first)
    assert (again.created, again.moved, again.withdrawn, again.carried_over) == (0, 0, 0, 0)


def test_every_month_again_creates_nothing(case: dict[str, Any]) -> None:
    for month in YEAR:
        refresh(month, on=month.first)
    last = date(2026, 12, 31)
    assert [refresh(month, on=last).created for month in YEAR] == [0] * 12
    assert counted() == expected()


def test_the_months_made_up_at_once_give_the_same_periods(case: dict[str, Any]) -> None:
    """Made late, the year's list lacks only the handover: nobody waits for it after a year."""
    last = date(2026, 12, 31)
    for month in YEAR:
        refresh(month, on=last)
    wanted = expected()
    del wanted[WITHOUT_SECRETARY, "handover"]
    assert counted() == wanted


def test_the_summer_s_fixed_day_is_let_go_but_no_month_is_lost(case: dict[str, Any]) -> None:
    """Stations keep the 10th; from August to mid-November leaf buying leaves it to the month's end."""
    for month in YEAR:
        refresh(month, on=month.first)
    days = ReminderItem.objects.filter(organisation__code="BR01", action__code="themed_party_day")
    assert list(days.order_by("period").values_list("due_on", flat=True)) == [
        date(2026, 1, 12),
        date(2026, 2, 10),
        date(2026, 3, 10),
        date(2026, 4, 10),
        date(2026, 5, 11),
        date(2026, 6, 10),
        date(2026, 7, 10),
        date(2026, 8, 31),
        date(2026, 9, 30),
        date(2026, 10, 30),
        date(2026, 11, 30),
        date(2026, 12, 10),
    ]


def test_every_item_was_noted_once_as_new(case: dict[str, Any]) -> None:
    for month in YEAR[:3]:
        refresh(month, on=month.first)
    new = Counter(ListChange.objects.filter(kind=ChangeKind.NEW).values_list("item", flat=True))
    assert set(new.values()) == {1}
    assert len(new) == ReminderItem.objects.count()
