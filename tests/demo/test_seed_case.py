"""The loaded demo is the seed case: its numbers, its dates, its accounts."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from accounts.models import User
from branches.demo import PASSWORD
from branches.models import Member, Membership, Organisation, Post, Term
from branches.rules import MemberStatus, Role
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.database import LoadedDemo

AS_OF = date(2025, 10, 31)


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    """The unshifted case."""
    with loaded_demo(AS_OF):
        yield


def counted(status: MemberStatus, on: date) -> int:
    return Membership.objects.at(on).filter(status=status).count()


@pytest.mark.django_db
@pytest.mark.usefixtures("demo")
class TestCase2025:
    def test_66_full_and_4_probationary_members_in_13_branches(self) -> None:
        assert counted(MemberStatus.FULL, AS_OF) == 66
        assert counted(MemberStatus.PROBATIONARY, AS_OF) == 4
        assert Organisation.objects.branches().count() == 13
        assert Member.objects.count() == 77, "70 members, 2 who left, 5 on their way into the Party"

    @pytest.mark.parametrize(
        ("code", "on", "full"),
        [
            ("BR06", date(2025, 12, 30), 4),
            ("BR06", date(2025, 12, 31), 2),
            ("BR07", date(2025, 11, 29), 3),
            ("BR07", date(2025, 11, 30), 2),
            ("BR08", date(2025, 1, 1), 6),
            ("BR08", date(2025, 6, 29), 6),
            ("BR08", date(2025, 6, 30), 5),
            ("BR08", date(2025, 8, 14), 5),
            ("BR08", date(2025, 8, 15), 4),
            ("BR08", AS_OF, 4),
        ],
    )
    def test_planned_departures_are_dated(self, code: str, on: date, full: int) -> None:
        spans = Membership.objects.at(on).filter(organisation__code=code, status=MemberStatus.FULL)
        assert spans.count() == full

    def test_terms_are_the_case_s_own(self) -> None:
        ends = dict(Term.objects.current().values_list("organisation__code", "ends_on"))
        assert ends["BR11"] == date(2025, 12, 30)
        assert ends["BR09"] == date(2026, 4, 21)
        assert ends["BR01"] == date(2026, 5, 12)

    def test_every_branch_has_one_secretary_and_a_worker_who_is_somebody_else(self) -> None:
        secretaries = dict(
            Post.objects.filter(role=Role.SECRETARY).values_list("organisation__code", "member__code")
        )
        workers = dict(
            Post.objects.filter(role=Role.WORKER).values_list("organisation__code", "member__code")
        )
        assert len(secretaries) == len(workers) == 13
        assert [code for code in workers if workers[code] == secretaries[code]] == []

    def test_accounts_of_every_role_with_the_demo_password(self) -> None:
        names = set(User.objects.values_list("username", flat=True))
        numbers = [f"{n:02}" for n in range(1, 14)]
        assert names == {
            "admin",
            "committee",
            "staff",
            *(f"secretary{n}" for n in numbers),
            *(f"worker{n}" for n in numbers),
            *(f"box{n}" for n in range(1, 5)),
        }
        assert User.objects.get(username="worker03").check_password(PASSWORD)

    def test_history_holds_done_late_and_open_items(self) -> None:
        states = set(ReminderItem.objects.values_list("state", flat=True))
        assert {ItemState.DONE, ItemState.OPEN} <= states
        assert ReminderItem.objects.overdue(on=AS_OF).exists()
        late = ReminderItem.objects.filter(state=ItemState.DONE, done_on__gt=F("due_on"))
        assert late.exists()

    def test_no_record_lies_in_the_future(self) -> None:
        assert not ReminderItem.objects.filter(done_on__gt=AS_OF).exists()

    def test_it_refuses_a_database_with_data(self) -> None:
        with pytest.raises(CommandError, match="已有数据"):
            call_command("load_demo", verbosity=0)
        assert Member.objects.count() == 77

    def test_the_general_branch_s_own_items_are_its_staff_s(self) -> None:
        items = ReminderItem.objects.filter(organisation__code="DZ01")
        assert set(items.values_list("responsible_name", flat=True)) == {"总支党务干部"}
