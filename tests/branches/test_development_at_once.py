"""Two people on one case at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

from datetime import date

import pytest

from branches.actions.development import CaseRefused, close_case
from branches.actions.development_steps import StepData, StepTaken, correct_step, open_case, record_step
from branches.models import DevelopmentCase, Organisation
from branches.rules import CaseState, MemberStatus
from tests.branches.test_at_once import first_then, outcome
from tests.factories.branches import make_member, make_tree
from tests.factories.development import TODAY, make_case

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TALK = StepData(done_on=date(2023, 3, 20))


@pytest.fixture
def case() -> DevelopmentCase:
    committee, _, (branch, *_) = make_tree()
    Organisation.objects.filter(pk=committee.pk).update(approves_members=True)
    return make_case(branch, upto=1, committee=committee, people=[make_member(branch), make_member(branch)])


def test_a_step_recorded_by_two_is_there_once(case: DevelopmentCase) -> None:
    def work() -> object:
        return record_step(case, 2, TALK, by=None, on=TODAY)

    results = first_then(work, work)
    assert [type(results[0]).__name__, type(results[1])] == ["DevelopmentStep", StepTaken]
    assert case.steps.filter(number=2).count() == 1
    assert case.member.events.filter(kind="talked").count() == 1


def test_nothing_is_recorded_in_a_case_that_another_closes(case: DevelopmentCase) -> None:
    def close() -> object:
        return close_case(case, state=CaseState.DISCONTINUED, on=TODAY, note="撤回", by=None)

    results = first_then(close, lambda: record_step(case, 2, TALK, by=None, on=TODAY))
    assert outcome(results) == [DevelopmentCase, CaseRefused]
    assert not case.steps.filter(number=2).exists()


def test_a_step_is_corrected_once(case: DevelopmentCase) -> None:
    step = case.steps.get()

    def work() -> object:
        return correct_step(
            step, reason="抄错", replacement=StepData(done_on=date(2023, 2, 27)), by=None, on=TODAY
        )

    assert outcome(first_then(work, work))[1] is CaseRefused
    assert case.steps.filter(corrected_at=None).count() == 1


def test_one_person_has_one_open_case() -> None:
    _, _, (branch, *_) = make_tree()
    member = make_member(branch, status=MemberStatus.APPLICANT, since=date(2026, 11, 2))

    def work() -> object:
        return open_case(member, applied_on=date(2026, 11, 2), by=None, on=TODAY)

    assert outcome(first_then(work, work)) == [DevelopmentCase, CaseRefused]
    assert DevelopmentCase.objects.count() == 1
