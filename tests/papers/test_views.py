"""The pages: works, refused, not found, wrong method; statements; what comes out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from papers.filling.parent import read_names
from papers.models import PaperTemplate
from papers.source import find_source
from records.models import Record
from tests.factories.branches import make_holder, make_user
from tests.papers.conftest import HELD, MEETING, NAMES, Desk, make_template
from tests.papers.opened import lines_of, rows_of
from tests.reminders.scene import Scene, central_action, done, make_item

Counter = Callable[[int], AbstractContextManager[object]]
HOME = "/w/papers/"
ADD, NAMES_PAGE, FILL = f"{HOME}templates/add/", f"{HOME}meeting/", f"{HOME}meeting/fill/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def upload(content: bytes = MEETING, name: str = "记录.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_list_shows_ones_own_templates_and_the_samples(
    desk: Desk, django_assert_num_queries: Counter
) -> None:
    client = signed_in(desk.scene.worker)
    page(client, HOME)
    make_template(desk.scene, "停用的表", retired_at=datetime(2026, 11, 1, tzinfo=UTC))
    for _ in range(2):
        with django_assert_num_queries(4):
            shown = page(client, HOME)
        if "又一张" not in shown:
            make_template(desk.scene, "又一张", source="handover")
            make_template(desk.scene, "再一张", organisation=desk.scene.first)
    assert ("党员大会记录表" in shown, "又一张" in shown, "再一张" in shown) == (True, True, True)
    assert ("外单位的表" in shown, "停用的表" in shown, "上传模板" in shown) == (False, False, False)
    assert shown.count("系统样式（Word）") == 2
    assert f"{FILL}?template={desk.template.pk}" in shown
    assert "上传模板" in page(signed_in(desk.scene.staff), HOME)


def test_who_holds_nothing_is_refused_everywhere(desk: Desk) -> None:
    nobody, one = signed_in(make_user()), f"{HOME}templates/{desk.template.pk}/"
    for url in (HOME, NAMES_PAGE, FILL, ADD, one, f"{one}download/", f"{one}replace/", f"{one}retire/"):
        assert nobody.get(url).status_code == 403
    worker = signed_in(desk.scene.worker)
    for url in (ADD, f"{one}replace/", f"{one}retire/"):
        assert worker.get(url).status_code == 403


def test_a_foreign_template_source_or_meeting_is_not_found(desk: Desk) -> None:
    foreign = PaperTemplate.objects.get(title="外单位的表")
    one, staff = f"{HOME}templates/{foreign.pk}/", signed_in(desk.scene.staff)
    for url in (
        one,
        f"{one}download/",
        f"{one}replace/",
        f"{one}retire/",
        f"{HOME}nothing/",
        f"{HOME}nothing/fill/",
    ):
        assert staff.get(url).status_code == 404
    for asked in (
        f"template={foreign.pk}",
        "template=abc",
        f"template=docx&object={desk.foreign.pk}",
        f"object={desk.foreign.pk}",
        "object=x",
        f"object={'9' * 30}",
        f"template={'9' * 30}",
    ):
        assert staff.get(f"{FILL}?{asked}").status_code == 404
    assert staff.post(f"{FILL}?template=docx&object={desk.foreign.pk}").status_code == 404
    assert staff.get(f"{HOME}meeting/sample.pdf").status_code == 404


def test_wrong_methods(desk: Desk) -> None:
    staff, one = signed_in(desk.scene.staff), f"{HOME}templates/{desk.template.pk}/"
    for url in (HOME, NAMES_PAGE, one, f"{one}download/", f"{HOME}meeting/sample.docx"):
        assert staff.post(url).status_code == 405
    for url in (ADD, FILL, f"{one}replace/", f"{one}retire/"):
        assert staff.put(url).status_code == 405


def test_every_name_is_explained_and_the_samples_ask_for_all(
    desk: Desk, django_assert_num_queries: Counter
) -> None:
    client = signed_in(desk.scene.worker)
    page(client, HOME)
    with django_assert_num_queries(3):
        shown = page(client, NAMES_PAGE)
    source = find_source("meeting")
    assert [field.name for field in source.all_fields if field.placeholder not in shown] == []
    for kind in ("docx", "xlsx"):
        answer = client.get(f"{NAMES_PAGE}sample.{kind}")
        assert tuple(read_names(answer.content, kind)) == source.names
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_staff_upload_replace_and_retire(scene: Scene) -> None:
    staff = signed_in(scene.staff)
    assert f'value="{scene.general.pk}" selected' in page(staff, ADD)
    given = {"source": "meeting", "title": "大会记录", "issuer": "党委", "organisation": scene.general.pk}
    answer = staff.post(ADD, {**given, "file": upload()})
    made = PaperTemplate.objects.get()
    assert (answer.headers["Location"], made.names, made.organisation) == (
        f"{HOME}templates/{made.pk}/",
        NAMES,
        scene.general,
    )
    again = staff.post(ADD, {**given, "file": upload()})
    assert (again.status_code, PaperTemplate.objects.count()) == (422, 1)
    assert "已经有模板“大会记录”" in again.content.decode()
    replaced = staff.post(f"{HOME}templates/{made.pk}/replace/", {"file": upload()})
    newer = PaperTemplate.objects.in_use().get()
    assert replaced.headers["Location"] == f"{HOME}templates/{newer.pk}/"
    assert f"{HOME}templates/{newer.pk}/" in page(staff, f"{HOME}templates/{made.pk}/")
    assert "以前的文件" in page(staff, f"{HOME}templates/{newer.pk}/")
    assert "停用“大会记录”" in page(staff, f"{HOME}templates/{newer.pk}/retire/")
    for said in ("已停用", "不能再改"):
        answer = staff.post(f"{HOME}templates/{newer.pk}/retire/", follow=True)
        assert said in answer.content.decode()
    assert list(PaperTemplate.objects.in_use()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": ""}, "请填写模板名称。"),
        ({"file": ""}, "请选择要上传的文件。"),
        ({"file": upload(b"", "空.docx")}, "文件是空的（0 字节）。"),
        ({"file": upload(b"%PDF", "a.pdf")}, "只收 Word（.docx）和 Excel（.xlsx）文件。"),
        ({"source": "nothing"}, "nothing"),
    ],
)
def test_a_form_that_cannot_be_taken_keeps_what_was_typed(scene: Scene, changed: Any, sentence: str) -> None:
    given = {"source": "meeting", "title": "<大会>", "issuer": "文号 1", "organisation": scene.general.pk}
    answer = signed_in(scene.staff).post(ADD, {**given, "file": upload(), **changed})
    shown = answer.content.decode()
    assert (answer.status_code, sentence in shown, "文号 1" in shown) == (422, True, True)
    assert PaperTemplate.objects.count() == 0


def test_nobody_uploads_for_a_foreign_organisation(scene: Scene) -> None:
    given = {"source": "meeting", "title": "表", "organisation": scene.foreign_general.pk, "file": upload()}
    assert signed_in(scene.staff).post(ADD, given).status_code == 422
    assert PaperTemplate.objects.count() == 0


def test_a_template_shows_what_it_asks_for(desk: Desk, django_assert_num_queries: Counter) -> None:
    client, url = signed_in(desk.scene.worker), f"{HOME}templates/{desk.template.pk}/"
    page(client, HOME)
    with django_assert_num_queries(5):
        shown = page(client, url)
    assert [name for name in NAMES if "{{ " + name + " }}" not in shown] == []
    assert ("2026年11月18日" in shown, "替换" in shown) == (True, False)
    assert "替换" in page(signed_in(desk.scene.staff), url)
    answer = client.get(f"{url}download/")
    assert answer.content == MEETING
    assert "filename" in answer.headers["Content-Disposition"]


def test_filling_asks_first_for_the_template_then_for_the_meeting(
    desk: Desk, django_assert_num_queries: Counter
) -> None:
    client = signed_in(desk.scene.worker)
    page(client, HOME)
    with django_assert_num_queries(8):
        shown = page(client, f"{FILL}?object={desk.meeting.pk}")
    assert f"?template={desk.template.pk}&amp;object={desk.meeting.pk}" in shown
    with django_assert_num_queries(6):
        shown = page(client, f"{FILL}?template={desk.template.pk}")
    assert f"?template={desk.template.pk}&amp;object={desk.meeting.pk}" in shown
    assert "外单位的会" not in shown
    assert "没有找到。" in page(client, f"{FILL}?template=docx&q=没有的")
    Record.objects.all().update(cancelled_at=datetime(2026, 11, 13, tzinfo=UTC))
    assert "还没有可以填的内容。" in page(client, f"{FILL}?template=docx")


def test_a_paper_is_shown_before_it_is_made(desk: Desk, django_assert_num_queries: Counter) -> None:
    client, url = signed_in(desk.scene.worker), f"{FILL}?template={desk.template.pk}&object={desk.meeting.pk}"
    page(client, HOME)
    with django_assert_num_queries(8):
        shown = page(client, url)
    assert ("2026年11月12日" in shown, "<dd>王五</dd>" in shown, "没有登记" in shown) == (True, True, False)
    answer = client.post(url)
    assert lines_of(answer.content)[1] == "2026年11月12日，三楼，应到3"
    assert rows_of(answer.content) == [["王五", "出差"]]
    assert "_2026-11-12.docx" in answer.headers["Content-Disposition"]
    assert AuditEvent.objects.filter(event="papers.template_filled").count() == 1


def test_what_is_missing_is_named_with_the_place_to_register_it(desk: Desk) -> None:
    item = make_item(desk.scene.first, central_action(), record=desk.meeting, **done(HELD))
    Record.objects.update(place="")
    client, url = signed_in(desk.scene.worker), f"{FILL}?template={desk.template.pk}&object={desk.meeting.pk}"
    shown = page(client, url)
    assert ("还有 1 项没有登记：" in shown, f'href="/w/reminders/items/{item.pk}/"' in shown) == (True, True)
    refused = client.post(url)
    assert refused.status_code == 422
    assert "还没有登记：“地点”" in refused.content.decode()
    answer = client.post(url, {"leave_blank": "on"})
    assert lines_of(answer.content)[1] == "2026年11月12日，＿＿＿＿＿＿，应到3"


def test_committee_members_fill_and_an_administrator_does_not(desk: Desk) -> None:
    url = f"{FILL}?template=xlsx&object={desk.meeting.pk}"
    assert signed_in(make_holder(desk.scene.first, Role.SECRETARY)).post(url).status_code == 200
    assert signed_in(make_holder(desk.scene.general, Role.ADMINISTRATOR)).post(url).status_code == 403
    assert signed_in(make_holder(desk.scene.second)).post(url).status_code == 404
