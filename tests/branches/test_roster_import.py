"""One roster file: kept sealed, previewed by the worker, written once or not at all, and forgotten."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.members import add_event
from branches.actions.roster.imports import (
    CANCELLED,
    NO_RIGHT,
    TOO_OLD,
    FutureRoster,
    ImportDecided,
    commit_import,
    discard_import,
    forget_old_imports,
    preview_again,
    preview_import,
    preview_kept,
    request_import,
)
from branches.actions.roster.packing import pack_rows, unpack_rows
from branches.actions.roster.reading import plan_for
from branches.actions.roster.writing import REASON, RosterChanged, RosterHasErrors
from branches.models import Member, MemberEvent, Membership, Organisation, RosterImport
from branches.queries.roster import IMPORT
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role, RosterImportState
from branches.sealed import open_json, open_sealed
from jobs.actions import cancel, claim
from jobs.models import Job, JobState
from ledgers.sheets.cells import WorkbookRefused
from tests.branches.conftest import House
from tests.factories.branches import LONG_AGO, make_group, make_member, make_organisation, make_post
from tests.factories.rosters import book, id_number, row

DAY = date(2026, 11, 20)
TODAY = date(2026, 11, 22)
NUMBER = id_number("19900203")
OURS = ("M003", "雷彩霞", "", "红土坡党支部", "正式党员", "", "", "")
THEIRS = ("M004", "谢建平", "", "松林口党支部", "正式党员", "", "", "")
NEW = ("", "唐志明", NUMBER, "BR03", "预备党员", "2026-02-28", "", "2026-03-01")


def sent(house: House, content: bytes, **options: Any) -> RosterImport:
    given: dict[str, Any] = {"file_name": "名册.xlsx", "roster_day": DAY, "by": house.staff, "today": TODAY}
    return request_import(options.pop("organisation", house.general), content=content, **{**given, **options})


def worked(roster: RosterImport) -> RosterImport:
    """What the worker makes of it."""
    job = claim(str(roster.job_id))
    assert job is not None
    preview_import(job, on=TODAY)
    return RosterImport.objects.select_related("job").get(pk=roster.pk)


def previewed(house: House, *rows: tuple[str, ...], **options: Any) -> RosterImport:
    return worked(sent(house, book(*rows), **options))


def state_of(roster: RosterImport) -> tuple[str, bool, str]:
    roster.refresh_from_db()
    return roster.state, roster.payload is not None, roster.refusal


def told(event: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(event=event).order_by("pk").values_list("detail", flat=True))


def test_preview_and_commit_write_everything_once(house: House) -> None:
    Organisation.objects.update(facts_changed=False)
    roster = previewed(house, (*OURS[:5], "2012-07-01", "", ""), THEIRS, NEW)
    assert (roster.state, roster.counts) == (
        RosterImportState.PREVIEWED,
        {"new": 1, "changed": 1, "unchanged": 1, "error": 0},
    )
    assert roster.job is not None
    assert (roster.job.state, roster.job.done, roster.job.total) == (JobState.DONE, 3, 3)
    assert Member.objects.count() == 2
    commit_import(roster, by=house.staff, today=TODAY)
    made = Member.objects.get(name="唐志明")
    assert (made.code, made.birth_on, made.joined_on) == ("M005", date(1990, 2, 3), date(2026, 2, 28))
    assert open_sealed(made.id_number_sealed or b"") == NUMBER
    assert list(made.memberships.values_list("organisation", "status", "since", "until")) == [
        (house.br03.pk, MemberStatus.PROBATIONARY, date(2026, 3, 1), None)
    ]
    assert Member.objects.get(code="M003").joined_on == date(2012, 7, 1)
    assert state_of(roster) == (RosterImportState.COMMITTED, False, "")
    assert list(Organisation.objects.stale()) == [house.br03]
    assert told("branches.roster_imported") == [
        {"file": "名册.xlsx", "roster_day": "2026-11-20", "counts": roster.counts, "missing": 0}
    ]


def test_a_second_click_and_a_second_import_write_nothing(house: House) -> None:
    first = previewed(house, OURS, THEIRS, NEW)
    commit_import(first, by=house.staff, today=TODAY)
    with pytest.raises(ImportDecided, match="已经处理过"):
        commit_import(first, by=house.staff, today=TODAY)
    before = _everything()
    second = previewed(house, OURS, THEIRS, NEW)
    assert second.counts == {"new": 0, "changed": 0, "unchanged": 3, "error": 0}
    commit_import(second, by=house.staff, today=TODAY)
    assert _everything() == before


def _everything() -> list[Any]:
    return [
        list(model._default_manager.order_by("pk").values()) for model in (Member, MemberEvent, Membership)
    ]


def test_errors_keep_everything_out(house: House) -> None:
    roster = previewed(house, NEW, ("", "", "", "BR03", "正式党员", "", "", ""))
    assert roster.counts["error"] == 1
    with pytest.raises(RosterHasErrors, match="还有 1 行需要修改"):
        commit_import(roster, by=house.staff, today=TODAY)
    assert Member.objects.count() == 2
    assert state_of(roster)[:2] == (RosterImportState.PREVIEWED, True)


def test_a_move_and_a_conversion_become_events_and_end_what_was_held(house: House) -> None:
    post = make_post(house.br03, Role.SECRETARY, member=house.ours)
    seat = make_group(house.br03, leader=house.ours).seats.get()
    probationer = make_member(
        house.br04, name="龙在田", code="M009", status=MemberStatus.PROBATIONARY, since=date(2025, 10, 1)
    )
    moved = (*OURS[:3], "BR04", "正式党员", "", "", "")
    converted = ("M009", "龙在田", "", "BR04", "正式党员", "2025-10-01", "2026-10-15", "")
    roster = previewed(house, moved, THEIRS, converted)
    assert [row["changes"] for row in preview_kept(roster).rows] == [
        [{"title": "所在党支部", "before": "红土坡党支部", "after": "松林口党支部（2026-11-20 转入）"}],
        [{"title": "人员类别", "before": "预备党员", "after": "正式党员（2026-10-15）"}],
    ]
    Organisation.objects.update(facts_changed=False)
    assert preview_kept(roster).notices == [
        "换支部的人员中有任职的，确认后任职随转出结束：雷彩霞（红土坡党支部书记）。"
    ]
    commit_import(roster, by=house.staff, today=TODAY)
    assert list(Organisation.objects.stale().order_by("code")) == [house.br03, house.br04]
    assert list(house.ours.memberships.order_by("since").values_list("organisation", "since", "until")) == [
        (house.br03.pk, LONG_AGO, DAY),
        (house.br04.pk, DAY, None),
    ]
    assert list(
        house.ours.events.order_by("pk").values_list("kind", "on", "organisation", "entered_by", "note")
    )[1:] == [
        (EventKind.MOVED_OUT, DAY, None, house.staff.pk, "由名册导入"),
        (EventKind.MOVED_IN, DAY, house.br04.pk, house.staff.pk, "由名册导入"),
    ]
    assert probationer.memberships.get(until=None).status == MemberStatus.FULL
    post.refresh_from_db()
    seat.refresh_from_db()
    assert (post.until, seat.until) == (DAY - timedelta(days=1), DAY)


def test_a_conversion_of_before_is_said_to_be_checked_alone(house: House) -> None:
    old = ("", "龙在田", "", "BR03", "正式党员", "1994-07-01", "1995-07-01", "2015-03-01")
    roster = previewed(house, OURS, THEIRS, old)
    told = ["有 1 人在编入本支部以前已经转正，转正日期只作核对，不另行登记。"]
    assert preview_kept(roster).notices == told
    commit_import(roster, by=house.staff, today=TODAY)
    again = previewed(house, OURS, THEIRS, old)
    assert (again.counts["unchanged"], preview_kept(again).notices) == (3, told)


def test_a_corrected_arrival_keeps_the_old_fact_visible(house: House) -> None:
    roster = previewed(house, (*OURS[:7], "2014-05-01"), THEIRS)
    commit_import(roster, by=house.staff, today=TODAY)
    old, new = house.ours.events.order_by("pk")
    assert (old.on, old.correction_reason, old.corrected_by) == (LONG_AGO, REASON, house.staff)
    assert (new.on, new.kind, new.status) == (date(2014, 5, 1), EventKind.REGISTERED, MemberStatus.FULL)
    assert house.ours.memberships.get().since == date(2014, 5, 1)


def test_what_changed_after_the_preview_asks_for_a_new_one(house: House) -> None:
    roster = previewed(house, (*OURS[:5], "2012-07-01", "", ""), THEIRS)
    Member.objects.filter(pk=house.ours.pk).update(joined_on=date(2011, 7, 1))
    with pytest.raises(RosterChanged, match="请重新核对后再确认"):
        commit_import(roster, by=house.staff, today=TODAY)
    again = preview_again(roster, by=house.staff)
    assert again.state == RosterImportState.WAITING
    fresh = worked(again)
    assert preview_kept(fresh).rows[0]["changes"] == [
        {"title": "入党日期", "before": "2011-07-01", "after": "2012-07-01"}
    ]
    commit_import(fresh, by=house.staff, today=TODAY)
    with pytest.raises(ImportDecided):
        preview_again(fresh, by=house.staff)


def test_an_event_entered_after_the_preview_counts_too(house: House) -> None:
    roster = previewed(house, (*OURS[:3], "BR04", "正式党员", "", "", ""), THEIRS)
    add_event(house.ours, kind=EventKind.RETIRED, on=date(2026, 11, 1), by=house.staff)
    with pytest.raises(RosterChanged):
        commit_import(roster, by=house.staff, today=TODAY)


def test_the_same_file_sent_twice_is_one_import(house: House) -> None:
    content = book(OURS, THEIRS)
    assert sent(house, content) == sent(house, content)
    assert sent(house, content, roster_day=TODAY).pk != RosterImport.objects.order_by("pk")[0].pk
    assert RosterImport.objects.count() == 2


def test_the_file_and_its_numbers_are_stored_sealed_alone(house: House) -> None:
    roster = previewed(house, OURS, THEIRS, NEW)
    kept = bytes(roster.payload or b"")
    assert NUMBER.encode() not in kept
    assert "唐志明".encode() not in kept
    opened = open_json(kept)
    assert NUMBER not in json.dumps(opened["shown"], ensure_ascii=False)
    assert [fields[2]["id_number"] for fields in opened["rows"] if "id_number" in fields[2]] == [NUMBER]
    commit_import(roster, by=house.staff, today=TODAY)
    everywhere = json.dumps(
        [list(AuditEvent.objects.values()), list(Job.objects.values()), list(RosterImport.objects.values())],
        default=str,
        ensure_ascii=False,
    )
    assert NUMBER not in everywhere
    assert NUMBER[6:14] not in everywhere


def test_people_of_another_general_branch_are_out_of_reach(house: House) -> None:
    stranger_branch = _another_general_branch(house)
    make_member(stranger_branch, name="外单位", code="M900")
    rows = [
        (*OURS[:3], stranger_branch.name, *OURS[4:]),
        ("M900", "外单位", "", "BR03", "正式党员", "", "", ""),
    ]
    roster = previewed(house, *rows)
    assert [(p["column"], p["reason"]) for p in preview_kept(roster).problems] == [
        ("所在党支部", "不在这次导入的组织范围内"),
        ("名册编号", "这个编号已用于范围以外的人员"),
    ]


def test_an_old_roster_opens_nobody_who_belongs_to_others_today(house: House) -> None:
    stranger_branch = _another_general_branch(house)
    add_event(house.ours, kind=EventKind.MOVED_IN, on=DAY, organisation=stranger_branch, by=None)
    number = ("M003", "雷彩霞", NUMBER, "红土坡党支部", "正式党员", "", "", "")
    roster = previewed(house, number, roster_day=DAY - timedelta(days=1))
    preview = preview_kept(roster)
    assert [p["reason"] for p in preview.problems] == ["这个编号已用于范围以外的人员"]
    assert (preview.rows, [person["name"] for person in preview.missing]) == ([], ["谢建平"])


def _another_general_branch(house: House) -> Organisation:
    other = make_organisation("DZ02", kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    return make_organisation("BR90", parent=other, name="别处党支部")


def test_one_branch_alone(house: House) -> None:
    content = book(
        ("雷彩霞", "正式党员", ""), ("唐志明", "入党积极分子", "是"), head=("姓名", "类别", "是否抽调")
    )
    roster = worked(sent(house, content, organisation=house.br03))
    commit_import(roster, by=house.staff, today=TODAY)
    made = Member.objects.get(name="唐志明")
    assert (made.assigned, made.memberships.get().organisation) == (True, house.br03)
    outside = previewed(house, THEIRS, organisation=house.br03)
    assert preview_kept(outside).problems[0]["reason"] == "不在这次导入的组织范围内"


def test_columns_and_sheets_left_aside_are_named(house: House) -> None:
    content = book(
        ("雷彩霞", "红土坡党支部", "正式党员", "13800000000"),
        head=("党员姓名", "党组织名称", "人员类别", "联系电话"),
        above=[("某某单位党员花名册",), ()],
    )
    kept = preview_kept(worked(sent(house, content)))
    assert kept.dropped == ["联系电话"]
    assert [(each["code"], each["place"]) for each in kept.missing] == [("M004", "松林口党支部")]


def test_a_roster_of_tomorrow_is_refused(house: House) -> None:
    with pytest.raises(FutureRoster):
        sent(house, book(OURS), roster_day=TODAY + timedelta(days=1))
    with pytest.raises(WorkbookRefused):
        sent(house, b"no workbook")
    assert RosterImport.objects.count() == 0


def test_a_file_without_a_roster_is_refused_and_forgotten(house: House) -> None:
    roster = worked(sent(house, book(("1",), head=("序号",))))
    state, kept, refusal = state_of(roster)
    assert (state, kept) == (RosterImportState.REFUSED, False)
    assert "没有找到表头" in refusal or "缺少列" in refusal
    assert roster.job is not None
    assert (roster.job.state, roster.job.error) == (JobState.FAILED, refusal)


def test_rights_that_ended_stop_preview_and_commit(house: House) -> None:
    roster = previewed(house, NEW)
    house.staff.posts.update(until=TODAY - timedelta(days=1))
    with pytest.raises(Exception, match=NO_RIGHT[:12]):
        commit_import(roster, by=User.objects.get(pk=house.staff.pk), today=TODAY)
    waiting = worked(sent(house, book(OURS, NEW)))
    assert state_of(waiting) == (RosterImportState.REFUSED, False, NO_RIGHT)
    assert Member.objects.count() == 2


def test_letting_go_empties_the_file_and_stops_the_worker(house: House) -> None:
    waiting = sent(house, book(OURS))
    discard_import(waiting, by=house.staff)
    assert state_of(waiting) == (RosterImportState.DISCARDED, False, CANCELLED)
    assert claim(str(waiting.job_id)) is None
    with pytest.raises(ImportDecided):
        discard_import(waiting, by=house.staff)
    ready = previewed(house, NEW)
    discard_import(ready, by=house.staff)
    with pytest.raises(ImportDecided):
        commit_import(ready, by=house.staff, today=TODAY)
    assert len(told("branches.roster_discarded")) == 2


def test_a_cancelled_job_ends_the_import_while_it_runs(house: House) -> None:
    roster = sent(house, book(OURS, NEW))
    job = claim(str(roster.job_id))
    assert job is not None
    cancel(job)
    preview_import(job, on=TODAY)
    job.refresh_from_db()
    assert (job.state, state_of(roster)[0]) == (JobState.CANCELLED, RosterImportState.DISCARDED)


def test_what_nobody_decided_is_forgotten_after_a_day(house: House) -> None:
    roster, fresh = previewed(house, NEW), sent(house, book(OURS))
    now = timezone.now()
    RosterImport.objects.filter(pk=roster.pk).update(made_at=now - timedelta(hours=25))
    assert (forget_old_imports(now=now), forget_old_imports(now=now)) == (1, 0)
    assert state_of(roster) == (RosterImportState.DISCARDED, False, TOO_OLD)
    assert state_of(fresh)[0] == RosterImportState.WAITING


def test_rows_come_out_of_the_seal_as_they_went_in() -> None:
    rows = [row(7, organisation="BR03", joined_on=LONG_AGO, assigned=False, id_number=NUMBER)]
    assert unpack_rows(json.loads(json.dumps(pack_rows(rows)))) == rows


def test_the_statements_grow_with_batches_and_not_with_rows(house: House) -> None:
    """300 new people cost what 3 cost, but for the batches in which SQLite takes its parameters."""
    few, many = previewed(house, *_people(0, 3)), previewed(house, *_people(3, 303))
    costs = [_cost(house, roster) for roster in (few, many)]
    assert Member.objects.count() == 305
    assert costs[1] - costs[0] <= 8


def test_planning_costs_the_same_for_many(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Places, people and their events; and for strangers one statement for codes and one for numbers."""
    reach = Organisation.objects.permitted_to(house.staff, IMPORT, on=TODAY)
    for count in (3, 300):
        rows = [row(n, name=f"新人{n}", organisation="BR03", code=f"N{n}") for n in range(count)]
        with django_assert_num_queries(4):
            plan, _ = plan_for(rows, house.general, reach=reach, day=DAY, today=TODAY)
        assert plan.counts["new"] == count


def _people(first: int, last: int) -> list[tuple[str, ...]]:
    return [
        ("", f"新人{n:03d}", "", "BR03", "正式党员", "2010-07-01", "", "2015-03-01")
        for n in range(first, last)
    ]


def _cost(house: House, roster: RosterImport) -> int:
    with CaptureQueriesContext(connection) as queries:
        commit_import(roster, by=house.staff, today=TODAY)
    return len(queries)
