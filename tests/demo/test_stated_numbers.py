"""Every number the case states, recomputed from the rows of the loaded database."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from branches.demo import read_case
from branches.models import (
    ElectionStep,
    Member,
    MemberEvent,
    Membership,
    Organisation,
    OrganisationEvent,
    Post,
)
from branches.queries.elections import election_rows, vacancies_of
from branches.queries.facts import BranchFacts, facts_of
from branches.queries.history import name_on
from branches.rules import (
    PARTY_MEMBER_STATUSES,
    ElectionStepKind,
    EventKind,
    MemberStatus,
    OrganisationEventKind,
    Role,
)
from tests.database import LoadedDemo

AS_OF = date(2025, 10, 31)
YEAR_END = date(2026, 1, 1)
YEAR_START = date(2025, 1, 1)


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    """The unshifted case."""
    with loaded_demo(AS_OF):
        yield


def stated() -> dict[str, int]:
    return {name: row["value"] for name, row in read_case()["stated_numbers"].items()}


def facts() -> dict[str, BranchFacts]:
    rows = facts_of(Organisation.objects.branches(), on=AS_OF)
    return {one.organisation.code: one for one in rows.values()}


def full_on(day: date) -> Counter[str]:
    spans = Membership.objects.at(day).filter(status=MemberStatus.FULL)
    return Counter(spans.values_list("organisation__code", flat=True))


def deputies() -> set[str]:
    held = Post.objects.at(AS_OF).filter(role=Role.DEPUTY_SECRETARY)
    return set(held.values_list("organisation__code", flat=True))


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
class TestStatedNumbers:
    def test_the_whole(self) -> None:
        found = facts()
        assert {
            "full_members": sum(one.full for one in found.values()),
            "probationary_members": sum(one.probationary for one in found.values()),
            "branches": len(found),
        } == {name: stated()[name] for name in ("full_members", "probationary_members", "branches")}

    def test_each_branch_is_as_the_case_says(self) -> None:
        found = facts()
        rows: dict[str, Any] = {row["code"]: row for row in read_case()["branches"]}
        names = ("full_members", "own_department_full_members", "assigned_full_members")
        assert {
            code: (one.full, one.own_department, one.assigned, one.probationary, one.has_committee)
            for code, one in found.items()
        } == {
            code: (*(row[name] for name in names), row["probationary_members"], row["has_committee"])
            for code, row in rows.items()
        }
        assert deputies() == {code for code, row in rows.items() if row["has_deputy_secretary"]}

    def test_stations_that_stand_by_borrowed_members(self) -> None:
        stations = {row["code"] for row in read_case()["branches"] if row["kind"] == "station"}
        nominal = [c for c, one in facts().items() if c in stations and one.own_department < 3 <= one.full]
        assert len(nominal) == stated()["station_branches_own_department_full_lt_3"]

    def test_two_of_four_retire_at_the_end_of_the_year(self) -> None:
        leaving = MemberEvent.objects.standing().filter(kind=EventKind.RETIRED, on__range=(AS_OF, YEAR_END))
        assert leaving.count() == stated()["branch_of_4_retiring"]
        assert facts()["BR06"].members == 4

    def test_one_of_three_is_in_flight(self) -> None:
        flight = MemberEvent.objects.standing().filter(
            kind=EventKind.MOVED_OUT, announced_on__lte=AS_OF, on__gt=AS_OF
        )
        assert flight.count() == stated()["branch_of_3_transferred"]
        assert facts()["BR07"].members == 3

    def test_one_began_the_year_with_six_and_has_less_than_five(self) -> None:
        assert full_on(YEAR_START)["BR08"] == stated()["branch_started_with_6"]
        assert full_on(AS_OF)["BR08"] == 4
        assert "BR08" in deputies()

    def test_two_fall_below_three_and_one_deputy_goes(self) -> None:
        later = full_on(YEAR_END)
        below = [code for code, one in facts().items() if later[code] < 3]
        losing = [code for code in deputies() if later[code] < 5]
        assert below == ["BR06", "BR07"]
        assert len(below) == stated()["branches_about_to_fall_below_3"]
        assert len(losing) == stated()["branches_losing_deputy"]
        assert [code for code, one in facts().items() if one.full < 3] == []


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
class TestHistory:
    def test_recruits_are_no_party_members_and_stand_in_every_stage(self) -> None:
        spans = Membership.objects.at(AS_OF).exclude(status__in=PARTY_MEMBER_STATUSES)
        assert Counter(spans.values_list("status", flat=True)) == {
            MemberStatus.APPLICANT: 1,
            MemberStatus.ACTIVIST: 2,
            MemberStatus.DEVELOPMENT_TARGET: 2,
        }
        names = list(Member.objects.values_list("name", flat=True))
        assert len(set(names)) == len(names)

    def test_the_committee_above_approves_and_nobody_else(self) -> None:
        approving = Organisation.objects.filter(approves_members=True)
        assert list(approving.values_list("code", flat=True)) == ["DW01"]

    def test_every_organisation_with_a_term_has_two_elections_in_its_history(self) -> None:
        elected = OrganisationEvent.objects.standing().filter(kind=OrganisationEventKind.ELECTED)
        counted = Counter(elected.values_list("organisation__code", flat=True))
        assert counted == dict.fromkeys(["DZ01", *facts()], 2)

    def test_chains_that_run_and_results_that_were_filed(self) -> None:
        rows = {r.organisation.code: r for r in election_rows(Organisation.objects.all(), on=AS_OF)}
        begun = {code: row.next_step.kind for code, row in rows.items() if row.near and row.next_step}
        assert begun == {
            "BR11": ElectionStepKind.CANDIDATES,
            "BR09": ElectionStepKind.REQUEST,
            **dict.fromkeys(["BR01", "BR02", "BR03", "BR05"], ElectionStepKind.NOTICE),
        }
        assert [code for code, row in rows.items() if row.filing] == []
        assert ElectionStep.objects.filter(done_on__gt=AS_OF).count() == 0
        assert vacancies_of(Organisation.objects.all(), on=AS_OF) == []

    def test_a_former_name_is_remembered(self) -> None:
        branch = Organisation.objects.get(code="BR13")
        days = (date(2021, 2, 28), date(2021, 3, 1))
        assert [name_on(branch, on=day) for day in days] == ["生产技术科党支部", "烟叶生产技术党支部"]
