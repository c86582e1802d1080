"""What a page asks and says, and what it keeps to itself until it matters."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest

from branches.models import AccessGrant
from branches.rules import GrantKind, Role
from errorbank import sheets
from errorbank.actions.findings import accept_finding, submit_finding
from errorbank.forms.entries import LATER, NewEntryForm, PublishForm
from errorbank.forms.entry_sheets import ImportForm
from errorbank.forms.findings import OwnForm
from errorbank.models import EntryVersion, Finding, Inspection
from errorbank.queries.findings import FindingFilter, findings_of
from errorbank.rules import Source, VersionState
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import ON, Scene

BASE = "/w/errors/"
SECOND_LOOK = "已核对：不含当事人姓名"
TYPED = {
    "problem": "会议没有签到",
    "category": "meetings",
    "source": "routine",
    "severity": "general",
    "why_wrong": "到会人数无法核实",
    "measure": "当场登记到会人员",
    "recheck_method": "抽查最近三次",
}


@pytest.mark.parametrize(
    ("problem", "checked", "shown"),
    [("晚登记一周", "", False), ("漏记处分情况", "", True), ("漏记处分情况", "on", True)],
)
def test_the_second_look_is_asked_where_a_word_calls_for_it(
    scene: Scene, problem: str, checked: str, shown: bool
) -> None:
    typed = {"problem": problem, "checked": checked}
    form = OwnForm(typed, user=scene.worker, on=ON, initial={})
    assert (not form["checked"].is_hidden, SECOND_LOOK in form.as_p()) == (shown, shown)
    assert SECOND_LOOK not in signed_in(scene.worker).get(f"{BASE}findings/add/").content.decode()


def test_a_tour_asks_for_it_from_the_start(scene: Scene) -> None:
    client = signed_in(scene.staff)
    pages = []
    for source in (Source.INSPECTION_TOUR, Source.PARTY_BUILDING_CHECK):
        look = Inspection.objects.create(
            organisation=scene.general, source=source, title=source.value, since=ON, until=ON,
            made_by=scene.staff,
        )  # fmt: skip
        look.targets.set([scene.first])
        pages.append(client.get(f"{BASE}inspections/{look.pk}/record/").content.decode())
    assert [SECOND_LOOK in page for page in pages] == [True, False]
    assert "一般问题 30 天，严重问题 15 天" in pages[0]


def test_a_new_entry_asks_six_things_and_folds_the_rest(scene: Scene) -> None:
    form = NewEntryForm(user=scene.worker, on=ON)
    asked = [field.name for field in form.first_fields if not field.is_hidden]
    assert asked == ["problem", "category", "organisation", "why_wrong", "measure", "recheck_method"]
    assert (form.later_open, {field.name for field in form.later_fields}) == (False, set(LATER))
    page = signed_in(scene.worker).get(f"{BASE}entries/add/").content.decode()
    assert [page.count(f'name="{name}"') for name in form.fields] == [1] * len(form.fields)


def test_what_is_wrong_below_the_fold_opens_it(scene: Scene) -> None:
    form = NewEntryForm({**TYPED, "severity": "awful"}, user=scene.worker, on=ON)
    assert (form.is_valid(), form.later_open) == (False, True)


def test_without_examples_nobody_is_asked_whether_they_were_read(scene: Scene) -> None:
    entry = make_entry()
    assert entry.published is not None
    plain = PublishForm({}, version=entry.published)
    entry.published.wrong_example = "只写通过"
    with_one = PublishForm({}, version=entry.published)
    assert [list(form.fields) for form in (plain, with_one)] == [[], ["examples_reviewed"]]


def test_a_returned_new_entry_says_what_comes_next(scene: Scene) -> None:
    client = signed_in(scene.worker)
    client.post(f"{BASE}entries/add/", {**TYPED, "organisation": str(scene.general.pk)})
    version = EntryVersion.objects.get()
    signed_in(scene.staff).post(f"{BASE}entries/waiting/{version.pk}/return/", {"note": "写明由谁保管"})
    address = f"{BASE}entries/{version.entry_id}/"
    page = client.get(address).content.decode()
    assert ("照意见修改" in page, "提出的新条目已退回：写明由谁保管" in page) == (True, True)
    typed = {**TYPED, "measure": "组织委员保管", "note": "写明了"}
    answer = client.post(f"{address}change/", typed, follow=True).content.decode()
    assert ("审核通过后进入错题库。" in answer, "大家看到的仍是原来的" in answer) == (True, False)
    assert version.entry.versions.filter(state=VersionState.PROPOSED).count() == 1


def test_all_branches_are_one_tick(scene: Scene) -> None:
    typed = {
        "organisation": str(scene.general.pk), "source": "rotation", "title": "轮训",
        "since": ON.isoformat(), "until": ON.isoformat(), "everywhere": "on",
    }  # fmt: skip
    signed_in(scene.staff).post(f"{BASE}inspections/add/", typed)
    assert set(Inspection.objects.get().targets.all()) == {scene.first, scene.second}


def test_a_rotation_finding_is_marked_and_names_who_wrote_it_down(scene: Scene) -> None:
    inspector = make_holder(scene.second, Role.WORKER)
    one = make_finding(scene.first, by=inspector, on=ON, source=Source.ROTATION)
    other = make_finding(scene.first, by=scene.staff, on=ON)
    client = signed_in(scene.worker)
    pages = [client.get(f"{BASE}findings/{f.pk}/").content.decode() for f in (one, other)]
    assert [f"轮训检查发现，{inspector.name} " in page for page in pages] == [True, False]
    assert client.get(f"{BASE}findings/").content.decode().count('off">轮训检查<') == 1


def test_what_is_put_off_stands_below_what_is_to_be_done(scene: Scene) -> None:
    early = make_finding(scene.first, by=scene.staff, on=ON - timedelta(days=20))
    late = make_finding(scene.first, by=scene.staff, on=ON)
    until = ON + timedelta(days=60)
    accept_finding(early, owner=scene.committee, until=until, reason="没有场地", by=scene.staff, on=ON)
    assert list(findings_of(scene.staff, FindingFilter(), on=ON)) == [late, early]


def test_staff_read_the_result_first_and_mend_nothing_in_the_branchs_place_by_mistake(scene: Scene) -> None:
    finding = make_finding(scene.first, by=scene.staff, on=ON)
    address = f"{BASE}findings/{finding.pk}/"
    client = signed_in(scene.staff)
    page = client.get(address).content.decode()
    assert ("代支部提交整改结果" in page, "开始整改</button>" in page) == (True, False)
    submit_finding(finding, text="已补开会议", by=scene.worker, on=ON)
    page = client.get(address).content.decode()
    assert page.index("支部提交的整改结果") < page.index("已补开会议") < page.index("审核通过，销号</a>")
    assert "支部提交的整改结果" not in signed_in(scene.worker).get(address).content.decode()


def test_a_sheet_made_after_midnight_bears_the_day_of_the_office() -> None:
    content = sheets.written([], {}, organisation="总支", as_of=datetime(2026, 11, 17, 18, tzinfo=UTC))
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    assert "统计期间：2026-11-18" in str(sheet["A2"].value)


@pytest.mark.parametrize(("added", "hidden"), [(0, True), (2, False)])
def test_who_reads_new_entries_is_asked_only_when_there_are_some(
    scene: Scene, added: int, hidden: bool
) -> None:
    form = ImportForm(user=scene.staff, on=ON, initial={}, added=added)
    assert (form["organisation"].is_hidden, form.initial["organisation"]) == (hidden, scene.general.pk)


def test_what_a_rotation_inspector_finds_is_a_rotation_finding_in_any_inspection(scene: Scene) -> None:
    inspector = make_holder(scene.second, Role.WORKER)
    AccessGrant.objects.create(
        user=inspector, organisation=scene.first, kind=GrantKind.ROTATION, since=ON, until=ON,
        reason="轮训", granted_by=scene.staff,
    )  # fmt: skip
    look = Inspection.objects.create(
        organisation=scene.general, source=Source.PARTY_BUILDING_CHECK, title="互查", since=ON, until=ON,
        made_by=scene.staff,
    )  # fmt: skip
    look.targets.set([scene.first])
    for user, problem in ((inspector, "没有签到"), (scene.staff, "没有票数")):
        typed = {"targets": [scene.first.pk], "problem": problem, "happened_on": ON.isoformat()}
        also = {"category": "meetings", "severity": "general"}
        assert signed_in(user).post(f"{BASE}inspections/{look.pk}/record/", typed | also).status_code == 302
    found = Finding.objects.order_by("pk").values_list("source", "made_by")
    assert list(found) == [
        (Source.ROTATION, inspector.pk),
        (Source.PARTY_BUILDING_CHECK, scene.staff.pk),
    ]
