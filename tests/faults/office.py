"""A small office whose life can be lived twice: the same people do the same things on the same days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO

from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from branches.actions.facts import mark_changed
from branches.actions.members import add_event, add_member
from branches.actions.posts import end_post, give_post
from branches.actions.roster.imports import request_import
from branches.models import Member, Organisation, Post, RosterImport
from branches.rules import EventKind, MemberStatus, Role
from errorbank.actions.findings import close_finding, record_finding, submit_finding
from errorbank.actions.findings_write import FindingData
from errorbank.models import ErrorEntry, Finding
from errorbank.rules import FindingState, Source
from jobs.models import Job
from ledgers.actions import request_export
from ledgers.document import build_document
from ledgers.registry import find_ledger
from reminders.actions.items import mark_not_applicable
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.factories.branches import make_group, make_holder, make_member, make_post, make_tree
from tests.factories.errorbank import make_entry
from tests.factories.rosters import book

START = date(2027, 1, 4)
PEOPLE = 4
ENTRIES = 6


def begin() -> None:
    """The start of both lives."""
    hold_clock(moment(START, 9))
    settle()


def settle() -> None:
    """Two branches with people and posts, the shipped catalogue, and some mistakes."""
    call_command("load_catalogue", verbosity=0, stdout=StringIO())
    _, general, branches = make_tree()
    make_holder(general, Role.GENERAL_BRANCH_STAFF)
    make_holder(general, Role.ADMINISTRATOR)
    for branch in branches:
        people = [make_member(branch) for _ in range(PEOPLE)]
        make_post(branch, Role.SECRETARY, member=people[0])
        make_post(branch, Role.WORKER)
        make_group(branch, leader=people[1], members=people[1:])
    for _ in range(ENTRIES):
        make_entry()
    mark_changed(Organisation.objects.all())


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))  # noqa: DTZ001 - zoned here


def hold_clock(now: datetime) -> None:
    """Whatever asks this process for the moment or the day is told this one."""
    timezone.now = lambda: now


@dataclass
class Office:
    """What people do in one round; nothing of it depends on how earlier work went."""

    on: date
    number: int

    def __post_init__(self) -> None:
        self.branches: Sequence[Organisation] = list(
            Organisation.objects.filter(kind="branch").order_by("pk")
        )
        self.branch = self.branches[self.number % len(self.branches)]
        self.staff = _holder(Role.GENERAL_BRANCH_STAFF, self.on)

    def live(self) -> None:
        """A fact that the month's lists depend on, a mistake found and one put right, an item settled."""
        self._people()
        self._mistakes()
        item = (
            ReminderItem.objects.filter(state=ItemState.OPEN, organisation=self.branch)
            .order_by("action__code", "period", "subject")
            .first()
        )
        if item and self.number % 3 == 0:
            mark_not_applicable(item, reason="本期没有这项工作", by=self.staff, on=self.on)
        if self.number % 10 == 1:
            self._hand_over()

    def _people(self) -> None:
        if self.number % 4 == 1:
            name, code = f"新来{self.number}", f"N{self.number:04}"
            add_member(
                code=code,
                name=name,
                organisation=self.branch,
                status=MemberStatus.FULL,
                since=self.on,
                by=self.staff,
                today=self.on,
            )
        gone = Member.objects.filter(code=f"N{self.number - 9:04}").first()
        if gone:
            add_event(gone, kind=EventKind.MOVED_OUT, on=self.on, by=self.staff, today=self.on)

    def _mistakes(self) -> None:
        entry = ErrorEntry.objects.order_by("code")[self.number % ENTRIES]
        data = FindingData(source=Source.PARTY_BUILDING_CHECK, happened_on=self.on, entry=entry)
        if self.number % 2:
            record_finding(self.branch, data=data, by=self.staff, on=self.on)
        right = Finding.objects.filter(organisation=self.branch, state=FindingState.OPEN)
        if found := right.order_by("happened_on", "problem").first():
            submit_finding(found, text="已补办", by=_holder(Role.WORKER, self.on, self.branch), on=self.on)
            found.refresh_from_db()
            close_finding(found, by=self.staff, on=self.on)

    def _hand_over(self) -> None:
        """The worker leaves in two weeks, and somebody comes."""
        post = Post.objects.at(self.on).get(organisation=self.branch, role=Role.WORKER)
        last = self.on + timedelta(days=6)
        end_post(post, on=last, by=self.staff)
        newcomer = User.objects.create_user(f"worker{self.number}", name=f"接手{self.number}", password=None)
        since = last + timedelta(days=1)
        give_post(self.branch, role=Role.WORKER, user=newcomer, since=since, by=self.staff)

    def send_roster(self) -> RosterImport:
        """A file with a newcomer and somebody who is there already."""
        known = Member.objects.order_by("code").first()
        assert known is not None
        place = self.branches[0].code
        content = book(
            (
                f"R{self.number:04}",
                f"导入{self.number}",
                "",
                place,
                "正式党员",
                "2015-01-01",
                "",
                str(self.on),
            ),
            (
                f"S{self.number:04}",
                f"同来{self.number}",
                "",
                place,
                "正式党员",
                "2015-01-01",
                "",
                str(self.on),
            ),
        )
        general = self.branches[0].parent
        assert general is not None
        return request_import(
            general, content=content, file_name="名册.xlsx", roster_day=self.on, by=self.staff, today=self.on
        )

    def ask_for_export(self) -> Job:
        ledger = find_ledger("members")
        form = ledger.filter_form.filled(QueryDict(f"day={self.on}"), user=self.staff, on=self.on)
        assert form.is_valid(), form.errors
        now = moment(self.on, 12)
        document = build_document(ledger, form, user=self.staff, on=self.on, as_of=now)
        return request_export(document, form, "xlsx", by=self.staff)


def _holder(role: Role, on: date, place: Organisation | None = None) -> User:
    posts = Post.objects.at(on).filter(role=role).order_by("pk")
    post = (posts.filter(organisation=place) if place else posts).select_related("user").get()
    assert post.user is not None
    return post.user
