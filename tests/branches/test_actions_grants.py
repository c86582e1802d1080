"""Moving the last day of a grant, and taking back one on which leave stands."""

from datetime import date, timedelta

import pytest

from audit.models import AuditEvent
from branches.actions.grants import GrantRefused, end_grant, move_grant_end
from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind
from reminders.models import StandIn
from tests.factories.branches import make_organisation, make_post, make_user

pytestmark = pytest.mark.django_db
ON = date(2028, 2, 28)


def make_grant(since: date = ON, until: date = date(2028, 2, 29), **fields: object) -> AccessGrant:
    given = {"kind": GrantKind.STAND_IN, "reason": "代办", "since": since, "until": until}
    given |= {"user": make_user(), "organisation": make_organisation(), **fields}
    return AccessGrant.objects.create(**given)


def last_day(grant: AccessGrant) -> date:
    grant.refresh_from_db()
    return grant.until


@pytest.mark.parametrize("until", [ON, date(2028, 3, 1), date(2028, 12, 31)])
def test_the_last_day_moves_and_is_written_down(until: date) -> None:
    grant = make_grant()
    move_grant_end(grant, until=until, on=ON, by=None)
    assert last_day(grant) == until
    detail = AuditEvent.objects.get(event="branches.access_end_moved").detail
    assert (detail["old"], detail["new"]) == ("2028-02-29", str(until))


def test_a_grant_ends_neither_before_it_begins_nor_before_today() -> None:
    running, coming = make_grant(since=date(2028, 2, 1)), make_grant(since=date(2028, 2, 29))
    for grant, until in ((running, ON - timedelta(days=1)), (coming, ON)):
        with pytest.raises(GrantRefused, match="结束日期不能早于开始日期，也不能早于今天。"):
            move_grant_end(grant, until=until, on=ON, by=None)
        assert last_day(grant) == date(2028, 2, 29)


def test_not_beyond_the_end_of_the_organisation_and_not_into_the_next_grant() -> None:
    grant = make_grant()
    make_grant(date(2028, 3, 5), date(2028, 3, 9), user=grant.user, organisation=grant.organisation)
    with pytest.raises(GrantRefused, match="此人在这段时间已有同样的授权。"):
        move_grant_end(grant, until=date(2028, 3, 5), on=ON, by=None)
    Organisation.objects.filter(pk=grant.organisation_id).update(dissolved_on=date(2028, 3, 1))
    with pytest.raises(GrantRefused, match="撤销"):
        move_grant_end(grant, until=date(2028, 3, 2), on=ON, by=None)
    move_grant_end(grant, until=date(2028, 3, 1), on=ON, by=None)
    assert last_day(grant) == date(2028, 3, 1)


def test_a_coming_grant_of_arranged_leave_takes_the_leave_along() -> None:
    grant = make_grant(since=date(2028, 2, 29))
    post = make_post(grant.organisation)
    StandIn.objects.create(
        organisation=grant.organisation, absent_post=post, grant=grant, arranged_by=grant.user
    )
    end_grant(grant, on=ON, by=None)
    assert (AccessGrant.objects.count(), StandIn.objects.count()) == (0, 0)
