"""Loading the demo: what moves with the calendar, and when it is refused."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from branches.demo import Shift, months_to_shift, read_case
from branches.models import Member, MemberEvent, Membership
from branches.rules import EventKind, MemberStatus, Role
from notices.models import Message
from reminders.models import ReminderItem
from reminders.notice_events import ITEM_SUBJECT, WEEKLY_DIGEST, item_subject
from tests.database import LoadedDemo


def test_plans_move_by_whole_months_and_old_facts_stay() -> None:
    shift = Shift(months_to_shift(read_case(), date(2026, 11, 22)))
    assert shift.months == 13
    assert shift.plan("2025-12-31") == date(2027, 1, 31)
    assert shift.plan("2026-04-18") == date(2027, 5, 18)
    assert shift.plan("2010-12-15") == date(2010, 12, 15)
    assert shift.term("2022-12-30") == (date(2024, 1, 30), date(2027, 1, 30))
    assert shift.term("2020-05-12") == (date(2020, 5, 12), date(2023, 5, 12))


@pytest.fixture(scope="class")
def demo_of_today(loaded_demo: LoadedDemo) -> Iterator[None]:
    with loaded_demo():
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_of_today")
class TestToday:
    def test_current_demo_keeps_joining_dates_and_moves_plans(self) -> None:
        case = read_case()
        joined = {row["id"]: date.fromisoformat(row["joined"]) for row in case["members"] if "joined" in row}
        assert dict(Member.objects.filter(code__in=joined).values_list("code", "joined_on")) == joined
        retired = MemberEvent.objects.filter(kind=EventKind.RETIRED).values_list("on", flat=True)
        assert min(retired) >= date(2025, 12, 31)

    def test_the_shifted_demo_keeps_every_count(self) -> None:
        """Whatever today is: the plans move by whole months, and the numbers stay."""
        spans = Membership.objects.at(timezone.localdate())
        assert Counter(spans.values_list("status", flat=True)) == {
            MemberStatus.FULL: 66,
            MemberStatus.PROBATIONARY: 4,
            MemberStatus.DEVELOPMENT_TARGET: 2,
            MemberStatus.ACTIVIST: 2,
            MemberStatus.APPLICANT: 1,
        }
        begun = read_case()["meta"]["as_of"][:4]
        shift = Shift(months_to_shift(read_case(), timezone.localdate()))
        six = Membership.objects.at(shift.plan(f"{begun}-01-01")).filter(organisation__code="BR08")
        assert six.count() == 6


@pytest.mark.django_db
def test_production_refuses_the_demo() -> None:
    with override_settings(PRODUCTION=True), pytest.raises(CommandError, match="生产模式"):
        call_command("load_demo", verbosity=0)
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_unreadable_day_is_said_and_nothing_is_loaded() -> None:
    with pytest.raises(CommandError, match="无法识别"):
        call_command("load_demo", "--as-of", "2025-13-01", verbosity=0)
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_a_day_outside_the_case_is_refused_in_one_line_and_nothing_is_loaded() -> None:
    today = timezone.localdate()
    for day in (date(2023, 12, 31), today + timedelta(days=1)):
        with pytest.raises(CommandError) as refusal:
            call_command("load_demo", "--as-of", day.isoformat(), verbosity=0)
        assert (
            str(refusal.value) == f"案例日期请填 2024-01-01 至今天（{today}）之间的一天，没有装入任何内容。"
        )
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_the_inbox_of_the_demo_holds_one_digest_of_monday_with_what_is_open() -> None:
    """The day is a past one: on a Monday before the hour of the digest there would be none yet."""
    call_command("load_demo", "--as-of", "2025-12-10", verbosity=0)
    told = Message.objects.filter(event=WEEKLY_DIGEST).select_related("recipient").prefetch_related("lines")
    names = sorted(message.recipient.username for message in told)
    assert names == sorted(set(names))
    late = ReminderItem.objects.unsettled().filter(due_on__lt=date(2025, 12, 8)).values("organisation")
    workers = User.objects.filter(member__posts__role=Role.WORKER, member__posts__organisation__in=late)
    # Others are told of what falls due within the next weeks.
    assert set(workers.values_list("username", flat=True)) - set(names) == set()
    assert {timezone.localtime(message.made_at).strftime("%Y-%m-%d %H:%M") for message in told} == {
        "2025-12-08 09:00"
    }
    assert sorted(m.recipient.username for m in told if m.read_at is None) == ["staff", "worker01"]
    assert [message for message in told if not message.lines.all()] == []
    open_items = {item_subject(pk) for pk in ReminderItem.objects.unsettled().values_list("pk", flat=True)}
    named = {line.subject for message in told for line in message.lines.all()}
    assert {subject for subject in named if subject.startswith(ITEM_SUBJECT)} - open_items == set()
