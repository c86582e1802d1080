"""What meetings and handovers give, to whom, and the sample layouts of each source."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest

from papers.filling.parent import fill, filling_of, read_names
from papers.filling.syntax import _NAME
from papers.samples import excel_sample, word_sample
from papers.source import (
    Field,
    PaperSource,
    UnknownSourceError,
    find_source,
    place_of,
    register,
    sources,
)
from records.models import Attendance, Vote
from records.papers import FIELDS, LISTS, meeting_choices, meeting_values
from records.rules import RecordKind
from reminders.handover_rules import Capacity, HandoverState
from reminders.models import Handover, HandoverLine, HandoverSignature
from reminders.papers import handover_choices, handover_values
from tests.factories.records import make_held
from tests.papers.conftest import HELD, ODD, Desk
from tests.papers.opened import cells_of, opened
from tests.reminders.scene import ON, Scene, central_action, done, make_item

Counter = Callable[[int], AbstractContextManager[object]]


def test_a_meeting_gives_everything_that_was_registered(
    desk: Desk, django_assert_num_queries: Counter
) -> None:
    with django_assert_num_queries(4):
        given = meeting_values(desk.scene.worker, desk.meeting.pk, ON)
    assert given is not None
    assert dict(given.values) == {
        "组织名称": desk.scene.first.name,
        "会议类型": "支部党员大会",
        "会议日期": HELD,
        "会议主题": "学习",
        "地点": "三楼",
        "主持人": "张三",
        "记录人": desk.scene.worker.name,
        "应到人数": 3,
        "实到人数": 2,
        "缺席人数": 1,
        "到会名单": f"张三、{ODD}",
        "议题": "一\r\n二",
        "决议": "同意",
    }
    assert dict(given.lists) == {
        "到会人员": [{"姓名": "张三"}, {"姓名": ODD}],
        "缺席人员": [{"姓名": "王五", "原因": "出差"}],
        "表决": [
            {"事项": "计划", "应到": 3, "实到": 2, "赞成": 2, "反对": 0, "弃权": 0, "结果": "通过"},
        ],
    }
    assert (given.title, given.organisation, given.day) == (
        "2026-11-12　支部党员大会：学习",
        desk.scene.first.name,
        HELD,
    )


def test_nobody_absent_is_said_and_nobody_ticked_is_missing(desk: Desk) -> None:
    Attendance.objects.filter(present=False).delete()
    Vote.objects.all().delete()
    given = meeting_values(desk.scene.worker, desk.meeting.pk, ON)
    assert given is not None
    assert (given.lists["缺席人员"], given.lists["表决"]) == ([{"姓名": "无", "原因": "—"}], [])
    Attendance.objects.all().delete()
    desk.meeting.kind = RecordKind.MEETING
    desk.meeting.save()
    given = meeting_values(desk.scene.worker, desk.meeting.pk, ON)
    assert given is not None
    assert (given.lists["缺席人员"], given.values["到会名单"]) == ([], "")
    assert [row["事项"] for row in given.lists["表决"]] == ["无"]


def test_meetings_of_others_taken_back_or_without_attendance_are_nobodys(desk: Desk) -> None:
    talks = make_held(desk.scene.first, on=HELD, kind=RecordKind.TALK_COVERAGE)
    gone = make_held(desk.scene.first, on=HELD, cancelled_at=datetime(2026, 11, 13, tzinfo=UTC))
    for record in (desk.foreign, talks, gone):
        assert meeting_values(desk.scene.worker, record.pk, ON) is None
    assert [choice.pk for choice in meeting_choices(desk.scene.worker, "", ON)] == [desk.meeting.pk]
    assert [choice.pk for choice in meeting_choices(desk.scene.overseer, "", ON)] == [desk.meeting.pk]


@pytest.mark.parametrize(
    ("search", "found"), [("学习", 1), ("2026-11 学习", 1), ("2026-10", 0), ("外单位", 0), ("党支部", 1)]
)
def test_meetings_are_searched_for(desk: Desk, search: str, found: int) -> None:
    assert len(meeting_choices(desk.scene.worker, search, ON)) == found


def test_choices_cost_the_same_for_one_and_three(desk: Desk, django_assert_num_queries: Counter) -> None:
    for _ in range(2):
        with django_assert_num_queries(2):
            meeting_choices(desk.scene.worker, "", ON)
        make_held(desk.scene.first, on=HELD)
        make_held(desk.scene.first, on=HELD)


def test_what_a_meeting_lacks_is_registered_at_its_item(desk: Desk) -> None:
    assert place_of("meeting", desk.meeting.pk) == ""
    item = make_item(desk.scene.first, central_action(), record=desk.meeting, **done(HELD))
    assert place_of("meeting", desk.meeting.pk) == f"/w/reminders/items/{item.pk}/"


def test_a_handover_gives_its_people_days_and_lines(
    scene: Scene, handover: Handover, django_assert_num_queries: Counter
) -> None:
    HandoverSignature.objects.create(
        handover=handover,
        capacity=Capacity.WITNESS,
        user=scene.staff,
        name="段晓红",
        signed_at=datetime(2026, 11, 17, 16, 30, tzinfo=UTC),
        content="0" * 64,
    )
    with django_assert_num_queries(3):
        given = handover_values(scene.worker, handover.pk, ON)
    assert given is not None
    # Moments are days in Shanghai, where half past midnight has begun.
    assert dict(given.values) == {
        "组织名称": scene.first.name,
        "职务": "党务工作者",
        "移交人": "王小梅",
        "接收人": "",
        "监交人": "段晓红",
        "结对帮带": "无",
        "交接原因": "退休",
        "最后在任日": date(2026, 11, 30),
        "核对日期": date(2026, 11, 17),
        "确认日期": None,
        "移交人签字日期": None,
        "接收人签字日期": None,
        "监交人签字日期": date(2026, 11, 18),
        "事项数": 2,
    }
    assert given.lists["交接事项"] == [
        {"部分": "未办结事项", "事项": "党费公示", "截止": date(2026, 12, 5), "说明": "11 月；钥匙在值班室"},
    ]
    assert given.lists["交接资料"] == [{"部分": "联系人", "事项": "党总支", "截止": "—", "说明": "—"}]
    HandoverLine.objects.all().delete()
    given = handover_values(scene.worker, handover.pk, ON)
    assert given is not None
    assert [row["事项"] for rows in given.lists.values() for row in rows] == ["无", "无"]


def test_handovers_of_others_and_cancelled_ones_are_nobodys(scene: Scene, handover: Handover) -> None:
    assert handover_values(scene.foreign_staff, handover.pk, ON) is None
    assert handover_choices(scene.foreign_staff, "", ON) == []
    assert [choice.title for choice in handover_choices(scene.staff, "王小梅 2026-11", ON)] == [
        "2026-11-30　王小梅（党务工作者）"
    ]
    assert handover_choices(scene.staff, "赵", ON) == []
    assert place_of("handover", handover.pk) == f"/w/reminders/handovers/{handover.pk}/"
    Handover.objects.update(state=HandoverState.CANCELLED, reason="误开")
    assert handover_values(scene.staff, handover.pk, ON) is None
    assert handover_choices(scene.staff, "", ON) == []


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.code)
def test_the_samples_of_a_source_ask_for_every_name_and_can_be_filled(source: PaperSource) -> None:
    assert len(set(source.names)) == len(source.names)
    assert [name for name in source.names if not _NAME.fullmatch(name)] == []
    values = {field.name: field.sample for field in source.fields}
    lists = {found.name: [{c.name: c.sample for c in found.columns}] * 2 for found in source.lists}
    filling = filling_of(values, lists)
    sample = word_sample(source)
    assert tuple(read_names(sample, "docx")) == source.names
    tables = opened(fill(sample, "docx", filling)).tables
    facts = [(row.cells[0].text, row.cells[1].text) for row in tables[0].rows]
    assert facts == [(field.name, field.sample_words) for field in source.fields]
    for table, found in zip(tables[1:], source.lists, strict=True):
        row = [field.sample_words for field in found.columns]
        assert [[cell.text for cell in one.cells] for one in table.rows] == [
            [field.name for field in found.columns],
            row,
            row,
        ]
    book = excel_sample(source)
    assert tuple(read_names(book, "xlsx")) == source.names
    cells = cells_of(fill(book, "xlsx", filling))
    assert [row[1] for row in cells[1 : 1 + len(source.fields)]] == [field.sample for field in source.fields]


def test_sources_are_known_once_and_by_name() -> None:
    assert [source.code for source in sources()] == ["meeting", "handover"]
    assert (find_source("meeting").fields, len(find_source("meeting").lists)) == (FIELDS, len(LISTS))
    with pytest.raises(UnknownSourceError):
        find_source("nothing")
    with pytest.raises(ValueError, match="is taken"):
        register(PaperSource("meeting", "", "", "", (Field("a", ""),), (), lambda *_: [], lambda *_: None))
