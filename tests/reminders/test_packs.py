"""Study packs: who publishes, who reads, which files are taken, how they are served."""

import io
import re
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from audit.models import AuditEvent
from branches.rules import OrganisationKind, Role
from reminders.actions.packs import (
    LinkRefused,
    MaterialGone,
    PackData,
    PackRetired,
    TitleTaken,
    add_file,
    add_link,
    add_pack,
    edit_pack,
    remove_material,
    retire_pack,
)
from reminders.models import SpecialTask, StudyMaterial, StudyPack
from reminders.queries.packs import linked_actions
from reminders.uploads import MAX_BYTES, FileRefused, check_file, extension_of
from tests.branches.conftest import signed_in
from tests.factories.branches import make_holder, make_organisation
from tests.factories.reminders import make_action, make_task
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene
from tests.services import ROOT
from tests.training.session_scene import planned

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n%\xe2\xe3"
PNG = b"\x89PNG\r\n\x1a\n0000"
JPG = b"\xff\xd8\xff\xe0rest"


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def office(folder: str, *more: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            archive.writestr(zipfile.ZipInfo(name), "<x/>")
    return content.getvalue()


def upload(name: str = "方案.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def make_pack(scene: Scene, title: str = "廉洁教育资料", **fields: Any) -> StudyPack:
    return StudyPack.objects.create(
        title=title, **{"organisation": scene.general, "made_by": scene.staff, **fields}
    )


def files_in(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


# ---- which files are taken -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "extension"),
    [
        ("方案.PDF", PDF, "pdf"),
        ("图.png", PNG, "png"),
        ("图.jpeg", JPG, "jpg"),
        ("通知.docx", office("word"), "docx"),
        ("表.xlsx", office("xl"), "xlsx"),
        ("课件.pptx", office("ppt"), "pptx"),
    ],
)
def test_a_file_whose_name_and_content_agree(name: str, content: bytes, extension: str) -> None:
    handle = io.BytesIO(content)
    assert check_file(name, len(content), handle) == extension
    assert handle.tell() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("程序.exe", b"MZ"),
        ("页面.html", b"<html>"),
        ("图.svg", b"<svg/>"),
        ("没有扩展名", PDF),
        ("假的.pdf", PNG),
        ("假的.png", PDF),
        ("假的.docx", PDF),
        ("假的.docx", office("xl")),
        ("空的.pdf", b""),
        ("宏.docx", office("word", "word/vbaProject.bin")),
        ("碎片.xlsx", office("xl")[:40]),
        ("双扩展.pdf.exe", PDF),
    ],
)
def test_a_file_whose_name_and_content_disagree(name: str, content: bytes) -> None:
    with pytest.raises(FileRefused):
        check_file(name, len(content), io.BytesIO(content))


def test_a_large_file_and_a_file_of_too_many_parts_are_refused() -> None:
    with pytest.raises(FileRefused, match="超过 20 MB"):
        check_file("大.pdf", MAX_BYTES + 1, io.BytesIO(PDF))
    many = office("word", *(f"word/{n}.xml" for n in range(5001)))
    with pytest.raises(FileRefused, match="不符"):
        check_file("多.docx", len(many), io.BytesIO(many))
    assert extension_of("a.JPEG") == "jpg"


def test_the_proxy_lets_the_largest_file_and_its_form_through() -> None:
    configured = re.search(r"client_max_body_size (\d+)m;", (ROOT / "deploy/nginx.conf").read_text("utf-8"))
    assert configured is not None
    assert int(configured[1]) * 1024 * 1024 - MAX_BYTES == 2 * 1024 * 1024


# ---- writes ---------------------------------------------------------------------------------------------


def test_adding_editing_and_retiring_a_pack(scene: Scene) -> None:
    action = make_action()
    data = PackData(title="资料", summary="", actions=[action])
    pack = add_pack(scene.general, data=data, by=scene.staff)
    edit_pack(pack, data=PackData(title="新资料", summary="简介", actions=[]), by=scene.staff)
    pack.refresh_from_db()
    assert (pack.title, pack.summary, pack.actions.count()) == ("新资料", "简介", 0)
    assert retire_pack(pack, by=scene.staff, at=NOW).retired_at == NOW
    for refused in (
        lambda: retire_pack(pack, by=scene.staff, at=NOW),
        lambda: edit_pack(pack, data=data, by=scene.staff),
        lambda: add_link(pack, title="", url="https://example.com/", by=scene.staff),
    ):
        with pytest.raises(PackRetired):
            refused()
    events = AuditEvent.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["reminders.pack_added", "reminders.pack_edited", "reminders.pack_retired"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "//example.com", "https://", "data:text/html,x"]
)
def test_only_web_links_are_taken(scene: Scene, url: str) -> None:
    with pytest.raises(LinkRefused):
        add_link(make_pack(scene), title="", url=url, by=scene.staff)
    assert StudyMaterial.objects.count() == 0


def test_a_file_is_kept_under_a_random_name_with_its_own_name_as_title(scene: Scene, media: Path) -> None:
    material = add_file(make_pack(scene), title="", file=upload("../../方案.pdf"), by=scene.staff)
    (stored,) = files_in(media)
    assert (material.title, stored.suffix, len(stored.stem)) == ("方案.pdf", ".pdf", 32)
    assert stored.read_bytes() == PDF


def test_removing_a_material_removes_its_file_once(
    scene: Scene, media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    material = add_file(make_pack(scene), title="", file=upload(), by=scene.staff)
    with django_capture_on_commit_callbacks(execute=True):
        remove_material(material, by=scene.staff)
    assert (StudyMaterial.objects.count(), files_in(media)) == (0, [])
    with pytest.raises(MaterialGone):
        remove_material(material, by=scene.staff)


# ---- who reads ------------------------------------------------------------------------------------------


def test_a_pack_is_read_below_its_publisher_and_above_it_but_not_elsewhere(scene: Scene) -> None:
    pack = make_pack(scene)
    of_branch = make_pack(scene, organisation=scene.second, title="二支部资料")
    on = NOW.date()
    seen = {
        name: set(StudyPack.objects.visible_to(user, on=on))
        for name, user in (
            ("staff", scene.staff),
            ("overseer", scene.overseer),
            ("worker", scene.worker),
            ("foreign", scene.foreign_staff),
        )
    }
    assert seen == {
        "staff": {pack, of_branch},
        "overseer": {pack, of_branch},
        "worker": {pack},
        "foreign": set(),
    }


def test_a_worker_whose_post_ended_yesterday_reads_nothing(scene: Scene) -> None:
    make_pack(scene)
    former = make_holder(scene.first, Role.WORKER, until=datetime(2026, 11, 17).date())  # noqa: DTZ001 - a plain day
    assert list(StudyPack.objects.visible_to(former, on=NOW.date())) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_needs_five_queries(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for n in range(rows):
        make_pack(scene, title=f"资料{n}")
    make_pack(scene, title="停用资料", retired_at=NOW)
    make_pack(scene, title="外单位资料", organisation=scene.foreign_general)
    client.force_login(scene.worker)
    client.get(reverse("reminders:pack_list"))
    with django_assert_num_queries(5):
        response = client.get(reverse("reminders:pack_list"))
    assert [pack.title for pack in response.context["page"]] == [f"资料{n}" for n in range(rows)]


def test_a_reader_sees_only_those_linked_actions_that_reach_them(scene: Scene) -> None:
    """A committee's pack is read in every general branch; what one of them asks is not for the others."""
    pack = make_pack(scene, organisation=scene.committee)
    shipped = make_action(name="党课")
    own = make_action(organisation=scene.general, name="总支自定")
    pack.actions.set([shipped, own])
    task = make_task(scene.general, [scene.second], start=ON, end=ON)
    withdrawn = make_task(scene.general, [scene.second], start=ON, end=ON)
    SpecialTask.objects.update(pack=pack)
    SpecialTask.objects.filter(pk=withdrawn.pk).update(withdrawn_at=NOW)
    neighbour = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=scene.committee)
    readers = {
        "first": scene.worker,
        "second": make_holder(scene.second, Role.WORKER),
        "staff": scene.staff,
        "overseer": scene.overseer,
        "neighbour": make_holder(make_organisation(parent=neighbour), Role.WORKER),
    }
    seen = {name: {code for code, _ in linked_actions(pack, user, on=ON)} for name, user in readers.items()}
    everything = {shipped.code, own.code, task.action.code}
    assert seen == {
        "first": {shipped.code, own.code},
        "second": everything,
        "staff": everything,
        "overseer": everything,
        "neighbour": {shipped.code},
    }


def test_the_page_names_no_task_that_was_not_sent_to_the_reader(scene: Scene, client: Client) -> None:
    pack = make_pack(scene)
    task = make_task(scene.general, [scene.second], start=ON, end=ON)
    SpecialTask.objects.update(pack=pack)
    name = task.action.versions.get().name
    for user, shown in ((scene.worker, False), (scene.staff, True)):
        client.force_login(user)
        page = client.get(reverse("reminders:pack_detail", args=[pack.pk])).content.decode()
        assert (name in page) is shown


# ---- the same form twice --------------------------------------------------------------------------------


def test_a_pack_of_the_same_title_is_refused_while_the_first_is_in_use(scene: Scene) -> None:
    data = PackData(title="资料", summary="", actions=[])
    pack = add_pack(scene.general, data=data, by=scene.staff)
    with pytest.raises(TitleTaken, match="已经有“资料”"):
        add_pack(scene.general, data=data, by=scene.staff)
    add_pack(scene.foreign_general, data=data, by=scene.foreign_staff)
    retire_pack(pack, by=scene.staff, at=NOW)
    add_pack(scene.general, data=data, by=scene.staff)
    assert StudyPack.objects.filter(organisation=scene.general).count() == 2


def test_a_pack_cannot_take_the_title_of_another(scene: Scene) -> None:
    make_pack(scene, title="甲")
    pack = make_pack(scene, title="乙")
    with pytest.raises(TitleTaken):
        edit_pack(pack, data=PackData(title="甲", summary="", actions=[]), by=scene.staff)
    edit_pack(pack, data=PackData(title="乙", summary="简介", actions=[]), by=scene.staff)
    assert set(StudyPack.objects.values_list("title", "summary")) == {("甲", ""), ("乙", "简介")}


def test_forms_submitted_twice_make_one_row_and_say_so(scene: Scene, client: Client, media: Path) -> None:
    client.force_login(scene.staff)
    pack_add = reverse("reminders:pack_add")
    assert [client.post(pack_add, {"title": "资料"}).status_code for _ in range(2)] == [302, 422]
    pack = StudyPack.objects.get()
    detail = reverse("reminders:pack_detail", args=[pack.pk])
    link = [client.post(detail, {"url": "https://example.com/a"}).status_code for _ in range(2)]
    file = [client.post(detail, {"file": upload()}).status_code for _ in range(2)]
    assert (link, file) == ([302, 422], [302, 422])
    assert (pack.materials.count(), len(files_in(media))) == (2, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_pack_and_material_submitted_at_once_are_made_once(scene: Scene) -> None:
    data = PackData(title="资料", summary="", actions=[])
    assert made_at_once(lambda: add_pack(scene.general, data=data, by=scene.staff)) == ["TitleTaken", "made"]
    pack = StudyPack.objects.get()

    def add() -> object:
        return add_link(pack, title="", url="https://example.com/", by=scene.staff)

    assert made_at_once(add) == ["TitleTaken", "made"]
    assert pack.materials.count() == 1


def made_at_once(add: Callable[[], object]) -> list[str]:
    """Two people press at the same time; what each was told."""
    gate, told = threading.Barrier(2), list[str]()

    def submit() -> None:
        gate.wait(10)
        try:
            add()
            told.append("made")
        except Exception as error:  # the assertion names it
            told.append(type(error).__name__)
        finally:
            connection.close()

    callers = [threading.Thread(target=submit) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return sorted(told)


def test_editing_a_pack_keeps_links_that_the_form_does_not_show(scene: Scene, client: Client) -> None:
    shown = make_action(name="党课")
    later = make_action(name="下月开始", valid_from=date(2026, 12, 1))
    pack = make_pack(scene)
    pack.actions.set([shown, later])
    task = make_task(scene.general, [scene.second], start=ON, end=ON)
    SpecialTask.objects.update(pack=pack)
    client.force_login(scene.staff)
    client.post(reverse("reminders:pack_edit", args=[pack.pk]), {"title": "改名", "summary": ""})
    task.refresh_from_db()
    assert (list(pack.actions.all()), task.pack) == ([later], pack)


# ---- pages ----------------------------------------------------------------------------------------------


def test_staff_builds_a_pack_from_the_pages(scene: Scene, client: Client, media: Path) -> None:
    action = make_action(name="党课")
    client.force_login(scene.staff)
    made = client.post(
        reverse("reminders:pack_add"), {"title": "党课资料", "summary": "", "actions": [str(action.pk)]}
    )
    pack = StudyPack.objects.get()
    detail = reverse("reminders:pack_detail", args=[pack.pk])
    assert made.headers["Location"] == detail
    assert client.post(detail, {"url": "https://example.com/a"}).status_code == 302
    assert client.post(detail, {"title": "方案", "file": upload()}).status_code == 302
    kept = StudyMaterial.objects.order_by("pk").values_list("title", "url")
    assert list(kept) == [("https://example.com/a", "https://example.com/a"), ("方案", "")]
    assert len(files_in(media)) == 1
    page = client.get(reverse("reminders:action_detail", args=[action.code])).content.decode()
    assert "党课资料" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "什么都没有"},
        {"url": "javascript:alert(1)"},
        {"url": "ftp://example.com/a"},
        {"url": "https://example.com/", "file": upload()},
        {"file": upload("假.pdf", PNG)},
        {"file": upload("页.html", b"<script>")},
    ],
)
def test_a_material_that_cannot_be_taken_says_so(
    scene: Scene, client: Client, media: Path, fields: dict[str, Any]
) -> None:
    pack = make_pack(scene)
    client.force_login(scene.staff)
    response = client.post(reverse("reminders:pack_detail", args=[pack.pk]), fields)
    assert response.status_code == 422
    assert (StudyMaterial.objects.count(), files_in(media)) == (0, [])


def test_a_file_is_served_as_an_attachment_that_no_browser_runs(scene: Scene, client: Client) -> None:
    material = add_file(make_pack(scene), title="学习方案", file=upload(), by=scene.staff)
    client.force_login(scene.worker)
    response: Any = client.get(reverse("reminders:material_download", args=[material.pk]))
    assert b"".join(response.streaming_content) == PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E5%AD%A6%E4%B9%A0%E6%96%B9%E6%A1%88.pdf"
    )


def test_a_file_is_not_found_for_foreigners_for_links_and_when_it_is_lost(
    scene: Scene, client: Client, media: Path
) -> None:
    pack = make_pack(scene)
    material = add_file(pack, title="", file=upload(), by=scene.staff)
    link = add_link(pack, title="", url="https://example.com/", by=scene.staff)
    url = reverse("reminders:material_download", args=[material.pk])
    client.force_login(scene.foreign_staff)
    assert client.get(url).status_code == 404
    client.force_login(scene.worker)
    assert client.get(reverse("reminders:material_download", args=[link.pk])).status_code == 404
    for path in files_in(media):
        path.unlink()
    assert client.get(url).status_code == 404


def test_hostile_text_is_shown_as_text(scene: Scene, client: Client) -> None:
    pack = make_pack(scene, title=HOSTILE, summary=HOSTILE)
    StudyMaterial.objects.create(pack=pack, title=HOSTILE, url="https://example.com/")
    client.force_login(scene.staff)
    for name in ("pack_detail", "pack_edit", "pack_retire"):
        page = client.get(reverse(f"reminders:{name}", args=[pack.pk])).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_staff_edits_removes_and_retires(scene: Scene, client: Client) -> None:
    pack = make_pack(scene)
    material = add_link(pack, title="", url="https://example.com/", by=scene.staff)
    client.force_login(scene.staff)
    client.post(reverse("reminders:pack_edit", args=[pack.pk]), {"title": "改名", "summary": ""})
    client.post(reverse("reminders:material_remove", args=[material.pk]))
    client.post(reverse("reminders:pack_retire", args=[pack.pk]))
    pack.refresh_from_db()
    assert (pack.title, pack.materials.count(), pack.retired_at is None) == ("改名", 0, False)
    assert client.get(reverse("reminders:pack_edit", args=[pack.pk])).status_code == 404
    assert client.post(reverse("reminders:pack_detail", args=[pack.pk]), {}).status_code == 404


def test_refused_foreign_and_wrong_methods(scene: Scene, client: Client) -> None:
    pack = make_pack(scene)
    material = add_link(pack, title="", url="https://example.com/", by=scene.staff)
    one = [pack.pk]
    client.force_login(scene.worker)
    assert (
        client.post(reverse("reminders:pack_detail", args=one), {"url": "https://x.cn/"}).status_code == 404
    )
    assert client.get(reverse("reminders:pack_add")).status_code == 403
    for name, args in (("pack_edit", one), ("pack_retire", one), ("material_remove", [material.pk])):
        assert client.post(reverse(f"reminders:{name}", args=args)).status_code == 403
    client.force_login(scene.foreign_staff)
    assert client.get(reverse("reminders:pack_detail", args=one)).status_code == 404
    for name, args in (("pack_edit", one), ("pack_retire", one), ("material_remove", [material.pk])):
        assert client.post(reverse(f"reminders:{name}", args=args)).status_code == 404
    client.force_login(scene.staff)
    assert client.get(reverse("reminders:material_remove", args=[material.pk])).status_code == 405
    assert client.post(reverse("reminders:pack_list")).status_code == 405
    assert client.post(reverse("reminders:material_download", args=[material.pk])).status_code == 405
    for name, args in (("pack_add", []), ("pack_edit", one), ("pack_retire", one), ("pack_detail", one)):
        assert client.put(reverse(f"reminders:{name}", args=args)).status_code == 405
    assert (StudyPack.objects.count(), StudyMaterial.objects.count()) == (1, 1)


def test_what_was_handed_out_at_a_session(scene: Scene) -> None:
    session, other = planned(scene), planned(scene, title="另一次")
    address, add = f"/w/reminders/packs/session/{session.pk}/", "/w/reminders/packs/add/"
    staff, worker = signed_in(scene.staff), signed_in(scene.worker)
    assert worker.get(address)["Location"] == f"/w/training/sessions/{session.pk}/"
    assert staff.get(address)["Location"] == f"{add}?session={session.pk}"
    assert f'value="{session.title}"' in staff.get(f"{add}?session={session.pk}").content.decode()
    made = staff.post(f"{add}?session={session.pk}", {"title": session.title})
    pack = StudyPack.objects.get(session=session)
    assert (made["Location"], pack.organisation) == (f"/w/reminders/packs/{pack.pk}/", scene.general)
    assert worker.get(address)["Location"] == f"/w/reminders/packs/{pack.pk}/"
    again = staff.post(f"{add}?session={session.pk}", {"title": "另一个名字"})
    assert (again.status_code, "已经有资料包" in again.content.decode()) == (422, True)
    assert [
        signed_in(scene.foreign_staff).get(page).status_code
        for page in (address, f"{add}?session={other.pk}")
    ] == [404, 404]
    assert [staff.get(f"{add}?session={text}").status_code for text in ("x", "9" * 40, "٣")] == [404] * 3
    assert worker.post(address).status_code == 405
