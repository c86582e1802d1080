"""Two people at the same moment, on PostgreSQL: one vote, one award, one notice, numbers without a gap."""

import pytest

from accounts.models import User
from branches.rules import Role
from incentives.actions.honours import award, check_case, enter_vote, propose
from incentives.actions.public_notices import settle_notices
from incentives.models import HonourCase, PublicNotice
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import CaseState
from tests.branches.test_at_once import first_then, outcome
from tests.factories.branches import make_holder
from tests.incentives.honour_scene import AFTER, PASSES, called, posted, proposed, secretary
from tests.reminders.scene import ON, Scene, make_scene

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def second_staff(scene: Scene) -> User:
    return make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)


def test_a_vote_is_entered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    case = check_case(proposed(scene), by=scene.staff, on=ON)
    other = second_staff(scene)
    results = first_then(
        lambda: enter_vote(case, vote=PASSES, held_on=ON, by=scene.staff, on=ON),
        lambda: enter_vote(case, vote=PASSES, held_on=ON, by=other, on=ON),
    )
    assert outcome(results) == [HonourCase, IncentiveRefused]
    assert PublicNotice.objects.count() == 1


def test_an_award_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    case, _ = posted(scene)
    settle_notices(AFTER)
    other = second_staff(scene)
    results = first_then(
        lambda: award(case, by=scene.staff, on=AFTER), lambda: award(case, by=other, on=AFTER)
    )
    assert outcome(results) == [HonourCase, IncentiveRefused]
    case.refresh_from_db()
    assert (case.state, case.number, case.ended_by) == (CaseState.AWARDED, "2026-001", scene.staff)


def test_two_awards_at_once_have_two_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    one, two = (
        posted(scene, proposed(scene, call=called(scene, code)))[0]
        for code in ("member_model_post", "best_practice_case")
    )
    settle_notices(AFTER)
    results = first_then(
        lambda: award(one, by=scene.staff, on=AFTER), lambda: award(two, by=scene.staff, on=AFTER)
    )
    assert outcome(results) == [HonourCase, HonourCase]
    numbers = HonourCase.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == ["2026-001", "2026-002"]


def test_the_same_person_is_proposed_once_and_the_cap_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    call, by = called(scene, "best_practice_case"), secretary(scene)
    assert outcome(first_then(lambda: proposed(scene, call=call), lambda: proposed(scene, call=call))) == [
        HonourCase,
        IncentiveRefused,
    ]
    people = [make_holder(scene.first) for _ in range(2)]

    def name(person: User) -> HonourCase:
        return propose(call, nominee=person, place=scene.first, reason="好", by=by, on=ON)

    results = first_then(lambda: name(people[0]), lambda: name(people[1]))
    assert outcome(results) == [HonourCase, IncentiveRefused]


def test_a_notice_ends_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene(monkeypatch)
    posted(scene)
    assert first_then(lambda: settle_notices(AFTER), lambda: settle_notices(AFTER)) == [1, 0]
