"""Two people with one leave at the same moment, on PostgreSQL: SQLite lets one writer in at a time."""

from datetime import UTC, date, datetime

import pytest

from branches.rules import Role
from notices.models import Message
from reminders.actions.stand_ins import StandInRefused, arrange_stand_in, change_stand_in, end_stand_in
from reminders.models import StandIn
from tests.branches.test_at_once import first_then, outcome
from tests.factories.branches import make_holder, make_post, make_tree, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ON, UNTIL = date(2026, 11, 18), date(2026, 11, 20)
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def test_one_leave_is_arranged_once() -> None:
    _, general, (branch,) = make_tree(1)
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    post = make_post(branch, user=make_user())
    deputies = [make_holder(branch, Role.SECRETARY), make_holder(branch, Role.DEPUTY_SECRETARY)]

    def arrange(n: int) -> object:
        days = {"since": ON, "until": UNTIL}
        return arrange_stand_in(post, deputy=deputies[n], by=staff, on=ON, now=NOW, **days)

    assert outcome(first_then(lambda: arrange(0), lambda: arrange(1))) == [StandIn, StandInRefused]
    assert [row.grant.user for row in StandIn.objects.all()] == deputies[:1]
    assert Message.objects.count() == 2


def test_what_was_taken_back_meanwhile_is_not_changed() -> None:
    _, _, (branch,) = make_tree(1)
    worker, deputy = make_holder(branch), make_holder(branch, Role.SECRETARY)
    later = date(2026, 11, 25)
    days = {"since": UNTIL, "until": UNTIL}
    made = arrange_stand_in(worker.posts.get(), deputy=deputy, by=worker, on=ON, now=NOW, **days)

    results = first_then(
        lambda: end_stand_in(made, by=worker, on=ON, now=NOW),
        lambda: change_stand_in(made, until=later, by=worker, on=ON, now=NOW),
    )
    assert outcome(results) == [type(None), StandInRefused]
    assert StandIn.objects.count() == 0
