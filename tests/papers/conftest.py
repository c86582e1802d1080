"""A branch with a meeting and one without, a template of the general branch, and a foreign one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from branches.models import Member, Post
from papers.actions import TemplateData, TemplateFile, add_template
from papers.models import PaperTemplate
from papers.source import find_source
from records.models import Attendance, Record, Vote
from records.rules import GENERAL_MEETING, RecordKind
from reminders.handover_rules import LineState, Part
from reminders.models import Handover, HandoverLine
from tests.factories.branches import make_member
from tests.factories.records import make_held
from tests.papers.opened import document
from tests.reminders.scene import ON, Scene, make_scene

HELD = date(2026, 11, 12)
ODD = "李<四>&'\" {x}"
NAMES = ["组织名称", "会议类型", "会议日期", "地点", "应到人数", "缺席人员.姓名", "缺席人员.原因"]
MEETING = document(
    "{{ 组织名称 }}{{ 会议类型 }}",
    "{{ 会议日期 }}，{{ 地点 }}，应到{{ 应到人数 }}",
    rows=[["{{ 缺席人员.姓名 }}", "{{ 缺席人员.原因 }}"]],
)


@dataclass
class Desk:
    """What is filled, and with what."""

    scene: Scene
    template: PaperTemplate
    meeting: Record
    foreign: Record
    people: list[Member]


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def word(name: str = "记录表.docx", content: bytes = MEETING) -> TemplateFile:
    return TemplateFile(name, content)


def make_template(scene: Scene, title: str = "党员大会记录表", **fields: object) -> PaperTemplate:
    """Written without the child: its names are known."""
    given = {
        "organisation": scene.general,
        "source": "meeting",
        "title": title,
        "kind": "docx",
        "content": MEETING,
        "digest": "0" * 64,
        "names": NAMES,
        "added_by": scene.staff,
    }
    return PaperTemplate.objects.create(**{**given, **fields})


def make_meeting(scene: Scene) -> tuple[Record, list[Member]]:
    """Two were there, one was not; one matter passed."""
    people = [make_member(scene.first, name=name) for name in ("张三", ODD, "王五")]
    record = make_held(
        scene.first,
        GENERAL_MEETING,
        on=HELD,
        kind=RecordKind.VOTE,
        present=(people[0], people[1]),
        title="学习",
        place="三楼",
        host="张三",
        eligible_count=3,
        present_count=2,
        topics="一\r\n二",
        resolutions="同意",
        entered_by=scene.worker,
    )
    Attendance.objects.create(record=record, member=people[2], present=False, reason="出差")
    Vote.objects.create(record=record, matter="计划", eligible=3, present=2, yes=2)
    return record, people


@pytest.fixture
def desk(scene: Scene) -> Desk:
    meeting, people = make_meeting(scene)
    foreign = make_held(scene.foreign_branch, GENERAL_MEETING, on=HELD, title="外单位的会")
    make_template(scene, "外单位的表", organisation=scene.foreign_general)
    return Desk(scene, make_template(scene), meeting, foreign, people)


def added(scene: Scene, title: str = "记录表") -> PaperTemplate:
    """Put in as a person does, through gate and child."""
    data = TemplateData(find_source("meeting"), title, "党委〔2026〕1号")
    return add_template(scene.general, data=data, file=word(), by=scene.staff)


@pytest.fixture
def handover(scene: Scene) -> Handover:
    leaver = Post.objects.get(user=scene.worker)
    made = Handover.objects.create(
        organisation=scene.first,
        role="worker",
        cause="retirement",
        last_day=date(2026, 11, 30),
        leaver_post=leaver,
        leaver=scene.worker,
        leaver_name="王小梅",
        opened_on=ON,
        checked_at=datetime(2026, 11, 16, 17, 0, tzinfo=UTC),
    )
    for position, (part, title, due, state) in enumerate(
        [
            (Part.CONTACTS, "党总支", None, LineState.CURRENT),
            (Part.OPEN_ITEMS, "党费公示", date(2026, 12, 5), LineState.CURRENT),
            (Part.OPEN_ITEMS, "已办的", None, LineState.SETTLED),
        ]
    ):
        HandoverLine.objects.create(
            handover=made,
            part=part,
            subject=str(position),
            position=position,
            title=title,
            due_on=due,
            state=state,
        )
    HandoverLine.objects.filter(title="党费公示").update(detail="11 月", note="钥匙在值班室")
    return made
