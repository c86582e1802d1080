"""People and their events: once, twice, refused, corrected."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from branches.actions.members import (
    EventData,
    MemberCodeTaken,
    MemberRow,
    add_event,
    add_member,
    correct_event,
    register_members,
    update_member,
)
from branches.models import Member, MemberEvent, Membership, Organisation
from branches.rules import EventError, EventKind, MemberStatus
from tests.branches.conftest import House

ON = date(2026, 11, 22)
TARGET = MemberStatus.DEVELOPMENT_TARGET


def spans(member: Member) -> list[tuple[str, str, date, date | None]]:
    rows = member.memberships.order_by("since")
    return list(rows.values_list("organisation__code", "status", "since", "until"))


def stale() -> list[str]:
    return sorted(Organisation.objects.stale().values_list("code", flat=True))


def settled() -> None:
    Organisation.objects.update(facts_changed=False)


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))


@pytest.fixture
def target(house: House) -> Member:
    return add_member(
        code="M100",
        name="唐志明",
        organisation=house.br03,
        status=TARGET,
        since=date(2024, 1, 1),
        by=house.staff,
    )


def test_register_one(house: House) -> None:
    settled()
    member = add_member(
        code="M100",
        name="唐志明",
        organisation=house.br03,
        status=MemberStatus.FULL,
        since=date(2024, 1, 1),
        joined_on=date(2010, 7, 1),
        home_department="专卖科",
        assigned=True,
        by=house.staff,
        today=ON,
    )
    assert spans(member) == [("BR03", "full", date(2024, 1, 1), None)]
    event = member.events.get()
    assert (event.kind, event.entered_by, event.on) == ("registered", house.staff, date(2024, 1, 1))
    assert (stale(), events()) == (["BR03"], ["branches.member_added"])


def test_register_refuses(house: House) -> None:
    Organisation.objects.filter(pk=house.br04.pk).update(dissolved_on=date(2025, 1, 1))
    house.br04.refresh_from_db()

    def refusal(**fields: object) -> str:
        plain = {
            "code": "M100",
            "name": "唐志明",
            "organisation": house.br03,
            "status": MemberStatus.FULL,
            "since": date(2026, 1, 1),
            "by": house.staff,
            "today": ON,
        }
        with pytest.raises((EventError, MemberCodeTaken)) as refused:
            add_member(**{**plain, **fields})  # type: ignore[arg-type]  # fields of several types
        return str(refused.value)

    assert refusal(code="M003") == "名册编号“M003”已有人使用，请换一个编号。"
    assert refusal(since=date(2026, 11, 23)) == "“登记入册”的日期 2026-11-23 还没有到，请在办理之后登记。"
    assert refusal(organisation=house.general) == ("党员编入党支部，不直接编入“分公司党总支”，请选择党支部。")
    assert refusal(organisation=house.br04) == "“松林口党支部”已撤销，请另选党支部。"
    assert refusal(joined_on=date(2026, 1, 2)) == "唐志明的入党日期晚于登记为正式党员的日期，请核对。"
    assert Member.objects.count() == 2


def test_a_roster_costs_the_same_for_one_and_for_many(house: House) -> None:
    def rows(count: int, first: int) -> list[MemberRow]:
        return [
            MemberRow(f"N{first + n}", f"人{n}", house.br03, MemberStatus.FULL, date(2020, 1, 1))
            for n in range(count)
        ]

    costs = []
    for count, first in ((2, 0), (40, 100)):
        with CaptureQueriesContext(
            connection,
        ) as counted:
            register_members(rows(count, first), by=house.staff)
        costs.append(len(counted))
    assert costs[0] == costs[1]
    with pytest.raises(MemberCodeTaken):
        register_members([*rows(1, 500), *rows(1, 500)], by=house.staff)
    with pytest.raises(MemberCodeTaken):
        register_members([*rows(1, 600), *rows(1, 0)], by=house.staff)
    assert Member.objects.filter(code__startswith="N").count() == 42


def test_admitted_converted_and_moved(house: House, target: Member) -> None:
    settled()
    add_event(target, kind=EventKind.ADMITTED, on=date(2025, 5, 30), by=house.staff, today=ON)
    add_event(target, kind=EventKind.CONVERTED, on=date(2026, 6, 1), by=house.staff, today=ON)
    assert stale() == ["BR03"]
    settled()
    add_event(
        target,
        kind=EventKind.MOVED_IN,
        on=date(2027, 1, 1),
        organisation=house.br04,
        by=house.staff,
        today=ON,
    )
    assert spans(target) == [
        ("BR03", "development_target", date(2024, 1, 1), date(2025, 5, 30)),
        ("BR03", "probationary", date(2025, 5, 30), date(2026, 6, 1)),
        ("BR03", "full", date(2026, 6, 1), date(2027, 1, 1)),
        ("BR04", "full", date(2027, 1, 1), None),
    ]
    assert stale() == ["BR03", "BR04"]
    assert events() == ["branches.member_added", *["branches.event_added"] * 3]


def test_impossible_events_change_nothing(house: House, target: Member) -> None:
    before = spans(target)

    def refusal(kind: EventKind, on: date, **fields: object) -> str:
        with pytest.raises(EventError) as refused:
            add_event(target, kind=kind, on=on, by=house.staff, today=ON, **fields)  # type: ignore[arg-type]  # any field
        return str(refused.value)

    assert refusal(EventKind.CONVERTED, date(2025, 1, 1)) == (
        "2025-01-01“转为正式党员”与此前身份“发展对象”不符，请核对日期和先后顺序。"
    )
    assert refusal(EventKind.ADMITTED, date(2027, 1, 1)) == (
        "“接收为预备党员”的日期 2027-01-01 还没有到，请在办理之后登记。"
    )
    assert refusal(EventKind.ADMITTED, date(2025, 1, 1), months=6) == (
        "延长预备期须填写延长的月数（6 至 12 个月），其他变动不填。"
    )
    assert refusal(EventKind.PROBATION_EXTENDED, date(2025, 1, 1)) == (
        "延长预备期须填写延长的月数（6 至 12 个月），其他变动不填。"
    )
    assert refusal(EventKind.PROBATION_EXTENDED, date(2025, 1, 1), months=13) == (
        "延长预备期不能少于 6 个月、不能超过 12 个月。"
    )
    add_event(target, kind=EventKind.DECEASED, on=date(2026, 1, 1), by=house.staff)
    assert refusal(EventKind.ADMITTED, date(2026, 5, 1)) == (
        "此人已登记去世，不能再有 2026-05-01 的“接收为预备党员”，请核对日期。"
    )
    assert refusal(EventKind.DECEASED, date(2026, 1, 1)) == "2026-01-01 的“去世”已经登记过。"
    assert spans(target) == [(*before[0][:3], date(2026, 1, 1))]
    assert target.events.count() == 2


def test_a_correction_keeps_the_old_row_marked(house: House, target: Member) -> None:
    wrong = add_event(target, kind=EventKind.ADMITTED, on=date(2025, 5, 3), by=house.staff)
    right = correct_event(
        wrong,
        reason="日期抄错",
        by=house.staff,
        replacement=EventData(EventKind.ADMITTED, date(2025, 5, 30)),
        today=ON,
    )
    assert right is not None
    assert (wrong.correction_reason, wrong.corrected_by) == ("日期抄错", house.staff)
    assert wrong.corrected_at is not None
    assert list(target.events.standing().order_by("on").values_list("kind", "on")) == [
        ("registered", date(2024, 1, 1)),
        ("admitted", date(2025, 5, 30)),
    ]
    assert spans(target)[-1] == ("BR03", "probationary", date(2025, 5, 30), None)
    with pytest.raises(EventError) as refused:
        correct_event(wrong, reason="再来", by=house.staff, replacement=None)
    assert str(refused.value) == "这条变动已经更正过，请刷新页面查看。"


def test_a_voided_event_takes_its_span_along(house: House, target: Member) -> None:
    wrong = add_event(target, kind=EventKind.ADMITTED, on=date(2025, 5, 3), by=house.staff)
    assert correct_event(wrong, reason="记错人", by=house.staff, replacement=None) is None
    assert spans(target) == [("BR03", "development_target", date(2024, 1, 1), None)]


def test_a_correction_that_breaks_the_history_is_refused_whole(house: House, target: Member) -> None:
    admitted = add_event(target, kind=EventKind.ADMITTED, on=date(2025, 5, 3), by=house.staff)
    add_event(target, kind=EventKind.CONVERTED, on=date(2026, 5, 3), by=house.staff)
    before = spans(target)
    with pytest.raises(EventError):
        correct_event(admitted, reason="记错人", by=house.staff, replacement=None)
    with pytest.raises(EventError) as refused:
        correct_event(admitted, reason=" ", by=house.staff, replacement=None)
    assert str(refused.value) == "请填写更正原因。"
    admitted.refresh_from_db()
    assert (admitted.corrected_at, spans(target)) == (None, before)


def test_correcting_a_move_marks_both_branches(house: House) -> None:
    moved = add_event(
        house.ours, kind=EventKind.MOVED_IN, on=date(2026, 1, 1), organisation=house.br04, by=house.staff
    )
    settled()
    correct_event(moved, reason="没有转", by=house.staff, replacement=None)
    assert stale() == ["BR03", "BR04"]
    assert Membership.objects.filter(organisation=house.br04, member=house.ours).count() == 0


def test_plain_facts(house: House) -> None:
    settled()

    def update(code: str = "M003") -> None:
        update_member(
            house.ours,
            by=house.staff,
            name="雷彩霞",
            code=code,
            home_department="红土坡烟站",
            assigned=True,
            joined_on=house.ours.joined_on,
        )

    update()
    assert (house.ours.home_department, house.ours.assigned, stale()) == ("红土坡烟站", True, ["BR03"])
    update()
    assert events() == ["branches.member_changed"]
    with pytest.raises(MemberCodeTaken):
        update(code="M004")


def test_events_are_never_deleted(house: House, target: Member) -> None:
    event = add_event(target, kind=EventKind.ADMITTED, on=date(2025, 5, 3), by=house.staff)
    correct_event(event, reason="记错人", by=house.staff, replacement=None)
    assert MemberEvent.objects.filter(member=target).count() == 2
