"""Acts on the pages of a handover: opening, noting, confirming, choosing, signing, cancelling."""

from io import BytesIO

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import SignIn
from branches.models import Post
from branches.rules import Role
from reminders.actions.handover import check_handover, confirm_lines
from reminders.handover_rules import Capacity, HandoverState, Part
from reminders.models import Handover
from tests.clock import stop_clock
from tests.factories.accounts import PASSWORD
from tests.factories.branches import make_post, make_user
from tests.reminders.handovers import DAY, LAST_DAY, ON, Scene, confirmed, current, make_scene, mine, opened
from tests.reminders.test_handover_pdf import fill

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    stop_clock(monkeypatch, ON)
    scene = make_scene(newcomer_since=ON)
    for user in (scene.leaver, scene.newcomer, scene.staff):
        user.set_password(PASSWORD)
        user.save()
    return scene


def url(name: str, *args: object) -> str:
    return reverse(f"reminders:handover_{name}", args=args)


def said(client: Client, handover: Handover) -> list[str]:
    return [str(m) for m in client.get(url("detail", handover.pk)).context["messages"]]


# ---- opening ---------------------------------------------------------------------------------------------


def test_staff_open_one_for_any_post(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    data = {"post": scene.leaver_post.pk, "last_day": LAST_DAY.isoformat()}
    response = client.post(url("add"), data)
    handover = Handover.objects.get()
    assert response.headers["Location"] == url("detail", handover.pk)
    assert (handover.opened_by, handover.last_day, handover.leaver) == (scene.staff, LAST_DAY, scene.leaver)
    again = client.post(url("add"), data)
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["post"])
    assert Handover.objects.count() == 1


def test_a_refused_opening_keeps_what_was_typed(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    data = {"post": scene.leaver_post.pk, "last_day": "2019-12-31"}
    response = client.post(url("add"), data)
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["离任日期不能早于任职日期 2020-01-01。"]
    assert 'value="2019-12-31"' in response.content.decode()


def test_a_post_of_elsewhere_is_no_choice(scene: Scene, client: Client) -> None:
    client.force_login(scene.staff)
    foreign = make_post(scene.general.parent or scene.general, Role.COMMITTEE_STAFF, user=make_user())
    response = client.post(url("add"), {"post": foreign.pk, "last_day": LAST_DAY.isoformat()})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["post"])


# ---- the leaver ------------------------------------------------------------------------------------------


def test_a_note_is_saved_in_place_and_without_scripts(scene: Scene, client: Client) -> None:
    handover = opened()
    fill(handover, 2)
    first, second = handover.lines.order_by("pk")
    client.force_login(scene.leaver)
    response = client.post(url("note", handover.pk, first.pk), {"note": "钥匙在值班室"}, headers=HTMX)
    assert (response.status_code, response.templates[0].name) == (200, "reminders/_handover_line.html")
    assert f'id="line-{first.pk}"' in response.content.decode()
    response = client.post(url("note", handover.pk, second.pk), {"note": "材料在柜里"})
    assert response.headers["Location"] == f"{url('detail', handover.pk)}#line-{second.pk}"
    assert sorted(handover.lines.values_list("note", flat=True)) == ["材料在柜里", "钥匙在值班室"]


@pytest.mark.parametrize("who", ["newcomer", "secretary", "staff"])
def test_only_the_leaver_writes_notes(scene: Scene, client: Client, who: str) -> None:
    handover = opened()
    line = handover.lines.order_by("pk")[0]
    client.force_login(getattr(scene, who))
    response = client.post(url("note", handover.pk, line.pk), {"note": "x"}, headers=HTMX)
    line.refresh_from_db()
    assert (response.status_code, line.note) == (422, "")


def test_a_note_that_is_too_long_keeps_what_was_typed(scene: Scene, client: Client) -> None:
    handover = opened()
    line = handover.lines.order_by("pk")[0]
    client.force_login(scene.leaver)
    response = client.post(url("note", handover.pk, line.pk), {"note": "长" * 301}, headers=HTMX)
    assert (response.status_code, "长" * 301 in response.content.decode()) == (422, True)


def test_a_line_of_another_handover_is_not_there(scene: Scene, client: Client) -> None:
    handover = opened()
    client.force_login(scene.leaver)
    assert client.post(url("note", handover.pk, 10**9), {"note": "x"}).status_code == 404


def test_the_leaver_finishes_the_check_once(scene: Scene, client: Client) -> None:
    handover = opened()
    client.force_login(scene.leaver)
    assert client.get(url("check", handover.pk)).headers["Location"] == url("detail", handover.pk)
    handover.refresh_from_db()
    assert handover.state == HandoverState.OPEN
    client.post(url("check", handover.pk))
    assert said(client, handover) == ["核对完毕。"]
    client.post(url("check", handover.pk))
    assert said(client, handover) == ["清单已经核对过，没有重复登记。"]


def test_staff_check_for_an_absent_leaver_with_a_reason(scene: Scene, client: Client) -> None:
    handover = opened()
    client.force_login(scene.staff)
    assert client.get(url("check", handover.pk)).templates[0].name == "reminders/handover_check.html"
    assert client.post(url("check", handover.pk), {"reason": " "}).status_code == 422
    client.post(url("check", handover.pk), {"reason": "移交人住院"})
    handover.refresh_from_db()
    assert handover.state == HandoverState.CHECKED


# ---- the newcomer ----------------------------------------------------------------------------------------


def test_a_part_is_confirmed_in_place_and_the_rest_counted(scene: Scene, client: Client) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 8)
    first, second = handover.lines.filter(part=Part.OPEN_ITEMS).order_by("pk")
    client.force_login(scene.newcomer)
    typed = {f"ok_{first.pk}": "on", f"ask_{first.pk}": "", f"ask_{second.pk}": "为什么没办"}
    response = client.post(url("confirm", handover.pk, Part.OPEN_ITEMS), typed, headers=HTMX)
    first.refresh_from_db()
    second.refresh_from_db()
    assert response.templates[0].name == "reminders/_handover_part.html"
    assert "还有 7 条未确认，共 8 条，1 条有疑问" in response.content.decode()
    assert (first.confirmed_at is None, second.confirmed_at, second.question) == (False, None, "为什么没办")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_line_that_changed_after_the_page_was_opened_waits_for_another_look(
    scene: Scene, client: Client, headers: dict[str, str]
) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 8)
    first, second = handover.lines.filter(part=Part.OPEN_ITEMS).order_by("pk")
    client.force_login(scene.newcomer)
    content = client.get(url("detail", handover.pk)).content.decode()
    typed: dict[str, str] = {}
    for line in (first, second):
        typed |= {f"ok_{line.pk}": "on", f"seen_{line.pk}": line.digest}
        assert f'name="seen_{line.pk}" value="{line.digest}"' in content
    handover.lines.filter(pk=second.pk).update(detail="材料还缺一份")
    response = client.post(url("confirm", handover.pk, Part.OPEN_ITEMS), typed, headers=headers)
    words = response.content.decode() if headers else said(client, handover)[0]
    assert "有 1 条在您打开页面后有变化，请再看一遍后确认。" in words
    confirmed = (
        handover.lines.filter(part=Part.OPEN_ITEMS).order_by("pk").values_list("confirmed_at", flat=True)
    )
    assert [at is not None for at in confirmed] == [True, False]


def test_what_is_only_to_be_known_is_confirmed_at_once_except_what_is_asked(
    scene: Scene, client: Client
) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 20)
    handover.lines.filter(part=Part.RECRUITING).update(part=Part.CONTACTS)
    known = list(handover.lines.filter(part=Part.CONTACTS).order_by("pk"))
    client.force_login(scene.newcomer)
    typed = {"all": "1", f"ask_{known[0].pk}": "钥匙在哪里"}
    client.post(url("confirm", handover.pk, Part.CONTACTS), typed, headers=HTMX)
    confirmed = (
        handover.lines.filter(part=Part.CONTACTS).order_by("pk").values_list("confirmed_at", flat=True)
    )
    assert len(known) > 1
    assert [at is not None for at in confirmed] == [False] + [True] * (len(known) - 1)


def test_duties_are_taken_over_line_by_line(scene: Scene, client: Client) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 20)
    client.force_login(scene.newcomer)
    response = client.post(url("confirm", handover.pk, Part.OPEN_ITEMS), {"all": "1"}, headers=HTMX)
    assert handover.lines.filter(part=Part.OPEN_ITEMS, confirmed_at=None).count() > 1
    assert "全部确认" not in response.content.decode()


def test_the_last_part_leads_to_the_signing(scene: Scene, client: Client) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 1)
    line = handover.lines.get()
    client.force_login(scene.newcomer)
    response = client.post(
        url("confirm", handover.pk, Part.OPEN_ITEMS), {f"ok_{line.pk}": "on"}, headers=HTMX
    )
    assert response.headers["HX-Redirect"] == url("detail", handover.pk)
    assert said(client, handover) == ["清单已全部确认，接下来三方签字。"]
    handover.refresh_from_db()
    assert handover.state == HandoverState.CONFIRMED


def test_a_question_the_page_did_not_send_stays(scene: Scene, client: Client) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 5)
    asked = handover.lines.filter(part=Part.OPEN_ITEMS).order_by("pk")[0]
    confirm_lines(handover, confirmed=[], questions={asked.pk: "在哪里"}, by=scene.newcomer, on=ON)
    client.force_login(scene.newcomer)
    response = client.post(url("confirm", handover.pk, Part.OPEN_ITEMS), {})
    asked.refresh_from_db()
    assert (response.headers["Location"], asked.question) == (
        f"{url('detail', handover.pk)}#part-open_items",
        "在哪里",
    )


def test_who_is_not_the_newcomer_confirms_nothing(scene: Scene, client: Client) -> None:
    handover = opened()
    check_handover(handover, by=scene.leaver, on=ON)
    fill(handover, 1)
    line = handover.lines.get()
    client.force_login(scene.secretary)
    client.post(url("confirm", handover.pk, Part.OPEN_ITEMS), {f"ok_{line.pk}": "on"})
    line.refresh_from_db()
    assert (line.confirmed_at, said(client, handover)) == (None, ["清单由接收人逐条确认。"])


def test_an_unknown_part_is_not_there(scene: Scene, client: Client) -> None:
    handover = opened()
    client.force_login(scene.newcomer)
    assert client.post(url("confirm", handover.pk, "nothing")).status_code == 404


# ---- staff -----------------------------------------------------------------------------------------------


def test_staff_choose_the_newcomer_and_a_mentor(scene: Scene, client: Client) -> None:
    other = make_user(name="周接任")
    post = make_post(scene.branch, Role.WORKER, user=other, since=ON + DAY)
    mentor = make_post(scene.other, Role.WORKER, user=make_user(name="吴帮带"))
    handover = opened()
    client.force_login(scene.staff)
    page = client.get(url("detail", handover.pk)).context["page"]
    assert [choice.post for choice in page.newcomer_choices] == [post.pk, scene.newcomer_post.pk]
    client.post(url("newcomer", handover.pk), {"post": post.pk})
    assert said(client, handover) == ["接收人已定为周接任。"]
    client.post(url("mentor", handover.pk), {"post": mentor.pk})
    handover.refresh_from_db()
    assert (handover.newcomer_post, handover.mentor_name) == (post, "吴帮带")


@pytest.mark.parametrize("written", ["", "abc", "9" * 30, "999999"])
@pytest.mark.parametrize("name", ["newcomer", "mentor"])
def test_a_post_nobody_knows_is_not_there(scene: Scene, client: Client, name: str, written: str) -> None:
    handover = opened()
    client.force_login(scene.staff)
    assert client.post(url(name, handover.pk), {"post": written}).status_code == 404


@pytest.mark.parametrize("name", ["newcomer", "mentor"])
def test_a_post_that_does_not_fit_is_refused_in_words(scene: Scene, client: Client, name: str) -> None:
    handover = opened()
    secretary = Post.objects.get(organisation=scene.branch, role=Role.SECRETARY)
    client.force_login(scene.staff)
    client.post(url(name, handover.pk), {"post": secretary.pk})
    assert ["请" in words for words in said(client, handover)] == [True]
    handover.refresh_from_db()
    assert (handover.newcomer_post, handover.mentor) == (scene.newcomer_post, None)


def test_cancelling_asks_for_a_reason(scene: Scene, client: Client) -> None:
    handover = opened()
    client.force_login(scene.staff)
    assert client.post(url("cancel", handover.pk), {"reason": ""}).status_code == 422
    client.post(url("cancel", handover.pk), {"reason": "误开"})
    handover.refresh_from_db()
    assert (handover.state, handover.reason) == (HandoverState.CANCELLED, "误开")
    again = client.post(url("cancel", handover.pk), {"reason": "再来"})
    assert (again.status_code, again.context["form"].non_field_errors()) == (
        422,
        ["交接已撤销（误开），不用再办理。"],
    )


# ---- signing ---------------------------------------------------------------------------------------------


def test_the_three_sign_and_the_open_items_change_hands(scene: Scene, client: Client) -> None:
    item = mine(scene, due=ON + DAY)
    handover = confirmed(scene)
    words = []
    for user in (scene.leaver, scene.newcomer, scene.staff):
        client.force_login(user)
        response = client.post(url("sign", handover.pk), {"password": PASSWORD})
        assert response.headers["Location"] == url("detail", handover.pk)
        words += said(client, handover)
    item.refresh_from_db()
    assert words == ["已签字。", "已签字。", "三方签字齐了，交接完成，未办结事项已转给王接任。"]
    assert (item.responsible_name, handover.signatures.count()) == ("王接任", 3)
    content = client.get(url("sheet", handover.pk))
    text = PdfReader(BytesIO(content.content)).pages[0].extract_text()
    assert [name in text for name in ("李离任", "王接任", "孙干部")] == [True] * 3
    assert "attachment" in content.headers["Content-Disposition"]


def test_a_wrong_password_signs_nothing_and_counts(scene: Scene, client: Client) -> None:
    handover = confirmed(scene)
    client.force_login(scene.staff)
    typed = {"password": "not-it", "reason": "移交人住院"}
    response = client.post(f"{url('sign', handover.pk)}?absent=1", typed)
    page = response.content.decode()
    assert (response.status_code, "密码不对，请再试一次。" in page, "移交人住院" in page) == (422, True, True)
    assert (handover.signatures.count(), AccessAttempt.objects.get().failures_since_start) == (0, 1)


def test_the_password_of_a_signature_stands_in_the_sign_in_log(scene: Scene, client: Client) -> None:
    handover = confirmed(scene)
    client.force_login(scene.newcomer)
    for password in ("not-it", PASSWORD):
        client.post(url("sign", handover.pk), {"password": password}, REMOTE_ADDR="10.0.0.7")
    rows = SignIn.objects.of(scene.newcomer).values_list("outcome", "source")
    assert list(rows) == [
        (SignIn.Outcome.CONFIRMED, "10.0.0.7"),
        (SignIn.Outcome.NOT_CONFIRMED, "10.0.0.7"),
    ]


def test_staff_sign_for_an_absent_leaver_with_a_reason(scene: Scene, client: Client) -> None:
    handover = confirmed(scene)
    client.force_login(scene.staff)
    absent = f"{url('sign', handover.pk)}?absent=1"
    refused = client.post(absent, {"password": PASSWORD, "reason": ""})
    assert (refused.status_code, refused.context["form"].errors["reason"]) == (422, ["请填写代签的原因。"])
    client.post(absent, {"password": PASSWORD, "reason": "移交人住院"})
    signature = handover.signatures.get()
    assert (signature.capacity, signature.in_absence, signature.reason, signature.user) == (
        Capacity.LEAVER,
        True,
        "移交人住院",
        scene.staff,
    )


def test_who_has_nothing_to_sign_is_told_for_whom_it_waits(scene: Scene, client: Client) -> None:
    handover = opened()
    client.force_login(scene.leaver)
    response = client.post(url("sign", handover.pk), {"password": PASSWORD})
    assert response.headers["Location"] == url("detail", handover.pk)
    assert (said(client, handover), handover.signatures.count()) == (["等待李离任核对清单"], 0)


def test_a_list_that_changed_is_confirmed_before_it_is_signed(scene: Scene, client: Client) -> None:
    handover = confirmed(scene)
    mine(scene, due=ON + DAY)
    client.force_login(scene.leaver)
    response = client.post(url("sign", handover.pk), {"password": PASSWORD})
    assert response.headers["Location"] == url("detail", handover.pk)
    assert said(client, handover) == ["清单刚刚有变动，还没有签字。请接收人确认变动的条目后再签。"]
    assert (handover.signatures.count(), len(current(handover)) > 0) == (0, True)


def test_after_signing_the_newcomer_has_a_first_week(scene: Scene, client: Client) -> None:
    handover = confirmed(scene)
    for user in (scene.leaver, scene.staff, scene.newcomer):
        client.force_login(user)
        client.post(url("sign", handover.pk), {"password": PASSWORD})
    Handover.objects.update(changed_hands_at="2026-11-18T02:00Z")
    page = client.get(url("detail", handover.pk)).content.decode()
    month = client.get(reverse("reminders:month_list")).content.decode()
    assert ("第一周清单" in page, f"{url('detail', handover.pk)}#first-week" in month) == (True, True)
