"""Templates put in, exchanged, retired and used: once, twice, refused."""

from datetime import UTC, datetime

import pytest

from audit.models import AuditEvent
from papers.actions import (
    TemplateData,
    TemplateNotTaken,
    TemplateRetired,
    TitleTaken,
    add_template,
    fill_template,
    replace_template,
    retire_template,
)
from papers.filling.parent import ValuesMissing
from papers.models import PaperTemplate
from papers.queries import Layout, layout_of
from papers.source import PaperValues, find_source
from records.papers import meeting_values
from tests.papers.conftest import ODD, Desk, added, make_template, word
from tests.papers.opened import document, lines_of, rows_of, workbook
from tests.reminders.scene import ON, Scene

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def events() -> list[str]:
    found = AuditEvent.objects.filter(event__startswith="papers.")
    return list(found.order_by("pk").values_list("event", flat=True))


def test_a_template_is_taken_once_with_its_names(scene: Scene) -> None:
    made = PaperTemplate.objects.get(pk=added(scene).pk)
    assert (made.kind, made.issuer, made.organisation, made.added_by) == (
        "docx",
        "党委〔2026〕1号",
        scene.general,
        scene.staff,
    )
    assert made.names == [
        "组织名称",
        "会议类型",
        "会议日期",
        "地点",
        "应到人数",
        "缺席人员.姓名",
        "缺席人员.原因",
    ]
    with pytest.raises(TitleTaken) as refused:
        added(scene)
    assert str(refused.value).startswith("已经有模板“记录表”，没有重复添加。")
    assert events() == ["papers.template_added"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (document("没有"), "表.docx", "文件里没有占位符，填不进内容。"),
        (
            document("{{ 会议时间 }}{{ 表决 }}{{ xyz }}"),
            "表.docx",
            "有 3 个名称“会议记录”里没有：“会议时间”（相近的有“会议类型”、“会议日期”、“会议主题”）；"
            "“表决”（相近的有“表决.事项”、“表决.应到”、“表决.实到”）；“xyz”。请在文件里改好后再上传。",
        ),
        (workbook(["{{ 7*7 }}"]), "表.xlsx", "“{{ 7*7 }}”看不懂。"),
        (b"%PDF", "表.pdf", "只收 Word（.docx）和 Excel（.xlsx）文件。"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(scene: Scene, content: bytes, name: str, sentence: str) -> None:
    with pytest.raises(TemplateNotTaken) as refused:
        add_template(
            scene.general,
            data=TemplateData(find_source("meeting"), "表"),
            file=word(name, content),
            by=scene.staff,
        )
    assert str(refused.value).startswith(sentence)
    assert (PaperTemplate.objects.count(), events()) == (0, [])


def test_a_name_nothing_is_like_is_named_all_the_same(scene: Scene) -> None:
    content = document(*["{{ q" + f"{n}" + " }}" for n in range(10)])
    with pytest.raises(TemplateNotTaken) as refused:
        add_template(
            scene.general,
            data=TemplateData(find_source("meeting"), "表"),
            file=word(content=content),
            by=None,
        )
    named = "；".join(f"“q{n}”" for n in range(8))
    assert str(refused.value) == (
        f"有 10 个名称“会议记录”里没有：{named}；另有 2 个。请在文件里改好后再上传。"
    )


def test_a_new_file_takes_the_place_of_the_old_one_which_stays(scene: Scene) -> None:
    old = make_template(scene)
    made = replace_template(old, file=word(content=document("{{ 地点 }}")), by=scene.staff, at=NOW)
    old.refresh_from_db()
    assert (old.retired_at, old.replaced_by, made.retired_at) == (NOW, made, None)
    assert (made.title, made.source, made.organisation, made.names) == (
        old.title,
        old.source,
        old.organisation,
        ["地点"],
    )
    with pytest.raises(TemplateRetired) as refused:
        replace_template(old, file=word(), by=scene.staff, at=NOW)
    assert str(refused.value) == "模板“党员大会记录表”已经停用或替换，不能再改。"
    with pytest.raises(TemplateNotTaken):
        replace_template(made, file=word(content=document("空")), by=scene.staff, at=NOW)
    assert (PaperTemplate.objects.in_use().get(), events()) == (made, ["papers.template_replaced"])


def test_a_template_is_retired_once_and_its_title_is_free_again(scene: Scene) -> None:
    template = make_template(scene)
    retire_template(template, by=scene.staff, at=NOW)
    with pytest.raises(TemplateRetired):
        retire_template(template, by=scene.staff, at=NOW)
    make_template(scene)
    assert events() == ["papers.template_retired"]


def given_to(desk: Desk) -> tuple[Layout, PaperValues]:
    layout = layout_of(desk.scene.worker, find_source("meeting"), str(desk.template.pk), on=ON)
    matter = meeting_values(desk.scene.worker, desk.meeting.pk, ON)
    assert layout is not None
    assert matter is not None
    return layout, matter


def test_a_paper_is_filled_as_often_as_wanted(desk: Desk) -> None:
    layout, matter = given_to(desk)
    for _ in range(2):
        paper = fill_template(layout, matter, object_id=desk.meeting.pk, blank=(), by=desk.scene.worker)
    assert paper.name == f"会议记录_{desk.scene.first.name}_2026-11-12.docx"
    assert lines_of(paper.content) == [f"{desk.scene.first.name}支部党员大会", "2026年11月12日，三楼，应到3"]
    assert rows_of(paper.content) == [["王五", "出差"]]
    assert events() == ["papers.template_filled"] * 2
    event = AuditEvent.objects.latest("pk")
    assert (event.by, event.target_name, event.detail["object"]) == (
        desk.scene.worker,
        "党员大会记录表",
        desk.meeting.pk,
    )


def test_what_is_not_registered_is_named_or_left_blank(desk: Desk) -> None:
    desk.meeting.place = ""
    desk.meeting.save()
    layout, matter = given_to(desk)
    with pytest.raises(ValuesMissing) as refused:
        fill_template(layout, matter, object_id=desk.meeting.pk, blank=(), by=desk.scene.worker)
    assert (refused.value.names, events()) == (("地点",), [])
    paper = fill_template(layout, matter, object_id=desk.meeting.pk, blank=("地点",), by=desk.scene.worker)
    assert lines_of(paper.content)[1] == "2026年11月12日，＿＿＿＿＿＿，应到3"


def test_names_with_trouble_in_them_stand_in_both_samples(desk: Desk) -> None:
    source, (_, matter) = find_source("meeting"), given_to(desk)
    sample = layout_of(desk.scene.worker, source, "docx", on=ON)
    assert sample is not None
    paper = fill_template(sample, matter, object_id=desk.meeting.pk, blank=(), by=desk.scene.worker)
    assert rows_of(paper.content, 1) == [["姓名"], ["张三"], [ODD]]
    assert ["议题", "一\n二"] in rows_of(paper.content)
