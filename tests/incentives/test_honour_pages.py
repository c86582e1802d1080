"""Pages of honours, public notices and stories: who opens what, every step, statements, the certificate."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.rules import Role
from incentives.actions.honours import award
from incentives.actions.public_notices import raise_objection, settle_notices
from incentives.actions.stories import draft_story
from incentives.models import HonourCall, HonourCase, HonourStory, Objection
from incentives.rules.honours import CaseState
from incentives.rules.stories import StoryKind, StoryState
from tests.factories.branches import make_holder
from tests.incentives.honour_scene import AFTER, called, posted, proposed, secretary
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene

LIST, CALL = reverse("incentives:honour_list"), reverse("incentives:honour_call")
NOTICES, STORIES = reverse("incentives:notice_list"), reverse("incentives:story_list")


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page(name: str, *args: object) -> str:
    return reverse(f"incentives:{name}", args=args)


def awarded(scene: Scene) -> HonourCase:
    case, _ = posted(scene)
    settle_notices(AFTER)
    return award(case, by=scene.staff, on=AFTER)


def statuses(client: Client, users: list[User], address: str) -> list[int]:
    return [as_(client, user).get(address).status_code for user in users]


def test_staff_open_a_call_and_a_secretary_proposes(scene: Scene, client: Client) -> None:
    typed = {
        "organisation": scene.general.pk,
        "honour": "member_model_post",
        "period": "2026 年下半年",
        "opens_on": "2026-11-01",
        "closes_on": "2026-11-30",
    }
    assert statuses(client, [scene.worker, scene.overseer, scene.staff], CALL) == [403, 403, 200]
    assert client.post(CALL, {**typed, "honour": ""}).status_code == 422
    foreign = client.post(CALL, {**typed, "organisation": scene.foreign_general.pk})
    assert (foreign.status_code, HonourCall.objects.count()) == (422, 0)
    assert client.post(CALL, typed).headers["Location"] == LIST
    assert (client.post(CALL, typed).status_code, client.delete(CALL).status_code) == (422, 405)
    nominate = page("honour_nominate", HonourCall.objects.get().pk)
    assert as_(client, scene.foreign_staff).get(nominate).status_code == 404
    assert as_(client, scene.overseer).get(nominate).status_code == 403
    as_(client, secretary(scene))
    given = {"nominee": scene.worker.pk, "reason": HOSTILE}
    other = client.post(nominate, {**given, "nominee": make_holder(scene.second).pk})
    assert (other.status_code, "&lt;script&gt;" in other.content.decode()) == (422, True)
    made = client.post(nominate, given)
    assert made.headers["Location"] == page("honour_detail", HonourCase.objects.get().pk)
    assert (client.post(nominate, given).status_code, client.delete(nominate).status_code) == (422, 405)


def test_a_case_is_seen_by_who_has_a_part_in_it(scene: Scene, client: Client) -> None:
    case = proposed(scene)
    detail = page("honour_detail", case.pk)
    other = make_holder(scene.second)
    seen = [scene.worker, case.proposed_by, scene.staff, scene.overseer, other, scene.foreign_staff]
    assert statuses(client, seen, detail) == [200, 200, 200, 200, 404, 404]
    listed = [list(as_(client, user).get(LIST).context["rows"]) for user in seen]
    assert listed == [[case]] * 4 + [[], []]
    assert (client.post(detail).status_code, client.post(LIST).status_code) == (405, 405)


def test_every_step_by_the_pages(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    case = proposed(scene)
    detail, check = page("honour_detail", case.pk), page("honour_check", case.pk)
    assert as_(client, scene.worker).post(check).status_code == 403
    assert as_(client, scene.foreign_staff).post(check).status_code == 404
    as_(client, scene.staff)
    assert client.get(check).status_code == 405
    assert "核资格并存证" in client.get(detail).content.decode()
    assert [client.post(check).headers["Location"] for _ in range(2)] == [detail] * 2
    vote = page("honour_vote", case.pk)
    counts = {"held_on": "2026-11-18", "eligible": 9, "present": 8, "yes": 7, "no": 0, "abstain": 1}
    assert (client.get(vote).status_code, client.post(vote, {**counts, "present": 10}).status_code) == (
        200,
        422,
    )
    assert client.post(vote, counts).headers["Location"] == detail
    assert (client.post(vote, counts).status_code, client.delete(vote).status_code) == (422, 405)
    assert "拟表彰" in client.get(NOTICES).content.decode()
    grant = page("honour_award", case.pk)
    client.post(grant)
    case.refresh_from_db()
    assert (case.state, client.get(grant).status_code) == (CaseState.NOTICED, 405)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: AFTER)
    settle_notices(AFTER)
    assert [client.post(grant).headers["Location"] for _ in range(2)] == [detail] * 2
    case.refresh_from_db()
    assert (case.state, case.number) == (CaseState.AWARDED, "2026-001")
    assert as_(client, scene.worker).post(grant).status_code == 403
    assert as_(client, scene.foreign_staff).post(grant).status_code == 404
    assert statuses(client, [scene.worker, scene.foreign_staff], vote) == [403, 404]


def test_declining_and_withdrawing(scene: Scene, client: Client) -> None:
    case = proposed(scene)
    decline, withdraw = page("honour_decline", case.pk), page("honour_withdraw", case.pk)
    assert statuses(client, [scene.worker, scene.foreign_staff, scene.staff], decline) == [403, 404, 200]
    assert client.post(decline, {"reason": ""}).status_code == 422
    assert statuses(client, [scene.staff, scene.foreign_staff, scene.worker], withdraw) == [404, 404, 200]
    assert client.post(withdraw).headers["Location"] == page("honour_detail", case.pk)
    assert (client.post(withdraw).status_code, client.delete(withdraw).status_code) == (422, 405)
    as_(client, scene.staff)
    assert client.post(decline, {"reason": "晚了"}).status_code == 422
    assert client.delete(decline).status_code == 405
    again = proposed(scene, call=case.call)
    made = client.post(page("honour_decline", again.pk), {"reason": "材料不全"})
    assert made.headers["Location"] == page("honour_detail", again.pk)


def test_the_certificate_names_person_honour_and_number(scene: Scene, client: Client) -> None:
    case = awarded(scene)
    address = page("honour_certificate", case.pk)
    answer = as_(client, scene.worker).get(address)
    reader = PdfReader(BytesIO(answer.content))
    text = "".join(reader.pages[0].extract_text().split())
    assert (answer.headers["Content-Type"], len(reader.pages)) == ("application/pdf", 1)
    for words in (
        "荣誉证书",
        f"{scene.worker.name}同志：",
        "2026年下半年党员示范岗",
        "2026-001",
        "2026年11月26日",
    ):
        assert words in text
    assert as_(client, scene.foreign_staff).get(address).status_code == 404
    assert client.post(address).status_code == 405
    early = proposed(scene, call=called(scene, period="2027 年上半年"))
    refused = as_(client, scene.staff).get(page("honour_certificate", early.pk))
    assert refused.headers["Location"] == page("honour_detail", early.pk)


def test_an_objection_is_read_by_its_writer_and_the_reviewers_alone(scene: Scene, client: Client) -> None:
    case, notice = posted(scene)
    raising, other = page("notice_object", notice.pk), make_holder(scene.second)
    assert as_(client, scene.foreign_staff).get(raising).status_code == 404
    as_(client, other)
    assert (client.get(raising).status_code, client.post(raising, {"words": ""}).status_code) == (200, 422)
    assert client.post(raising, {"words": HOSTILE}).headers["Location"] == NOTICES
    assert (client.post(raising, {"words": "再"}).status_code, client.delete(raising).status_code) == (
        422,
        405,
    )
    reads = {}
    for user in (other, scene.overseer, scene.worker, case.proposed_by):
        reads[user.pk] = "&lt;script&gt;" in as_(client, user).get(NOTICES).content.decode()
    assert list(reads.values()) == [True, True, False, False]
    answer = page("objection_answer", Objection.objects.get().pk)
    refused = [scene.worker, scene.foreign_staff]
    assert statuses(client, refused, answer) == [403, 404]
    typed = {"uphold": "no", "answer": "查过，符合标准。"}
    first = as_(client, scene.staff).post(answer, typed)
    assert (first.status_code, "第二个人" in first.content.decode()) == (422, True)
    as_(client, scene.overseer)
    assert (client.get(answer).status_code, client.post(answer, {**typed, "answer": ""}).status_code) == (
        200,
        422,
    )
    assert client.post(answer, typed).headers["Location"] == NOTICES
    assert client.delete(answer).status_code == 405
    told = as_(client, scene.worker).get(page("honour_detail", case.pk)).content.decode()
    assert ("查过，符合标准。" in told, other.name in told) == (True, False)


def test_discipline_inspection_records_what_was_said_in_person(scene: Scene, client: Client) -> None:
    _, notice = posted(scene)
    record = page("notice_record", notice.pk)
    discipline = make_holder(scene.second, Role.DISCIPLINE_COMMISSIONER)
    foreign = make_holder(scene.foreign_branch, Role.DISCIPLINE_COMMISSIONER)
    asked = [scene.worker, scene.staff, scene.overseer, foreign, discipline]
    assert statuses(client, asked, record) == [403, 403, 403, 404, 200]
    assert client.post(record, {"name": "", "words": ""}).status_code == 422
    assert client.post(record, {"name": "", "words": "当面反映"}).headers["Location"] == NOTICES
    assert client.delete(record).status_code == 405
    kept = Objection.objects.get()
    assert (kept.objector, kept.recorded_by, kept.words) == (None, discipline, "当面反映")


def test_a_story_is_public_only_while_the_person_wants_it(scene: Scene, client: Client) -> None:
    case = awarded(scene)
    edit = page("story_edit", case.pk, "deeds")
    assert statuses(client, [scene.worker, scene.foreign_staff, scene.staff], edit) == [403, 404, 200]
    assert client.get(page("story_edit", case.pk, "other")).status_code == 404
    assert client.post(edit, {"title": "", "body": "正文"}).status_code == 422
    client.post(edit, {"title": "先进事迹", "body": HOSTILE})
    assert client.delete(edit).status_code == 405
    story = HonourStory.objects.get()
    detail, other = page("story_detail", story.pk), make_holder(scene.second)
    release, back = page("story_release", story.pk), page("story_take_back", story.pk)
    readers = [other, scene.staff, scene.worker, scene.foreign_staff]
    assert statuses(client, readers, detail) == [404, 200, 200, 404]
    assert [as_(client, scene.staff).post(each).status_code for each in (release, back)] == [404, 404]
    seen = as_(client, scene.worker).get(detail).context["form"].initial["seen"]
    client.post(release, {"seen": "x"})
    assert HonourStory.objects.get().state == StoryState.DRAFT
    client.post(release, {"seen": seen})
    assert statuses(client, readers, detail) == [200, 200, 200, 404]
    assert "<script>alert" not in as_(client, other).get(detail).content.decode()
    assert list(client.get(STORIES).context["rows"]) == [story]
    as_(client, scene.worker)
    assert [client.get(each).status_code for each in (release, back)] == [405, 405]
    client.post(back)
    assert statuses(client, readers, detail) == [404, 200, 200, 404]
    assert (list(as_(client, other).get(STORIES).context["rows"]), client.post(STORIES).status_code) == (
        [],
        405,
    )


def scene_of(scene: Scene, cases: int) -> None:
    """So many cases, each posted and objected to, in calls of their own; and one of a foreign branch."""
    foreign = called(scene, period="外单位")
    HonourCall.objects.filter(pk=foreign.pk).update(organisation=scene.foreign_general)
    for n in range(cases):
        case, notice = posted(scene, proposed(scene, by=secretary(scene), call=called(scene, CODES[n])))
        raise_objection(notice, words="不符合", by=make_holder(scene.second), on=ON)
        HonourCase.objects.filter(pk=case.pk).update(state=CaseState.AWARDED, ended_on=ON)
        case.refresh_from_db()
        draft_story(case, kind=StoryKind.DEEDS, title="题", body="文", by=scene.staff, on=ON)


CODES = ("member_model_post", "best_practice_case", "micro_lecture")


@pytest.mark.parametrize("cases", [1, 3])
@pytest.mark.parametrize(("address", "statements"), [(LIST, 10), (NOTICES, 9), (STORIES, 8)])
def test_lists_cost_the_same_for_more(
    scene: Scene,
    client: Client,
    cases: int,
    address: str,
    statements: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    scene_of(scene, cases)
    as_(client, scene.staff)
    with django_assert_num_queries(statements):
        found = client.get(address)
    assert len(found.context["rows"]) == cases


def test_the_case_page_is_cheap(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = proposed(scene)
    as_(client, scene.staff)
    with django_assert_num_queries(DETAIL_STATEMENTS):
        client.get(page("honour_detail", case.pk))


DETAIL_STATEMENTS = 11
