"""The pages of monthly briefs: who reads what, what is refused, forms that lose nothing, statements, PDF."""

import re
from io import BytesIO
from urllib.parse import unquote

import pypdf
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from dashboards.actions.briefs import correct_brief, release_brief, word_section
from dashboards.models import Brief
from dashboards.rules.brief_words import BriefSection, BriefState
from tests.dashboards.board_scene import Scene, signed_in
from tests.dashboards.brief_scene import NOW, ON, SEPTEMBER, make_brief_scene, prepared, released
from tests.factories.branches import make_holder

pytestmark = pytest.mark.django_db
READING = ("brief_detail", "brief_pdf")
CHANGING = ("brief_renew", "brief_drop")
FORMS = ("brief_release", "brief_correct")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_brief_scene(monkeypatch)


def url(page: str, brief: Brief | None = None, section: str = "") -> str:
    args = [brief.pk] if brief else []
    return reverse(f"dashboards:{page}", args=[*args, section] if section else args)


def get(client: Client, user: User, address: str) -> HttpResponse:
    return signed_in(client, user).get(address)  # type: ignore[return-value]  # the test client's own class


def listed(client: Client, user: User, address: str = "") -> tuple[list[Brief], list[Brief]]:
    archive = signed_in(client, user).get(address or url("brief_list")).context["archive"]
    return list(archive.drafts), list(archive.released)


# --- who reads what --------------------------------------------------------------------------


def test_the_list_shows_drafts_to_staff_and_released_ones_below(scene: Scene, client: Client) -> None:
    old, draft = released(scene, SEPTEMBER), prepared(scene)
    released(scene, place=scene.foreign)
    other = released(scene, place=scene.other)
    assert listed(client, scene.staff) == ([draft], [old])
    assert listed(client, scene.worker) == ([], [old])
    # The committee stands above both general branches.
    assert listed(client, scene.overseer) == ([draft], [other, old])
    abroad = make_holder(scene.other_branch, Role.SECRETARY)
    assert listed(client, abroad) == ([], [other])
    text = get(client, scene.staff, url("brief_list")).content.decode()
    assert [name for name in ("外单位", "另一党") if name in text] == []


def test_the_archive_is_turned_by_year(scene: Scene, client: Client) -> None:
    new = released(scene)
    assert listed(client, scene.staff, f"{url('brief_list')}?year=2026") == ([], [new])
    for nonsense in ("1999", "x", "２０２６", "99999"):
        assert listed(client, scene.staff, f"{url('brief_list')}?year={nonsense}") == ([], [new])


def test_a_reader_below_sees_a_released_one_without_buttons(scene: Scene, client: Client) -> None:
    brief = released(scene)
    text = get(client, scene.worker, url("brief_detail", brief)).content.decode()
    assert "按时完成率 50%" in text
    assert text.count('<svg class="chart"') == 3
    assert [word for word in ("更正</a>", "改文字", "重新整理") if word in text] == []


@pytest.mark.parametrize("page", READING)
def test_what_is_not_ones_own_is_not_found(scene: Scene, client: Client, page: str) -> None:
    draft = prepared(scene)
    away = [released(scene, place=scene.foreign), prepared(scene, place=scene.other)]
    assert get(client, scene.worker, url(page, draft)).status_code == 404
    for brief in away:
        assert get(client, scene.staff, url(page, brief)).status_code == 404
        assert get(client, scene.worker, url(page, brief)).status_code == 404


def test_changes_of_anothers_brief_are_not_found(scene: Scene, client: Client) -> None:
    away = prepared(scene, place=scene.other)
    signed_in(client, scene.staff)
    addresses = [url(page, away) for page in (*CHANGING, *FORMS)]
    addresses += [url("brief_edit", away, "whole"), url("brief_restore", away, "whole")]
    assert [client.post(address, {"text": "x", "reason": "x"}).status_code for address in addresses] == [
        404
    ] * 6
    assert Brief.objects.get(pk=away.pk).state == BriefState.DRAFT


def test_who_only_reads_is_refused_every_change(scene: Scene, client: Client) -> None:
    brief = released(scene)
    signed_in(client, scene.worker)
    addresses = [url("brief_add"), *(url(page, brief) for page in (*CHANGING, *FORMS))]
    addresses += [url("brief_edit", brief, "whole"), url("brief_restore", brief, "whole")]
    assert [client.post(address).status_code for address in addresses] == [403] * 7
    administrator = make_holder(scene.general, Role.ADMINISTRATOR)
    assert get(client, administrator, url("brief_list")).status_code == 403


def test_the_wrong_method_is_refused(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    signed_in(client, scene.staff)
    reads = [url("brief_list"), *(url(page, brief) for page in READING)]
    assert [client.post(address).status_code for address in reads] == [405] * 3
    writes = [*(url(page, brief) for page in CHANGING), url("brief_restore", brief, "whole")]
    assert [client.get(address).status_code for address in writes] == [405] * 3


# --- forms -----------------------------------------------------------------------------------


def test_staff_prepare_by_hand(scene: Scene, client: Client) -> None:
    signed_in(client, scene.staff)
    asked = {"organisation": scene.general.pk, "month": "2026-09"}
    answer = client.post(url("brief_add"), asked)
    brief = Brief.objects.get()
    assert answer.headers["Location"] == url("brief_detail", brief)
    assert (brief.of, brief.prepared_by) == (SEPTEMBER, scene.staff)
    again = client.post(url("brief_add"), asked)
    assert again.status_code == 422
    assert "2026 年 9 月的通报已经有了" in again.content.decode()
    foreign = client.post(url("brief_add"), {"organisation": scene.foreign.pk, "month": "2026-09"})
    assert (foreign.status_code, Brief.objects.count()) == (422, 1)


def test_a_section_begins_with_its_words_and_keeps_what_was_typed(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    address = url("brief_edit", brief, "load")
    form = get(client, scene.staff, address).content.decode()
    assert brief.sections[3].generated.splitlines()[0] in form
    empty = client.post(address, {"text": " "})
    assert (empty.status_code, "请填写文字。" in empty.content.decode()) == (422, True)
    long = client.post(address, {"text": "长" * 4001})
    assert (long.status_code, "长" * 4001 in long.content.decode()) == (422, True)
    saved = client.post(address, {"text": "本月任务较集中。"})
    assert saved.headers["Location"] == f"{url('brief_detail', brief)}#load"
    assert Brief.objects.get().edited == {"load": "本月任务较集中。"}
    client.post(url("brief_restore", brief, "load"))
    assert Brief.objects.get().edited == {}
    assert client.get(url("brief_edit", brief, "nothing")).status_code == 404


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_of_two_who_edit_one_section_the_second_sees_the_first(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    address = url("brief_edit", brief, "load")
    opened = hidden(get(client, scene.staff, address).content.decode(), "opened_with")
    word_section(brief, BriefSection.WHOLE, text="别处的话。", by=scene.overseer, now=NOW)
    saved = client.post(address, {"text": "先写的话。", "opened_with": opened})
    assert saved.status_code == 302
    late = client.post(address, {"text": "后写的话。", "opened_with": opened})
    page = late.content.decode()
    assert (late.status_code, "现为“先写的话。”" in page, "后写的话。" in page) == (422, True, True)
    again = client.post(address, {"text": "后写的话。", "opened_with": hidden(page, "opened_with")})
    assert again.status_code == 302
    assert Brief.objects.get().edited == {"whole": "别处的话。", "load": "后写的话。"}


def test_nobody_releases_words_they_have_not_read(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    address = url("brief_release", brief)
    seen = hidden(get(client, scene.staff, address).content.decode(), "seen")
    word_section(brief, BriefSection.LOAD, text="同事刚改的话。", by=scene.overseer, now=NOW)
    refused = client.post(address, {"seen": seen})
    assert (refused.status_code, "草稿的数据或文字又有改动" in refused.content.decode()) == (422, True)
    assert Brief.objects.get().is_draft
    seen = hidden(client.get(address).content.decode(), "seen")
    assert client.post(address, {"seen": seen}).status_code == 302
    assert not Brief.objects.get().is_draft


def test_what_was_typed_beside_a_release_is_not_lost(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    release_brief(brief, by=scene.overseer, on=ON, now=NOW)
    address = url("brief_edit", brief, "load")
    answer = signed_in(client, scene.staff).post(address, {"text": "写了很久的话。"})
    words = answer.content.decode()
    assert (answer.status_code, "写了很久的话。" in words, "不能再改" in words) == (422, True, True)
    assert client.get(address).status_code == 302


def test_a_release_is_asked_once_more(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    page = get(client, scene.staff, url("brief_release", brief)).content.decode()
    assert "所属 3 个党支部" in page
    assert "1 名党务工作者" in page
    assert Brief.objects.get().is_draft
    assert client.post(url("brief_release", brief)).headers["Location"] == url("brief_detail", brief)
    assert Brief.objects.get().issue == "2026 年第 1 期"
    again = client.post(url("brief_release", brief))
    assert (again.status_code, "已经发布" in again.content.decode()) == (422, True)


def test_preparing_again_says_what_happened(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    answer = signed_in(client, scene.staff).post(url("brief_renew", brief), follow=True)
    assert "已按最新数据重新整理：数据没有变化。" in answer.content.decode()
    release_brief(brief, by=scene.staff, on=ON, now=NOW)
    answer = client.post(url("brief_renew", brief), follow=True)
    assert "不能再改" in answer.content.decode()


def test_a_correction_replaces_what_was_released(scene: Scene, client: Client) -> None:
    brief = released(scene)
    signed_in(client, scene.staff)
    nothing = client.post(url("brief_correct", brief), {"reason": ""})
    assert (nothing.status_code, Brief.objects.count()) == (422, 1)
    client.post(url("brief_correct", brief), {"reason": "原统计有误"})
    second = Brief.objects.get(edition=2)
    refused = client.post(url("brief_correct", brief), {"reason": "再来"})
    assert (refused.status_code, Brief.objects.count()) == (422, 2)
    # Nobody below knows of the draft.
    text = get(client, scene.worker, url("brief_detail", brief)).content.decode()
    assert [word for word in ("已经更正", "第 2 版") if word in text] == []
    release_brief(second, by=scene.staff, on=ON, now=NOW)
    assert listed(client, scene.worker) == ([], [second])
    assert "这一版已经更正" in get(client, scene.worker, url("brief_detail", brief)).content.decode()
    assert "更正原因：原统计有误" in get(client, scene.worker, url("brief_detail", second)).content.decode()


def test_a_correction_is_taken_back(scene: Scene, client: Client) -> None:
    brief = released(scene)
    second = correct_brief(brief, reason="原统计有误", by=scene.staff, now=NOW)
    signed_in(client, scene.staff).post(url("brief_drop", second))
    assert list(Brief.objects.all()) == [brief]
    client.post(url("brief_drop", brief))
    assert list(Brief.objects.all()) == [brief]


# --- paper -----------------------------------------------------------------------------------


def pdf_of(client: Client, user: User, brief: Brief) -> tuple[str, str]:
    """The text without blanks and line ends, and the name of the file."""
    answer = get(client, user, url("brief_pdf", brief))
    assert answer.headers["Content-Type"] == "application/pdf"
    read = pypdf.PdfReader(BytesIO(answer.content))
    sizes = {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in read.pages}
    assert sizes == {(595, 842)}
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in read.pages))
    return text, unquote(answer.headers["Content-Disposition"])


def test_the_paper_says_what_the_page_says(scene: Scene, client: Client) -> None:
    brief = prepared(scene)
    word_section(brief, BriefSection.LOAD, text="任务较集中。", by=scene.staff, now=NOW)
    release_brief(brief, by=scene.staff, on=ON, now=NOW)
    brief = Brief.objects.get()
    text, name = pdf_of(client, scene.worker, brief)
    assert f"月度通报_{scene.general.name}_2026-10.pdf" in name
    said = [line for section in brief.sections for line in section.paragraphs]
    assert [line for line in said if re.sub(r"\s+", "", line) not in text] == []
    assert "任务较集中。" in text
    heads = [re.sub(r"\s+", "", word) for word in ("（2026年第1期）", "各党支部：", "2026年11月18日", "—1—")]
    assert [word for word in heads if word not in text] == []
    assert "草稿" not in text
    event = AuditEvent.objects.get(event="dashboards.brief_exported")
    assert (event.by, event.target_id, event.detail["state"]) == (scene.worker, str(brief.pk), "released")


def test_a_released_brief_keeps_the_name_of_its_time(scene: Scene, client: Client) -> None:
    brief, name = released(scene), scene.general.name
    scene.general.name = "改名后的党总支"
    scene.general.save()
    text, file = pdf_of(client, scene.worker, brief)
    assert (name in text, f"月度通报_{name}_" in file) == (True, True)
    page = get(client, scene.worker, url("brief_detail", brief)).content.decode()
    assert "改名后的" not in f"{text}{file}{page}"


def test_a_draft_on_paper_is_stamped(scene: Scene, client: Client) -> None:
    text, name = pdf_of(client, scene.staff, prepared(scene))
    assert "草稿" in text
    assert "未编号" in text
    assert "_草稿.pdf" in name


# --- statements ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["staff", "worker"])
@pytest.mark.parametrize("briefs", [1, 3])
def test_the_number_of_statements_does_not_grow(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, who: str, briefs: int
) -> None:
    made = [released(scene, SEPTEMBER.plus(-n)) for n in range(briefs)]
    released(scene, place=scene.foreign)
    signed_in(client, getattr(scene, who)).get(url("brief_list"))
    with django_assert_num_queries(6):
        client.get(url("brief_list"))
    with django_assert_num_queries(6 if who == "staff" else 5):
        client.get(url("brief_detail", made[0]))
