"""The notice, the own page with its file, and corrections that are answered and told."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.access import CONFIRMED
from accounts.models import User
from audit.models import AuditEvent
from branches.actions.personal_data import reveal_id_number
from branches.models import Member
from branches.rules import OrganisationKind, Role
from branches.sealed import digest, seal
from notices.models import Message
from personal.actions.corrections import answer_correction, ask_correction
from personal.models import Correction
from personal.purposes import PURPOSES
from personal.retention import RETENTION
from personal.rules import CorrectionRefused, CorrectionState, CorrectionSubject
from tests.factories.branches import make_holder, make_member, make_organisation, make_user
from tests.factories.rosters import cells
from tests.personal.scene import DUE, NUMBERS, Leaving, make_leaving

pytestmark = pytest.mark.django_db
OWN, FILE, ASK = "/w/personal/mine/", "/w/personal/mine/file/", "/w/personal/mine/correct/"
LIST = "/w/personal/corrections/"
WORDS = {"subject": "facts", "words": "入党日期应为 2015-07-01"}


@pytest.fixture
def scene() -> Leaving:
    return make_leaving()


def signed_in(user: User | None, *, confirmed: bool = False) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    if confirmed:
        session = client.session
        session[CONFIRMED] = timezone.now().timestamp()
        session.save()
    return client


def asked(user: User | None, **fields: Any) -> Correction:
    assert user is not None
    given = {"subject": CorrectionSubject.FACTS, "words": "姓名有误", "on": DUE, "now": timezone.now()}
    return ask_correction(by=user, **{**given, **fields})


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_notice_says_every_purpose_and_every_time() -> None:
    page = text_of(signed_in(make_user()), "/w/personal/")
    assert [line.what for line in RETENTION if line.what not in page or line.how_long not in page] == []
    assert [one.what for one in PURPOSES if one.what not in page or one.seen_by not in page] == []


def test_the_own_page_shows_the_mask_and_who_looked(
    scene: Leaving, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(scene.kept.user)
    client.get(OWN)
    with django_assert_num_queries(7):
        page = text_of(client, OWN)
    assert (NUMBERS[0] in page, "5325" in page, "谢建平" in page) == (False, True, False)
    assert "还没有人看过" in page
    reveal_id_number(scene.kept, by=scene.staff)
    asked(scene.kept.user)
    with django_assert_num_queries(7):
        page = text_of(client, OWN)
    assert (scene.staff.name in page, "还没有人看过" in page, "姓名有误" in page) == (True, False, True)


def test_an_account_without_a_member_has_a_page_too() -> None:
    user = make_user(name="没有名册的人")
    page = text_of(signed_in(user), OWN)
    assert ("没有名册的人" in page, "身份证号</dt>" in page) == (True, False)


def test_the_file_holds_everything_about_me_and_nothing_of_others(scene: Leaving) -> None:
    client = signed_in(scene.kept.user, confirmed=True)
    answer = client.get(FILE)
    assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    rows = [[str(cell) for cell in row if cell is not None] for row in cells(answer.content)]
    kinds = {row[0] for row in rows if len(row) == 4}
    assert {"基本信息", "会议和活动", "任职（党员）", "通知方式", "通知"} <= kinds
    told = "\n".join("|".join(row) for row in rows)
    assert "会议和活动|1|主题|六月支部党员大会" in told
    assert (NUMBERS[0] in told, "谢建平" in told, "龙在田" in told) == (False, False, False)
    event = AuditEvent.objects.get(event="personal.own_data_fetched")
    assert (event.by, event.target_id) == (scene.kept.user, str(scene.kept.user_id))


def test_the_file_asks_for_the_password_first(scene: Leaving) -> None:
    answer = signed_in(scene.kept.user).get(FILE)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/w/account/password/confirm/?next=%2Fw%2Fpersonal%2Fmine%2Ffile%2F",
    )
    assert AuditEvent.objects.filter(event="personal.own_data_fetched").count() == 0


def test_a_formula_in_ones_words_stays_text(scene: Leaving) -> None:
    asked(scene.kept.user, words="=1+1")
    rows = cells(signed_in(scene.kept.user, confirmed=True).get(FILE).content)
    assert [row[3] for row in rows if row[2] == "哪里不对"] == ["=1+1"]


def test_asking_answering_and_being_told(scene: Leaving) -> None:
    client, staff = signed_in(scene.staying.user), signed_in(scene.staff)
    assert client.post(ASK, WORDS).headers["Location"] == OWN
    row = Correction.objects.get()
    assert (row.user, row.organisation, row.state) == (
        scene.staying.user,
        scene.branch,
        CorrectionState.WAITING,
    )
    told = Message.objects.filter(event="personal.correction_asked")
    assert list(told.values_list("recipient", flat=True)) == [scene.staff.pk]
    assert "入党日期应为" in text_of(staff, LIST)
    page = f"{LIST}{row.pk}/"
    assert staff.post(page, {"state": "corrected", "answer": "已改为 2015-07-01"}).headers["Location"] == LIST
    row.refresh_from_db()
    assert (row.state, row.answered_by, row.answer) == (
        CorrectionState.CORRECTED,
        scene.staff,
        "已改为 2015-07-01",
    )
    answered = Message.objects.filter(event="personal.correction_answered")
    assert list(answered.values_list("recipient", flat=True)) == [scene.staying.user_id]
    assert "已改为 2015-07-01" in text_of(client, OWN)
    events = AuditEvent.objects.filter(event__startswith="personal.").values_list("event", flat=True)
    assert sorted(events) == ["personal.correction_answered", "personal.correction_asked"]


def test_what_is_refused_is_said_and_kept_as_typed(scene: Leaving) -> None:
    client = signed_in(scene.staying.user)
    answer = client.post(ASK, {"subject": "facts", "words": f"身份证号应为 {NUMBERS[0]}"})
    assert (answer.status_code, "请不要在这里填写身份证号" in answer.content.decode()) == (422, True)
    client.post(ASK, WORDS)
    again = client.post(ASK, WORDS)
    assert (again.status_code, "正在核对" in again.content.decode()) == (422, True)
    assert Correction.objects.count() == 1
    nowhere = signed_in(make_user()).post(ASK, WORDS)
    assert (nowhere.status_code, "还没有登记所在的党组织" in nowhere.content.decode()) == (422, True)


def test_where_nobody_else_could_answer_it_says_whom_to_ask(scene: Leaving) -> None:
    alone = signed_in(scene.staff).post(ASK, WORDS)
    assert (alone.status_code, "请直接联系党委党务干部" in alone.content.decode()) == (422, True)
    assert Correction.objects.count() == 0


@pytest.mark.parametrize("role", [Role.COMMITTEE_STAFF, Role.ADMINISTRATOR])
def test_the_committee_answers_who_has_nobody_nearer(role: Role) -> None:
    committee = make_organisation(kind=OrganisationKind.COMMITTEE)
    general = make_organisation(parent=committee, kind=OrganisationKind.GENERAL_BRANCH)
    staff, above = make_holder(general, Role.GENERAL_BRANCH_STAFF), make_holder(committee, role)
    of_committee = make_holder(committee, Role.SECRETARY)
    rows = [asked(staff), asked(of_committee)]
    told = Message.objects.filter(event="personal.correction_asked")
    assert list(told.values_list("recipient", flat=True)) == [above.pk, above.pk]
    client = signed_in(above)
    pages = [client.get(f"{LIST}{row.pk}/").status_code for row in rows]
    assert pages == [200, 200]
    nearer = asked(make_member(general, user=make_user()).user)
    subject = told.order_by("-pk").values_list("recipient", flat=True)
    assert (subject[0], nearer.organisation) == (staff.pk, general)


def test_a_waiting_request_is_taken_back_by_its_asker_alone(scene: Leaving) -> None:
    row = asked(scene.staying.user)
    client, address = signed_in(scene.staying.user), f"{ASK}{row.pk}/recall/"
    assert f'action="{address}"' in text_of(client, OWN)
    assert signed_in(scene.staff).post(address).status_code == 404
    assert client.get(address).status_code == 405
    assert client.post(address).headers["Location"] == OWN
    row.refresh_from_db()
    assert row.state == CorrectionState.RECALLED
    assert f'action="{address}"' not in text_of(client, OWN)
    assert "不能再撤回" in client.post(address, follow=True).content.decode()
    with pytest.raises(CorrectionRefused, match="已撤回"):
        answer_correction(row, corrected=True, answer="好", by=scene.staff, now=timezone.now())
    assert asked(scene.staying.user).state == CorrectionState.WAITING
    assert AuditEvent.objects.filter(event="personal.correction_recalled").count() == 1


def test_an_answer_is_given_once_and_by_another(scene: Leaving) -> None:
    row, now = asked(scene.staying.user), timezone.now()
    assert scene.branch.parent is not None
    make_holder(scene.branch.parent, Role.GENERAL_BRANCH_STAFF)
    own = asked(scene.staff)
    with pytest.raises(CorrectionRefused, match="另一位"):
        answer_correction(own, corrected=True, answer="好", by=scene.staff, now=now)
    answer_correction(row, corrected=False, answer="名册无误", by=scene.staff, now=now)
    with pytest.raises(CorrectionRefused, match="已经答复"):
        answer_correction(row, corrected=True, answer="再答", by=scene.staff, now=now)
    answer = signed_in(scene.staff).post(f"{LIST}{row.pk}/", {"state": "corrected", "answer": "再答"})
    assert (answer.status_code, "已经答复" in answer.content.decode()) == (422, True)


def test_who_may_not_answer(scene: Leaving) -> None:
    row = asked(scene.staying.user)
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    foreign, worker = make_holder(other, Role.GENERAL_BRANCH_STAFF), make_holder(scene.branch, Role.WORKER)
    assert signed_in(worker).get(LIST).status_code == 403
    assert signed_in(worker).get(f"{LIST}{row.pk}/").status_code == 403
    assert signed_in(foreign).get(f"{LIST}{row.pk}/").status_code == 404
    assert "没有更正申请" in text_of(signed_in(foreign), LIST)
    staff = signed_in(scene.staff)
    assert [staff.delete(address).status_code for address in (OWN, FILE, ASK, LIST)] == [405] * 4


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_many(
    rows: int, scene: Leaving, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(rows):
        member = make_member(scene.branch, user=make_user(), name=f"同志{n}")
        asked(member.user, words=f"第{n}项")
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    make_holder(other, Role.GENERAL_BRANCH_STAFF)
    asked(make_member(other, user=make_user()).user, words="外单位的")
    staff = signed_in(scene.staff)
    staff.get(LIST)
    with django_assert_num_queries(5):
        page = text_of(staff, LIST)
    assert [page.count(f"第{n}项") for n in range(rows)] == [1] * rows
    assert "外单位的" not in page


def test_a_number_is_never_on_the_own_page_even_for_staff() -> None:
    branch = make_organisation(parent=make_organisation(kind=OrganisationKind.GENERAL_BRANCH))
    user = make_holder(branch, Role.WORKER)
    member = make_member(branch, user=user)
    Member.objects.filter(pk=member.pk).update(
        id_number_sealed=seal(NUMBERS[0]), id_number_digest=digest(NUMBERS[0])
    )
    assert NUMBERS[0] not in text_of(signed_in(user, confirmed=True), OWN)
