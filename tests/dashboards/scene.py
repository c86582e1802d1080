"""One of everything that can be found, all named by the same word, at home and in a foreign branch."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import User
from branches.models import AccessGrant, DevelopmentCase, Member, Organisation
from branches.rules import GrantKind, MemberStatus, OrganisationKind, Role
from branches.rules.search import read_question
from dashboards.queries.search import Answer, kind_of, search
from errorbank.models import ErrorEntry, Finding
from errorbank.rules import ErrorCategory, Severity, Source
from records.models import Record
from records.rules import RecordKind
from reminders.handover_rules import HandoverCause
from reminders.models import Handover, ReminderItem, StudyMaterial, StudyPack
from tests.clock import stop_clock
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.errorbank import make_entry
from tests.factories.items import make_done, make_item
from tests.factories.notices import make_message
from tests.factories.reminders import make_task

ON = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
WORD = "青禾"


@dataclass
class House:
    """A general branch with one branch, filled with one hit of each kind."""

    general: Organisation
    branch: Organisation
    member: Member
    case: DevelopmentCase
    item: ReminderItem
    record: Record
    handover: Handover
    finding: Finding
    entry: ErrorEntry
    leaver: User
    staff: User
    worker: User
    administrator: User


@dataclass
class Scene:
    home: House
    abroad: House


def make_scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    stop_clock(monkeypatch, ON)
    return Scene(home=make_house("甲"), abroad=make_house("乙"))


def make_house(side: str) -> House:
    name = f"{WORD}{side}"
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name=f"{side}党总支")
    branch = make_organisation(parent=general, name=f"{name}党支部", facts_changed=False)
    member = make_member(branch, name=name, status=MemberStatus.ACTIVIST)
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    leaver = make_user(name=f"{name}移交")
    post = make_post(branch, Role.WORKER, user=leaver, until=date(2026, 10, 31))
    handover = Handover.objects.create(
        organisation=branch,
        role=Role.WORKER,
        cause=HandoverCause.POST_ENDED,
        last_day=date(2026, 10, 31),
        leaver_post=post,
        leaver=leaver,
        leaver_name=leaver.name,
        opened_on=date(2026, 10, 1),
    )
    AccessGrant.objects.create(
        user=leaver,
        organisation=branch,
        kind=GrantKind.HANDOVER,
        since=date(2026, 11, 1),
        until=date(2026, 11, 30),
        reason="离任交接",
    )
    record = make_record(branch, title=f"{name}主题", topics=f"讨论{name}议题")
    fill_offers(general, branch, name, staff)
    worker = make_holder(branch, Role.WORKER, since=date(2026, 11, 1))
    make_message(worker, now=NOW, title=f"{name}消息")
    return House(
        general=general,
        branch=branch,
        member=member,
        case=DevelopmentCase.objects.create(member=member, opened_on=date(2025, 1, 1), next_step=7),
        item=make_item(branch, name=f"{name}事项", due=date(2026, 11, 30)),
        record=record,
        handover=handover,
        finding=make_problem(branch, problem=f"{name}问题"),
        entry=make_entry(organisation=general, problem=f"{name}错题"),
        leaver=leaver,
        staff=staff,
        worker=worker,
        administrator=make_holder(general, Role.ADMINISTRATOR),
    )


def make_record(branch: Organisation, *, sensitive: bool = False, **fields: str) -> Record:
    """A record with the item it closed, under a name of its own."""
    record = Record.objects.create(
        organisation=branch, kind=RecordKind.ACTIVITY, held_on=date(2026, 11, 3), **fields
    )
    make_done(branch, name="办结的活动", done_on=date(2026, 11, 3), record=record, sensitive=sensitive)
    return record


def make_problem(branch: Organisation, **fields: Any) -> Finding:
    """An open problem; told to nobody, so that only the problem itself is found."""
    given: dict[str, Any] = {
        "category": ErrorCategory.MEETINGS,
        "source": Source.PARTY_BUILDING_CHECK,
        "severity": Severity.GENERAL,
        "happened_on": date(2026, 11, 2),
        "found_on": date(2026, 11, 2),
        "deadline_on": date(2026, 12, 2),
    }
    return Finding.objects.create(organisation=branch, **{**given, **fields})


def fill_offers(general: Organisation, branch: Organisation, name: str, staff: User) -> None:
    """A task, and a pack with a material."""
    task = make_task(general, [branch], start=date(2026, 11, 1), end=date(2026, 11, 30))
    task.action.versions.update(name=f"{name}专项")
    pack = StudyPack.objects.create(title=f"{name}资料包", organisation=general, made_by=staff)
    StudyMaterial.objects.create(pack=pack, title=f"{name}读本", url="https://example.org/")


def answer(user: User, typed: str = WORD, *, kind: str = "", page: int = 1) -> Answer:
    return search(user, read_question(typed), on=ON, kind=kind_of(kind), page=page)


def found(user: User, typed: str = WORD) -> dict[str, list[str]]:
    """Kind → titles."""
    groups = answer(user, typed).groups
    return {group.kind.code: [row.hit.title for row in group.rows] for group in groups}
