"""The demo's history of the error bank: told in order, every state there, nothing dated ahead."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db.models import F

from errorbank.models import Finding, FindingStep, Inspection, Proposal, Recheck
from errorbank.rules import FindingState, ProposalState, RecheckMode, RecheckState
from notices.models import Message
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.database import LoadedDemo

AS_OF = date(2026, 11, 20)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    with loaded_demo(AS_OF):
        yield


def test_every_state_is_there() -> None:
    assert Counter(Finding.objects.values_list("state", flat=True)) == {
        FindingState.OPEN: 2,
        FindingState.RECTIFYING: 3,
        FindingState.SUBMITTED: 1,
        FindingState.RECHECKING: 11,
        FindingState.CLOSED: 5,
        FindingState.ACCEPTED: 1,
    }
    assert Finding.objects.overdue(on=AS_OF).count() == 2
    assert Finding.objects.filter(self_reported=True).count() == 3


def test_three_inspections_within_eight_months() -> None:
    found = Inspection.objects.filter(findings__isnull=False).distinct().order_by("since")
    assert [(look.title, look.findings.count()) for look in found] == [
        ("上级巡察反馈", 5),
        ("党建工作检查", 7),
        ("季度互查", 6),
    ]
    assert (AS_OF - found[0].since).days == 235
    assert Finding.objects.values("organisation").distinct().count() == 9


def test_two_repeats_are_linked_and_serious() -> None:
    found = Finding.objects.exclude(repeat_of=None).order_by("found_on")
    assert [
        (f.organisation.code, f.severity, f.repeat_of.entry_id == f.entry_id)
        for f in found.select_related("organisation", "repeat_of")
        if f.repeat_of
    ] == [("BR08", "serious", True), ("BR03", "serious", True)]


def test_rechecks_were_passed_failed_and_decided_by_data() -> None:
    states = Counter(Recheck.objects.values_list("mode", "state"))
    sampled = {state: n for (mode, state), n in states.items() if mode == RecheckMode.SAMPLE}
    assert {key: n for key, n in states.items() if key[0] != RecheckMode.SAMPLE} == {
        (RecheckMode.VERIFIER, RecheckState.PASSED): 5,
        (RecheckMode.VERIFIER, RecheckState.FAILED): 1,
        (RecheckMode.VERIFIER, RecheckState.WAITING): 2,
        (RecheckMode.AUTOMATIC, RecheckState.PASSED): 2,
        (RecheckMode.AUTOMATIC, RecheckState.WAITING): 1,
    }
    assert sampled.keys() == {RecheckState.PASSED, RecheckState.NOT_DRAWN, RecheckState.WAITING}


def test_nothing_happens_ahead_and_every_history_is_in_order() -> None:
    assert FindingStep.objects.filter(on__gt=AS_OF).count() == 0
    assert Recheck.objects.filter(done_on__gt=AS_OF).count() == 0
    assert Finding.objects.filter(happened_on__gt=F("found_on")).count() == 0
    for finding in Finding.objects.prefetch_related("steps"):
        days = [step.on for step in sorted(finding.steps.all(), key=lambda step: step.pk)]
        assert days == sorted(days)


def test_messages_bear_the_day_they_tell_of() -> None:
    told = Message.objects.filter(event__startswith="errorbank.finding")
    assert told.filter(made_at__date__gt=AS_OF).count() == 0
    unread = told.filter(read_at=None)
    assert unread.exclude(made_at__date__gt=AS_OF - timedelta(days=14)).count() == 0
    assert unread.count() > 0


def test_what_is_open_stands_in_this_months_lists() -> None:
    waiting = {f"finding:{pk}" for pk in Finding.objects.unfixed().values_list("pk", flat=True)}
    items = ReminderItem.objects.filter(subject__startswith="finding:", state=ItemState.OPEN)
    assert set(items.values_list("subject", flat=True)) == waiting


def test_proposals_wait_and_what_is_followed_elsewhere_is_dismissed() -> None:
    dismissed = Proposal.objects.filter(state=ProposalState.DISMISSED)
    assert set(dismissed.values_list("rule", flat=True)) == {"EB080", "EB082"}
    assert Proposal.objects.open().filter(rule="EB001").count() == 2
