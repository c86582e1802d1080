"""Pages of the roster: upload, progress, preview, decision, files out; and who may not."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditEvent
from branches import tasks
from branches.models import Member, RosterImport
from branches.rules import Role, RosterImportState
from jobs.actions import claim
from jobs.models import Job, JobState
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_member
from tests.factories.rosters import HEAD, book, cells, id_number
from tests.ledgers.sheets.hostile import Hostile
from tests.ledgers.sheets.hostile.formats import FORMATS
from tests.ledgers.sheets.hostile.packages import PACKAGES

BASE = "/w/organisations/roster/"
Counter = Callable[[int], AbstractContextManager[object]]
NUMBER = id_number("19900203")
OURS = ("M003", "雷彩霞", "", "红土坡党支部", "正式党员", "", "", "")
THEIRS = ("M004", "谢建平", "", "松林口党支部", "正式党员", "", "", "")
NEW = ("", "唐志明", NUMBER, "BR03", "正式党员", "2010-07-01", "", "2015-03-01")
WRONG = ("", "<b>金", NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "没有的支部", "群众", "", "", "")


def posted(client: Client, house: House, content: bytes, name: str = "名册.xlsx", **said: Any) -> Any:
    given = {
        "organisation": house.general.pk,
        "roster_day": str(timezone.localdate()),
        "file": SimpleUploadedFile(name, content),
    }
    return client.post(BASE, {**given, **said})


def previewed(client: Client, house: House, *rows: tuple[str, ...]) -> RosterImport:
    """Uploaded through the page and taken by the worker's task."""
    answer = posted(client, house, book(*rows))
    roster = RosterImport.objects.order_by("-pk")[0]
    assert answer.headers["Location"] == f"{BASE}{roster.pk}/"
    tasks.preview_roster(str(roster.job_id))
    roster.refresh_from_db()
    return roster


def page(client: Client, roster: RosterImport, query: str = "") -> str:
    return client.get(f"{BASE}{roster.pk}/{query}").content.decode()


def test_from_upload_to_the_written_roster(house: House) -> None:
    client = signed_in(house.staff)
    first = client.get(BASE).content.decode()
    assert ("还没有导入过名册" in first, "DZ01　分公司党总支" in first) == (True, True)
    roster = previewed(client, house, OURS, THEIRS, NEW)
    shown = page(client, roster)
    assert "确认导入 1 人" in shown
    assert "唐志明" in shown
    assert NUMBER not in shown
    answer = client.post(f"{BASE}{roster.pk}/commit/", follow=True).content.decode()
    assert "已导入：新登记 1 人，更新 0 人。" in answer
    again = client.post(f"{BASE}{roster.pk}/commit/", follow=True).content.decode()
    assert "这份名册已经处理过" in again
    assert Member.objects.filter(name="唐志明").count() == 1
    assert "已导入</span>" in client.get(BASE).content.decode()


def test_the_page_waits_with_progress_and_can_be_let_go(house: House) -> None:
    client = signed_in(house.staff)
    posted(client, house, book(OURS, NEW))
    roster = RosterImport.objects.get()
    waiting = page(client, roster)
    assert ("<progress" in waiting, "正在排队，很快开始" in waiting, "取消导入" in waiting) == (
        True,
        True,
        True,
    )
    claim(str(roster.job_id))
    Job.objects.update(done=40, total=100)
    fragment = client.get(f"{BASE}{roster.pk}/progress/").content.decode()
    assert ("<!doctype" in fragment.lower(), "40 / 100 行" in fragment) == (False, True)
    client.post(f"{BASE}{roster.pk}/discard/")
    roster.refresh_from_db()
    assert (roster.state, roster.payload) == (RosterImportState.DISCARDED, None)
    assert client.get(f"{BASE}{roster.pk}/progress/").headers["HX-Refresh"] == "true"
    assert "已按要求取消，文件已清除。" in page(client, roster)
    answer = client.post(f"{BASE}{roster.pk}/discard/", follow=True).content.decode()
    assert "这份名册已经处理过" in answer


def test_a_job_that_died_is_started_again(house: House) -> None:
    client = signed_in(house.staff)
    posted(client, house, book(OURS, NEW))
    roster = RosterImport.objects.get()
    Job.objects.update(state=JobState.STALE, error="处理中断，请重新开始；数据没有变化。")
    assert "处理中断，请重新开始" in page(client, roster)
    client.post(f"{BASE}{roster.pk}/restart/")
    assert Job.objects.get().state == JobState.QUEUED
    answer = client.post(f"{BASE}{roster.pk}/restart/", follow=True).content.decode()
    assert "无需重新开始" in answer
    tasks.preview_roster(str(roster.job_id))
    assert "确认导入 1 人" in page(client, roster)


def test_errors_are_listed_and_the_file_comes_back_with_them(house: House) -> None:
    client = signed_in(house.staff)
    roster = previewed(client, house, OURS, WRONG)
    shown = page(client, roster)
    assert ("确认导入" in shown, "名册 第 3 行" in shown) == (False, True)
    assert ("<b>金" in shown, WRONG[2] in shown, f"5325**********{WRONG[2][-4:]}" in shown) == (
        False,
        False,
        True,
    )
    assert "谢建平" in shown
    assert "已核对，1 行需要修改" in client.get(BASE).content.decode()
    back = client.get(f"{BASE}{roster.pk}/errors/")
    assert "attachment" in back.headers["Content-Disposition"]
    rows = cells(back.content)
    assert rows[0] == [*HEAD, "错误说明"]
    assert rows[1][-1] in (None, "")
    assert rows[2][1] == "<b>金"
    assert "校验码不符" in rows[2][-1]
    assert "不在这次导入的组织范围内" in rows[2][-1]
    assert WRONG[2] not in rows[2][-1]


def test_the_file_with_full_numbers_goes_back_to_who_sent_it_alone(house: House) -> None:
    client, colleague = signed_in(house.staff), make_holder(house.general, Role.GENERAL_BRANCH_STAFF)
    roster = previewed(client, house, OURS, WRONG)
    shown = page(signed_in(colleague), roster)
    assert ("下载带错误说明的文件" in shown, f"由上传人{house.staff.name}下载修改" in shown) == (False, True)
    answer = signed_in(colleague).get(f"{BASE}{roster.pk}/errors/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{BASE}{roster.pk}/")
    taken = AuditEvent.objects.filter(event="branches.roster_errors_taken")
    assert taken.count() == 0
    assert client.get(f"{BASE}{roster.pk}/errors/").status_code == 200
    assert list(taken.values_list("by", "detail")) == [(house.staff.pk, {"import": roster.pk})]


def test_a_roster_that_changes_nothing_needs_no_confirmation(house: House) -> None:
    client = signed_in(house.staff)
    roster = previewed(client, house, OURS, THEIRS)
    shown = page(client, roster)
    assert ("名册与系统里的完全一致" in shown, "确认导入" in shown) == (True, False)


def test_what_changed_meanwhile_offers_a_new_preview(house: House) -> None:
    client = signed_in(house.staff)
    roster = previewed(client, house, OURS, THEIRS, NEW)
    make_member(house.br03, name="唐志明", code="M077")
    answer = client.post(f"{BASE}{roster.pk}/commit/", follow=True).content.decode()
    assert "核对之后，系统里的名册有了变化" in answer
    assert "重新核对" in answer
    client.post(f"{BASE}{roster.pk}/again/")
    roster.refresh_from_db()
    tasks.preview_roster(str(roster.job_id))
    assert "M077" not in page(client, roster, "?show=new")
    assert ">唐志明</a>" in page(client, roster, "?show=changed")


# A few of each kind: refused at the gate while the page waits, and refused by the child that parses.
HOSTILE = (
    "zero bytes",
    "eleven megabytes",
    "old xls",
    "encrypted workbook",
    "HTML as xls",
    "PDF",
    "half a file",
    "wrong extension",
    "bomb by ratio",
    "zip within zip",
    "macros",
    "billion laughs",
    "external entity",
    "shared text bomb",
    "a million cells",
    "sheet cut short",
)
FILES = {hostile.name: hostile for hostile in (*FORMATS, *PACKAGES)}


@pytest.mark.parametrize("hostile", [FILES[name] for name in HOSTILE], ids=HOSTILE)
def test_hostile_files_are_answered_in_words_and_leave_nothing(house: House, hostile: Hostile) -> None:
    client = signed_in(house.staff)
    answer = posted(client, house, hostile.build(), hostile.file)
    if answer.status_code == 422:
        assert (hostile.sentence in answer.content.decode(), RosterImport.objects.count()) == (True, 0)
    else:
        roster = RosterImport.objects.get()
        tasks.preview_roster(str(roster.job_id))
        roster.refresh_from_db()
        assert (roster.state, roster.payload) == (RosterImportState.REFUSED, None)
        assert hostile.sentence in page(client, roster)
    assert Member.objects.count() == 2
    assert Job.objects.exclude(state=JobState.FAILED).count() == 0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"organisation": ""}, "请选择要导入到哪个组织。"),
        ({"file": ""}, "请选择名册文件。"),
        ({"roster_day": "2199-01-01"}, "名册日期还没有到，请填写今天或以前的日期。"),
        ({"roster_day": "去年"}, "没有认出日期"),
    ],
)
def test_the_form_keeps_what_was_typed(house: House, said: dict[str, str], sentence: str) -> None:
    answer = posted(signed_in(house.staff), house, book(OURS), **{"roster_day": "2026-01-31", **said})
    shown = answer.content.decode()
    assert (answer.status_code, RosterImport.objects.count()) == (422, 0)
    assert sentence in shown
    assert said.get("roster_day", "2026-01-31") in shown


def test_only_what_one_may_import_into_is_offered(house: House) -> None:
    answer = posted(signed_in(house.staff), house, book(OURS), organisation=house.committee.pk)
    assert (answer.status_code, RosterImport.objects.count()) == (422, 0)
    shown = signed_in(house.staff).get(f"{BASE}?organisation={house.br03.pk}").content.decode()
    assert f'value="{house.br03.pk}" selected' in shown
    assert "上级党委</option>" not in shown
    unasked = signed_in(house.staff).get(BASE).content.decode()
    assert f'value="{house.general.pk}" selected' in unasked


ROSTER_PAGES = ("", "progress/", "errors/", "commit/", "again/", "restart/", "discard/")


@pytest.mark.parametrize("path", ROSTER_PAGES)
def test_others_are_refused_and_strangers_find_nothing(house: House, path: str) -> None:
    roster = previewed(signed_in(house.staff), house, OURS, NEW)
    url = f"{BASE}{roster.pk}/{path}"
    read = path in ("", "progress/", "errors/")

    def asked(client: Client) -> int:
        return (client.get(url) if read else client.post(url)).status_code

    assert [asked(signed_in(user)) for user in (house.worker, house.overseer, house.administrator)] == [
        403
    ] * 3
    house.staff.posts.update(organisation=_elsewhere(house))
    assert asked(signed_in(house.staff)) == 404
    wrong = signed_in(house.staff)
    assert (wrong.post(url) if read else wrong.get(url)).status_code == 405


def _elsewhere(house: House) -> Any:
    return house.general.__class__.objects.create(
        code="DZ09", name="另一党总支", kind="general_branch", path="zzzz/", level=0
    )


def test_the_list_costs_the_same_and_shows_nobody_elses(
    house: House, django_assert_num_queries: Counter
) -> None:
    client = signed_in(house.staff)
    foreign = _elsewhere(house)
    RosterImport.objects.create(
        organisation=foreign, file_name="别处.xlsx", roster_day=date(2026, 1, 1), made_by=house.overseer
    )
    posted(client, house, book(OURS))
    with django_assert_num_queries(6):
        shown = client.get(BASE).content.decode()
    assert ("名册.xlsx" in shown, "别处.xlsx" in shown) == (True, False)
    posted(client, house, book(OURS, THEIRS))
    posted(client, house, book(THEIRS))
    with django_assert_num_queries(6):
        client.get(BASE)


def test_the_list_of_changes_is_paged(house: House) -> None:
    client = signed_in(house.staff)
    people = [("", f"新人{n:03d}", "", "BR03", "正式党员", "", "", "") for n in range(60)]
    roster = previewed(client, house, OURS, THEIRS, *people)
    assert ("新人049" in page(client, roster), "新人050" in page(client, roster)) == (True, False)
    assert "新人059" in page(client, roster, "?page=2")
    assert "没有这一种。" in page(client, roster, "?show=changed")


def test_a_preview_whose_key_is_gone_says_so(house: House, settings: Any) -> None:
    client = signed_in(house.staff)
    roster = previewed(client, house, OURS, NEW)
    settings.PERSONAL_DATA_KEYS = ["another-" + "k" * 40]
    assert "现有密钥打不开，请系统管理员核对个人信息密钥" in page(client, roster)
    assert client.post(f"{BASE}{roster.pk}/commit/").status_code == 302
    assert client.get(f"{BASE}{roster.pk}/errors/").status_code == 302
    assert Member.objects.count() == 2


def test_the_template_is_a_roster_without_people(house: House) -> None:
    client = signed_in(house.staff)
    content = client.get(f"{BASE}template/").content
    rows = cells(content)
    assert rows[2][:6] == ["名册编号", "姓名*", "身份证号", "出生日期", "所在党支部*", "人员类别*"]
    assert rows[3][:2] == ["示例", "张三"]
    assert [line[0] for line in cells(content, "填写说明")][:3] == ["列", "名册编号", "姓名"]
    posted(client, house, content)
    roster = RosterImport.objects.get()
    tasks.preview_roster(str(roster.job_id))
    assert "只有表头，没有内容" in page(client, roster)
    filled = load_workbook(BytesIO(content))
    filled["党员名册"].append([None, "唐志明", NUMBER, None, "红土坡党支部", "正式党员"])
    target = BytesIO()
    filled.save(target)
    posted(client, house, target.getvalue())
    roster = RosterImport.objects.order_by("-pk")[0]
    tasks.preview_roster(str(roster.job_id))
    roster.refresh_from_db()
    assert roster.counts == {"new": 1, "changed": 0, "unchanged": 0, "error": 0}


def test_the_roster_goes_out_as_a_file_and_is_written_down(house: House) -> None:
    client = signed_in(house.staff)
    url = f"/w/organisations/{house.br03.pk}/roster/"
    assert url in client.get(f"/w/organisations/{house.br03.pk}/").content.decode()
    answer = client.get(url)
    assert [row[1] for row in cells(answer.content)[3:]] == ["雷彩霞"]
    event = AuditEvent.objects.get(event="branches.roster_exported")
    assert (event.by, event.detail["rows"], event.detail["organisation"]) == (house.staff, 1, "BR03")
    assert [signed_in(user).get(url).status_code for user in (house.worker, house.overseer)] == [403, 403]
    assert signed_in(house.staff).get(f"/w/organisations/{house.committee.pk}/roster/").status_code == 404
    assert client.post(url).status_code == 405


def test_old_files_are_swept_by_the_hourly_task(house: House) -> None:
    roster = previewed(signed_in(house.staff), house, OURS, NEW)
    RosterImport.objects.update(made_at=timezone.now() - timedelta(hours=25))
    assert tasks.forget_old_rosters() == 1
    assert "超过 24 小时没有确认" in page(signed_in(house.staff), roster)
