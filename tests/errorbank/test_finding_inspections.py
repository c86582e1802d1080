"""Inspections: written down, what they found, the notice for a branch."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pypdf
import pytest

from branches.rules import Role
from errorbank.actions.inspections import InspectionData, register_inspection
from errorbank.models import Finding, Inspection
from errorbank.rules import Severity, Source
from notices.models import Message
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder
from tests.factories.errorbank import make_entry, make_finding
from tests.reminders.scene import HOSTILE, ON, Scene

BASE = "/w/errors/inspections/"
Counter = Callable[[int], AbstractContextManager[object]]
DAY = date(2026, 11, 10)


def inspected(scene: Scene, title: str = "四季度党建检查", **fields: object) -> Inspection:
    given = {"source": Source.PARTY_BUILDING_CHECK, "since": DAY, "until": DAY}
    data = InspectionData(title=title, targets=[scene.first, scene.second], **{**given, **fields})  # type: ignore[arg-type]  # a test
    return register_inspection(scene.general, data=data, by=scene.staff, on=ON)


def asked(scene: Scene, **fields: object) -> dict[str, object]:
    given = {
        "organisation": scene.general.pk,
        "source": "party_building_check",
        "title": "四季度党建检查",
        "inspectors": "党建工作部",
        "since": "2026-11-10",
        "until": "2026-11-12",
        "targets": [scene.first.pk, scene.second.pk],
        "clauses": "支部工作条例",
    }
    return {**given, **fields}


def problem(scene: Scene, **fields: object) -> dict[str, object]:
    given = {
        "targets": [scene.first.pk, scene.second.pk],
        "problem": "会议记录没有写明实到人数",
        "category": "meetings",
        "severity": "general",
        "happened_on": "2026-11-10",
    }
    return {**given, **fields}


def test_register_an_inspection(scene: Scene) -> None:
    answer = signed_in(scene.staff).post(f"{BASE}add/", asked(scene))
    made = Inspection.objects.get()
    assert answer.headers["Location"] == f"{BASE}{made.pk}/record/"
    assert (made.inspectors, made.until, made.targets.count()) == ("党建工作部", date(2026, 11, 12), 2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"until": "2026-11-01"}, "结束日期早于开始日期"),
        ({"since": "2026-12-01", "until": "2026-12-01"}, "检查还没有开始"),
        ({"source": "inspection_tour"}, "只能去标识登记"),
        ({"clauses": "关于某案件的线索"}, "文字中有“案件”"),
        ({"targets": []}, "请选择检查了哪些党支部。"),
        ({"source": "detection"}, "选择一个有效的选项"),
    ],
)
def test_register_refused_keeps_what_was_typed(
    scene: Scene, fields: dict[str, object], sentence: str
) -> None:
    answer = signed_in(scene.staff).post(f"{BASE}add/", asked(scene, **fields))
    page = answer.content.decode()
    assert (answer.status_code, sentence in page, 'value="四季度党建检查"' in page) == (422, True, True)
    assert not Inspection.objects.exists()


def test_the_same_inspection_is_registered_once(scene: Scene) -> None:
    client = signed_in(scene.staff)
    assert [client.post(f"{BASE}add/", asked(scene)).status_code for _ in range(2)] == [302, 422]
    assert Inspection.objects.count() == 1


def test_one_problem_in_two_branches(scene: Scene) -> None:
    inspection = inspected(scene)
    client = signed_in(scene.staff)
    url = f"{BASE}{inspection.pk}/record/"
    assert client.post(url, problem(scene)).headers["Location"] == f"{BASE}{inspection.pk}/"
    found = list(Finding.objects.order_by("organisation_id"))
    assert [(f.organisation, f.inspection, f.responsible_name) for f in found] == [
        (scene.first, inspection, scene.worker.name),
        (scene.second, inspection, ""),
    ]
    assert [message.recipient for message in Message.objects.all()] == [scene.worker]
    again = client.post(url, problem(scene))
    assert (again.status_code, Finding.objects.count()) == (422, 2)
    assert "已在本次检查中登记过" in again.content.decode()


def test_an_entry_is_found_by_its_words_and_fills_the_form(scene: Scene) -> None:
    entry = make_entry(problem="表决没有写明实到人数", measure="补写实到人数", severity=Severity.SERIOUS)
    own = make_entry(organisation=scene.foreign_general, problem="外单位实到人数")
    inspection = inspected(scene)
    client = signed_in(scene.staff)
    url = f"{BASE}{inspection.pk}/record/"
    page = client.get(url, {"q": "实到 人数"}).content.decode()
    assert (f"?entry={entry.code}" in page, own.code in page) == (True, False)
    chosen = client.get(f"{url}?entry={entry.code}").content.decode()
    assert ('value="补写实到人数"' in chosen, '<option value="serious" selected>' in chosen) == (True, True)
    assert client.get(f"{url}?entry={own.code}").status_code == 404
    client.post(f"{url}?entry={entry.code}", problem(scene, targets=[scene.first.pk]))
    assert Finding.objects.get().entry == entry


def test_a_branch_that_was_not_looked_at_is_no_target(scene: Scene) -> None:
    inspection = inspected(scene, targets_only := "只查一个")
    inspection.targets.set([scene.first])
    answer = signed_in(scene.staff).post(f"{BASE}{inspection.pk}/record/", problem(scene))
    assert (answer.status_code, Finding.objects.count(), inspection.title) == (422, 0, targets_only)


def test_a_branch_sees_the_inspection_with_its_own_findings_alone(scene: Scene) -> None:
    inspection = inspected(scene, title=HOSTILE)
    make_finding(scene.first, by=scene.staff, on=ON, inspection=inspection, problem="甲支部的问题")
    make_finding(scene.second, by=scene.staff, on=ON, inspection=inspection, problem="乙支部的问题")
    page = signed_in(scene.worker).get(f"{BASE}{inspection.pk}/").content.decode()
    assert ("甲支部的问题" in page, "乙支部的问题" in page, scene.second.name in page) == (True, False, False)
    listed = signed_in(scene.worker).get(BASE).content.decode()
    assert ("发现问题 1 项" in listed, HOSTILE in listed) == (True, False)
    assert "发现问题 2 项" in signed_in(scene.staff).get(BASE).content.decode()


def test_the_list_costs_the_same_for_many(scene: Scene, django_assert_num_queries: Counter) -> None:
    inspected(scene)
    client = signed_in(scene.staff)
    client.get(BASE)
    with django_assert_num_queries(5):
        client.get(BASE)
    for title in ("第二次", "第三次"):
        inspected(scene, title)
    with django_assert_num_queries(5):
        assert client.get(BASE).content.decode().count('class="item"') == 3
    assert 'class="item"' not in signed_in(scene.foreign_staff).get(BASE).content.decode()


def test_the_notice_is_an_official_paper_of_one_branch(scene: Scene) -> None:
    inspection = inspected(scene)
    make_finding(scene.first, by=scene.staff, on=ON, inspection=inspection, problem=f"没有记录{HOSTILE}")
    make_finding(scene.second, by=scene.staff, on=ON, inspection=inspection, problem="乙支部的问题")
    answer = signed_in(scene.worker).get(f"{BASE}{inspection.pk}/notice/{scene.first.pk}/")
    assert (answer["Content-Type"], answer["Content-Disposition"][:10]) == ("application/pdf", "attachment")
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    words = "".join("".join(page.extract_text().split()) for page in pages)
    assert (len(pages), words[:5], "乙支部的问题" in words) == (1, "整改通知书", False)
    assert f"{scene.first.name}：" in words
    assert "整改期限：2026年12月18日" in words
    assert "".join(HOSTILE.split()) in words


def test_no_notice_where_nothing_was_found(scene: Scene) -> None:
    inspection = inspected(scene)
    client = signed_in(scene.staff)
    answer = client.get(f"{BASE}{inspection.pk}/notice/{scene.first.pk}/", follow=True)
    assert "没有在" in answer.content.decode()


def test_pages_are_closed_to_others(scene: Scene) -> None:
    inspection = inspected(scene)
    make_finding(scene.first, by=scene.staff, on=ON, inspection=inspection)
    detail, record = f"{BASE}{inspection.pk}/", f"{BASE}{inspection.pk}/record/"
    notice = f"{BASE}{inspection.pk}/notice/{scene.first.pk}/"
    outsider = make_holder(scene.committee, Role.ADMINISTRATOR)
    urls = (BASE, f"{BASE}add/", detail, record, notice)
    assert [signed_in(outsider).get(url).status_code for url in urls] == [403] * 5
    assert [signed_in(scene.foreign_staff).get(url).status_code for url in urls[2:]] == [404] * 3
    other = f"{BASE}{inspection.pk}/notice/{scene.second.pk}/"
    assert signed_in(scene.worker).get(other).status_code == 404
    assert [signed_in(scene.staff).put(url).status_code for url in urls] == [405] * 5
    assert [signed_in(scene.worker).post(url).status_code for url in urls[1:4:2]] == [403, 403]
