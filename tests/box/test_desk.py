"""The desk: who opens which letters, what is decided, when it shows, and what is left behind."""

import contextlib
import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.posts import end_post
from branches.models import Post
from branches.rules import Role
from burden.actions.box_recipients import confirm, retire
from burden.actions.box_replies import AnsweredMeanwhile, LetterGone, hand_on, reply
from burden.box.actions import NoRecipients, look_up, tick, withdraw
from burden.box.desk import Sheet, StaleSheet, WrongWords, open_desk, sheet_of
from burden.box.files import BoxBroken, held
from burden.box.limits import SEALED_SIZE, SLOTS_A_WEEK, Level, Outcome
from burden.box.marks import all_marks
from burden.box.released import desk_held, reseal_released
from burden.box.shred import Shred, unwrap
from burden.models import BoxAnswer, BoxLetter, BoxMark, BoxRecipient
from burden.notice_events import BOX_RELEASED
from burden.queries.box_recipients import fingerprint, is_staffed, ring_of
from burden.queries.box_wall import answers
from burden.views.box_failures import DeskFailed
from notices.models import Message
from tests.box.desk import DeskScene, make_recipient, make_scene, signed_in, write
from tests.box.recipients import PASSPHRASE
from tests.factories.branches import make_holder

DESK, REPLY, KEY, SHEET = (
    reverse(f"burden:{name}") for name in ("box_desk", "box_reply", "box_key", "box_key_sheet")
)
MONDAY = date(2026, 11, 23)
SECRET = "红松林那边的重复检查已经来了十九回"


@pytest.fixture
def scene(db: None, folder: Path) -> DeskScene:
    return make_scene(folder)


def released(on: date = MONDAY) -> date:
    """Everything written so far is on the desk; returns the day of the next release."""
    tick(on - timedelta(days=1))
    tick(on)
    return on + timedelta(weeks=1)


def key_of(user: User) -> BoxRecipient:
    return BoxRecipient.objects.select_related("user").get(user=user)


def opened(user: User, passphrase: str = PASSPHRASE, *, on: date = MONDAY) -> list[Sheet]:
    return open_desk(key_of(user), passphrase, on=on).sheets


def texts(user: User, *, on: date = MONDAY) -> list[str]:
    return sorted(sheet.text for sheet in opened(user, on=on))


def test_each_level_opens_its_own_letters_and_nothing_before_the_release(scene: DeskScene) -> None:
    write("给本级的第一封来信"), write("给本级的第二封来信")
    write("给上级的来信", level=Level.SUPERIOR)
    tick(MONDAY - timedelta(days=1))
    assert texts(scene.one) == []
    tick(MONDAY)
    assert texts(scene.one) == texts(scene.two) == ["给本级的第一封来信", "给本级的第二封来信"]
    assert texts(scene.above) == ["给上级的来信"]


def test_the_order_is_another_each_time(scene: DeskScene) -> None:
    for n in range(8):
        write(f"第{n}封来信，内容各不相同")
    released()
    assert len({tuple(sheet.text for sheet in opened(scene.one)) for _ in range(6)}) > 1


def test_a_wrong_passphrase_opens_nothing(scene: DeskScene) -> None:
    write()
    released()
    with pytest.raises(WrongWords):
        opened(scene.one, "not the passphrase at all")
    assert AuditEvent.objects.filter(event="burden.box_desk_opened").count() == 0


def test_opening_is_noted_once_a_recipient_and_week_and_never_says_which_letter(scene: DeskScene) -> None:
    write()
    released()
    for on in (MONDAY, MONDAY, MONDAY + timedelta(days=2), MONDAY + timedelta(weeks=1)):
        opened(scene.one, on=on)
    rows = AuditEvent.objects.filter(event="burden.box_desk_opened").order_by("pk")
    assert [(row.by, row.target_id, row.detail) for row in rows] == [
        (scene.one, "", {"week": "2026-48"}),
        (scene.one, "", {"week": "2026-49"}),
    ]


def test_a_reply_shows_at_the_next_release_alone(scene: DeskScene) -> None:
    receipt = write()
    again = released()
    [sheet] = opened(scene.one)
    sheet = reply(sheet, outcome=Outcome.ADOPTED, text="已停用两张。", words="重复的表合并了。")
    reply(sheet, outcome=Outcome.EXPLAINED, text="已停用三张。", words="重复的表合并成一张。")
    assert (look_up(receipt), answers()) == (None, [])
    tick(MONDAY + timedelta(days=3))
    assert (look_up(receipt), answers()) == (None, [])
    tick(again)
    found = look_up(receipt)
    assert found
    assert (found.outcome, found.text) == (Outcome.EXPLAINED, "已停用三张。")
    [shown] = answers()
    assert (shown.month, shown.category, shown.outcome, shown.words, shown.measure) == (
        date(2026, 11, 1),
        "多头填表",
        Outcome.EXPLAINED,
        "重复的表合并成一张。",
        "",
    )
    assert texts(scene.one, on=again) == []
    assert BoxMark.objects.count() == 0
    with pytest.raises(LetterGone):
        reply(sheet, outcome=Outcome.ADOPTED, text="再答一次。")
    tick(again + timedelta(weeks=1))
    assert BoxAnswer.objects.count() == 1


def test_who_opened_before_another_answered_is_shown_that_answer(scene: DeskScene) -> None:
    write()
    released()
    [mine], [theirs] = opened(scene.one), opened(scene.two)
    reply(mine, outcome=Outcome.ADOPTED, text="已停用。", words="重复的表合并了。")
    with pytest.raises(AnsweredMeanwhile) as meanwhile:
        reply(theirs, outcome=Outcome.EXPLAINED, text="由上级定。")
    assert str(meanwhile.value).startswith(
        "另一位受理人刚刚答复了这封信：已采纳，公开答复是“重复的表合并了。”。您写的没有保存。"
    )
    assert BoxLetter.objects.filter(pending_outcome=Outcome.ADOPTED).count() == 1
    reply(meanwhile.value.sheet, outcome=Outcome.EXPLAINED, text="由上级定。")
    assert BoxLetter.objects.filter(pending_outcome=Outcome.EXPLAINED).count() == 1


def test_a_withdrawn_letter_takes_its_answer_with_it(scene: DeskScene) -> None:
    receipt = write()
    again = released()
    [sheet] = opened(scene.one)
    reply(sheet, outcome=Outcome.ADOPTED, text="已停用。", words="已经停用。")
    withdraw(receipt)
    tick(again)
    assert (look_up(receipt), BoxAnswer.objects.count(), BoxMark.objects.count()) == (None, 0, 0)
    with pytest.raises(LetterGone):
        hand_on(sheet)


def test_a_letter_handed_on_is_seen_by_the_others_alone(scene: DeskScene) -> None:
    write(f"{scene.one.name}经常下班前才通知要材料。")
    released()
    [sheet] = opened(scene.one)
    assert sheet.conflicts == (scene.one.name,)
    hand_on(sheet)
    assert texts(scene.one) == []
    [theirs] = opened(scene.two)
    assert (theirs.handed_here, theirs.conflicts) == (True, ())
    # Given on by everybody it comes back to everybody: somebody has to answer.
    hand_on(theirs)
    assert len(opened(scene.one)) == len(opened(scene.two)) == 1


def test_own_organisation_is_a_conflict_too(scene: DeskScene) -> None:
    write("党总支要求同一份材料报三遍。")
    released()
    assert [sheet.conflicts for sheet in opened(scene.one)] == [("党总支",)]
    assert [sheet.conflicts for sheet in opened(scene.two)] == [("党总支",)]


def test_a_sheet_is_for_its_recipient_and_its_day(scene: DeskScene) -> None:
    write()
    released()
    [sheet] = opened(scene.one)
    mine, theirs = key_of(scene.one), key_of(scene.two)
    assert sheet_of(sheet.token, recipient=mine, on=MONDAY) == sheet
    assert sheet_of(sheet.token, recipient=mine, on=MONDAY + timedelta(days=1)) == sheet
    refused = [(theirs, MONDAY, sheet.token), (mine, MONDAY + timedelta(days=2), sheet.token)]
    for recipient, on, token in [
        *refused,
        (mine, MONDAY, sheet.token[:-8] + "AAAAAAA="),
        (mine, MONDAY, "…"),
    ]:
        with pytest.raises(StaleSheet):
            sheet_of(token, recipient=recipient, on=on)


# ---- recipients come and go -----------------------------------------------------------------------------


def test_a_new_recipient_opens_old_letters_once_confirmed(scene: DeskScene) -> None:
    write("以前的来信")
    released()
    newcomer = make_holder(scene.general, Role.RECIPIENT)
    key = make_recipient(newcomer, Level.OWN, is_active=False)
    assert texts(newcomer) == []
    with pytest.raises(WrongWords):
        confirm(key, by=key_of(scene.one), passphrase="not the passphrase at all")
    with pytest.raises(Exception, match="已经不在了"):
        confirm(key, by=key_of(scene.above), passphrase=PASSPHRASE)
    confirm(key, by=key_of(scene.one), passphrase=PASSPHRASE)
    with pytest.raises(Exception, match="已经确认过了"):
        confirm(key, by=key_of(scene.two), passphrase=PASSPHRASE)
    assert texts(newcomer) == texts(scene.two) == ["以前的来信"]


def test_a_letter_that_waited_while_somebody_was_confirmed_is_sealed_to_them_too(scene: DeskScene) -> None:
    """Also when the new one, who cannot open it yet, is the first at the desk."""
    write("早先的来信")
    again = released()
    key = make_recipient(make_holder(scene.general, Role.RECIPIENT), Level.OWN, is_active=False)
    write("确认以前写的来信")
    confirm(key, by=key_of(scene.one), passphrase=PASSPHRASE)
    tick(again - timedelta(days=2))
    tick(again)
    assert texts(key.user, on=again) == ["早先的来信"]
    both = ["早先的来信", "确认以前写的来信"]
    assert texts(scene.one, on=again) == texts(key.user, on=again) == both


def test_opening_the_desk_changes_no_number(scene: DeskScene) -> None:
    """A dump before and one after would else tell how many letters came in the week."""
    write()
    released()
    opened(scene.one), opened(scene.two)
    assert BoxLetter.objects.released().count() == SLOTS_A_WEEK


def test_who_left_opens_neither_later_letters_nor_old_ones(scene: DeskScene) -> None:
    """Also not with a kept copy of the key: the letters were sealed anew without their place."""
    write("以前的来信"), write("上级的来信", level=Level.SUPERIOR)
    again = released()
    third = make_holder(scene.general, Role.RECIPIENT)
    kept = make_recipient(third, Level.OWN)
    opened(scene.one)
    assert texts(third) == ["以前的来信"]
    end_post(Post.objects.get(user=third), on=MONDAY, by=None)
    assert (retire(on=MONDAY), retire(on=MONDAY + timedelta(days=1))) == (0, 1)
    write("以后的来信")
    tick(again - timedelta(days=2))
    tick(again)
    assert texts(scene.one, on=again) == texts(scene.two, on=again) == ["以前的来信", "以后的来信"]
    assert texts(scene.above, on=again) == ["上级的来信"]
    # Its place is gone from every letter; given the row back, the old key opens nothing.
    kept.save(force_insert=True)
    copy = BoxRecipient.objects.get(name=kept.name)
    BoxRecipient.objects.of_level(Level.OWN).update(sealed_for=ring_of(_receiving()))
    assert [sheet.text for sheet in open_desk(copy, PASSPHRASE, on=again).sheets] == []


def _receiving() -> list[BoxRecipient]:
    return list(BoxRecipient.objects.active().of_level(Level.OWN))


def test_with_one_recipient_left_no_letter_is_taken(scene: DeskScene) -> None:
    end_post(Post.objects.get(user=scene.two), on=MONDAY, by=None)
    assert is_staffed(Level.OWN)
    retire(on=MONDAY + timedelta(days=1))
    assert not is_staffed(Level.OWN)
    with pytest.raises(NoRecipients):
        write()
    assert "暂" in Client().get("/box/").content.decode() or is_staffed(Level.SUPERIOR)


def test_sealing_anew_closes_old_dumps_to_todays_keys(scene: DeskScene) -> None:
    write()
    released()
    before = dict(BoxLetter.objects.released().values_list("lookup", "sealed"))
    old = Shred(scene.folder).read()
    opened(scene.one)
    now = Shred(scene.folder).read()
    assert old
    assert now
    assert not now.mixing
    for lookup, sealed in before.items():
        assert len(unwrap(bytes(sealed), old.letters[lookup])) == SEALED_SIZE
        with pytest.raises(BoxBroken):
            unwrap(bytes(sealed), now.letters[lookup])
    assert old.weeks == now.weeks
    assert old.letters.keys() == now.letters.keys()
    assert [now.letters[name].is_dummy for name in old.letters] == [
        one.is_dummy for one in old.letters.values()
    ]


@pytest.mark.parametrize("is_committed", [True, False])
def test_sealing_anew_may_stop_before_or_after_the_commit(scene: DeskScene, is_committed: bool) -> None:
    """New keys are on the disk and the database has the new rows, or has not; ticks come in between."""
    write("第一封来信")
    again = released()
    shred = Shred(scene.folder)
    with contextlib.suppress(Stopped), desk_held():
        reseal_released({})
        half = shred.read()
        if not is_committed:
            raise Stopped
    with held(scene.folder):
        assert half
        assert half.mixing
        shred.write(half)
    write("第二封来信")
    tick(again - timedelta(days=2))
    tick(again)
    left = shred.read()
    assert left
    assert left.mixing == half.mixing
    assert texts(scene.one, on=again) == texts(scene.two, on=again) == ["第一封来信", "第二封来信"]
    settled = shred.read()
    assert settled
    assert not settled.mixing


class Stopped(Exception):
    """As if the process ended there."""


def test_sealing_anew_leaves_no_row_as_it_was(scene: DeskScene) -> None:
    write(), write(level=Level.SUPERIOR)
    released()
    before = dict(BoxLetter.objects.released().values_list("lookup", "sealed"))
    opened(scene.one)
    after = dict(BoxLetter.objects.released().values_list("lookup", "sealed"))
    assert before.keys() == after.keys()
    assert [name for name in before if bytes(before[name]) == bytes(after[name])] == []
    opened(scene.one)
    again = dict(BoxLetter.objects.released().values_list("lookup", "sealed"))
    assert [name for name in again if bytes(after[name]) != bytes(again[name])] == []


# ---- pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def today(scene: DeskScene) -> date:
    """Letters released as of the day the views reckon with."""
    write(SECRET)
    now = timezone.localdate()
    monday = now - timedelta(days=now.weekday())
    tick(monday - timedelta(days=7))
    tick(monday)
    return now


def page_of(client: Client, passphrase: str = PASSPHRASE) -> str:
    return unescape(client.post(DESK, {"passphrase": passphrase}).content.decode())


def token_in(page: str) -> str:
    found = re.search(r'name="s0-token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_desk_asks_then_shows_and_is_kept_nowhere(scene: DeskScene, today: date) -> None:
    client = signed_in(scene.one)
    asked = client.get(DESK)
    assert (asked.status_code, asked.headers["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert SECRET not in asked.content.decode()
    shown = client.post(DESK, {"passphrase": PASSPHRASE})
    assert shown.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert SECRET in shown.content.decode()
    assert SECRET not in client.get(DESK).content.decode()


def test_a_wrong_passphrase_is_said_and_not_put_back(scene: DeskScene, today: date) -> None:
    response = signed_in(scene.one).post(DESK, {"passphrase": "something quite wrong"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "口令不对" in text
    assert [word for word in ("something quite wrong", SECRET) if word in text] == []


def test_an_error_of_the_desk_takes_no_words_along(scene: DeskScene, today: date) -> None:
    """What mails about errors and their collectors print: every variable of every frame."""
    client = signed_in(scene.one)
    client.raise_request_exception = False
    BoxRecipient.objects.filter(user=scene.two).update(public_key=b"broken")
    response = client.post(DESK, {"passphrase": PASSPHRASE})
    kind, error, trace = response.exc_info  # type: ignore[attr-defined]  # the test client adds it
    assert (kind, response.status_code) == (DeskFailed, 500)
    assert PASSPHRASE not in ExceptionReporter(None, kind, error, trace).get_traceback_html()
    # The error itself would have told.
    with pytest.raises(Exception, match="32 bytes") as first:
        opened(scene.one)
    assert PASSPHRASE in ExceptionReporter(None, first.type, first.value, first.tb).get_traceback_html()


def test_replying_needs_no_second_passphrase(scene: DeskScene, today: date) -> None:
    client = signed_in(scene.one)
    fields = {"sheets": "1", "s0-token": token_in(page_of(client))}
    nothing = client.post(REPLY, fields)
    assert (nothing.status_code, SECRET in nothing.content.decode()) == (200, True)
    half = client.post(
        REPLY, {**fields, "s0-outcome": "adopted", "s0-words": "重复检查已经来了十九回，今后合并。"}
    )
    page = half.content.decode()
    assert half.status_code == 422
    assert "请选一句常用答复，或者写几句。" in page
    assert "“重复检查已经来了十九回”和来信一样" in page
    assert "重复检查已经来了十九回，今后合并。" in page
    phrase = "意见收到，已采纳，正在落实。"
    done = client.post(
        REPLY, {**fields, "s0-outcome": "adopted", "s0-phrase": phrase, "s0-words": "同类检查今后合并。"}
    )
    assert (done.status_code, "已保存 1 封" in done.content.decode()) == (200, True)
    assert "已答复：已采纳，待公布" in done.content.decode()
    assert "待答复 0 封，已答复待公布 1 封。" in done.content.decode()
    assert "待答复 1 封。" in nothing.content.decode()
    assert BoxLetter.objects.filter(pending_outcome=Outcome.ADOPTED).count() == 1


def test_quoted_words_pass_when_they_were_looked_at(scene: DeskScene, today: date) -> None:
    client = signed_in(scene.one)
    said = {"s0-outcome": "explained", "s0-text": "已了解。", "s0-words": SECRET, "s0-quoted": "on"}
    done = client.post(REPLY, {"sheets": "1", "s0-token": token_in(page_of(client)), **said})
    assert (done.status_code, BoxMark.objects.count()) == (200, 1)


def test_the_second_of_two_sees_on_the_page_what_the_first_decided(scene: DeskScene, today: date) -> None:
    mine, theirs = signed_in(scene.one), signed_in(scene.two)
    tokens = [token_in(page_of(client)) for client in (mine, theirs)]
    fields = {"sheets": "1", "s0-outcome": "adopted", "s0-text": "已停用。"}
    mine.post(REPLY, {**fields, "s0-token": tokens[0]})
    fields |= {"s0-outcome": "explained", "s0-text": "这张表由上级定。"}
    told = theirs.post(REPLY, {**fields, "s0-token": tokens[1]})
    page = unescape(told.content.decode())
    assert (told.status_code, "这张表由上级定。" in page) == (422, True)
    assert "另一位受理人刚刚答复了这封信：已采纳，没有公开答复。" in page
    assert BoxLetter.objects.get(pending_outcome__gt="").pending_outcome == Outcome.ADOPTED
    done = theirs.post(REPLY, {**fields, "s0-token": token_in(page)})
    assert (done.status_code, "已答复：已解释，待公布" in done.content.decode()) == (200, True)


def test_a_form_sent_twice_is_one_reply_and_no_quarrel_with_oneself(scene: DeskScene, today: date) -> None:
    client = signed_in(scene.one)
    fields = {"sheets": "1", "s0-token": token_in(page_of(client)), "s0-outcome": "adopted"}
    for text in ("已停用。", "已停用。", "已停用两张。"):
        done = client.post(REPLY, {**fields, "s0-text": text, "s0-words": f"{text}请放心。"})
        assert (done.status_code, "已保存 1 封" in done.content.decode()) == (200, True)
    assert [mark.answered and mark.answered.words for mark in all_marks().values()] == [
        "已停用两张。请放心。"
    ]


def test_handing_on_from_the_page(scene: DeskScene, today: date) -> None:
    client = signed_in(scene.one)
    done = client.post(REPLY, {"sheets": "1", "s0-token": token_in(page_of(client)), "s0-hand": "on"})
    assert (done.status_code, SECRET in done.content.decode()) == (200, False)
    assert SECRET not in page_of(client)
    assert "另一位受理人转来" in page_of(signed_in(scene.two))


def test_a_forged_or_foreign_token_is_refused(scene: DeskScene, today: date) -> None:
    token = token_in(page_of(signed_in(scene.one)))
    for user, sent in ((scene.two, token), (scene.one, "A" * 200), (scene.one, "…")):
        response = signed_in(user).post(REPLY, {"sheets": "1", "s0-token": sent, "s0-hand": "on"})
        assert response.status_code == 422
        assert "请重新输入口令打开受理台" in response.content.decode()
    assert BoxMark.objects.count() == 0


def test_no_plaintext_stays_after_a_session(
    scene: DeskScene, today: date, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    client = signed_in(scene.one)
    token = token_in(page_of(client))
    said = {"s0-outcome": "referred", "s0-text": "已转有关部门办理了", "s0-words": SECRET}
    client.post(REPLY, {"sheets": "1", "s0-token": token, **said})
    client.post(DESK, {"passphrase": PASSPHRASE + "x"})
    left = _everything(tmp_path) + caplog.text.encode()
    for word in (SECRET, PASSPHRASE, token):
        for form in (word.encode(), word.encode("utf-16-le"), word.encode("unicode_escape")):
            assert form not in left
    # The search finds what is really there.
    assert scene.one.username.encode() in left


def _everything(folder: Path) -> bytes:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of tables
            rows += [value for row in cursor.fetchall() for value in row]
    cells = [bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in rows]
    return b"\n".join(cells + [file.read_bytes() for file in folder.rglob("*") if file.is_file()])


@pytest.mark.parametrize("url", [DESK, REPLY, KEY, SHEET, reverse("burden:box_confirm", args=["a" * 64])])
def test_nobody_else_comes_in(scene: DeskScene, url: str) -> None:
    roles = [(scene.committee, Role.ADMINISTRATOR), (scene.committee, Role.AUDITOR)]
    roles += [(scene.general, Role.GENERAL_BRANCH_STAFF), (scene.branch, Role.WORKER)]
    for place, role in roles:
        client = signed_in(make_holder(place, role))
        assert {client.get(url).status_code, client.post(url).status_code} <= {403, 405}
        assert client.post(url).status_code == 403 or url == SHEET
    assert Client().get(url).status_code in (302, 405)


def test_wrong_methods_and_foreign_keys(scene: DeskScene) -> None:
    client = signed_in(scene.one)
    assert (client.get(REPLY).status_code, client.post(SHEET).status_code) == (405, 405)
    assert (client.put(DESK).status_code, client.put(KEY).status_code) == (405, 405)
    foreign = make_recipient(make_holder(scene.committee, Role.RECIPIENT), Level.SUPERIOR, is_active=False)
    for name in (foreign.name, key_of(scene.two).name, "0" * 64):
        assert client.get(reverse("burden:box_confirm", args=[name])).status_code == 404


def test_confirming_on_the_page(scene: DeskScene, today: date) -> None:
    newcomer = make_recipient(make_holder(scene.general, Role.RECIPIENT), Level.OWN, is_active=False)
    url, client = reverse("burden:box_confirm", args=[newcomer.name]), signed_in(scene.one)
    assert fingerprint(newcomer.public_key) in client.get(url).content.decode()
    wrong = client.post(url, {"passphrase": "something quite wrong"})
    assert (wrong.status_code, "口令不对" in wrong.content.decode()) == (422, True)
    assert client.post(url, {"passphrase": PASSPHRASE}).headers["Location"] == KEY
    assert SECRET in page_of(signed_in(newcomer.user))


def test_before_the_key_is_there_or_confirmed_the_desk_leads_to_it(scene: DeskScene) -> None:
    newcomer = make_holder(scene.general, Role.RECIPIENT)
    client = signed_in(newcomer)
    assert client.get(DESK).headers["Location"] == client.post(REPLY).headers["Location"] == KEY
    assert client.get(SHEET).headers["Location"] == KEY
    make_recipient(newcomer, Level.OWN, is_active=False)
    assert client.get(DESK).headers["Location"] == KEY
    assert "正等待确认" in client.get(KEY).content.decode()


def test_pages_ask_the_same_of_the_database_whatever_is_there(
    scene: DeskScene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(scene.one)
    client.get(DESK)
    with django_assert_num_queries(6):
        client.get(DESK)
    for n in range(3):
        make_recipient(make_holder(scene.general, Role.RECIPIENT), Level.OWN, is_active=n > 0)
    with django_assert_num_queries(6):
        client.get(DESK)


# ---- telling --------------------------------------------------------------------------------------------


def test_every_recipient_is_told_the_same_every_week_whatever_came(scene: DeskScene) -> None:
    again = released()
    write()
    tick(again)
    tick(again + timedelta(days=1))
    told = Message.objects.filter(event=BOX_RELEASED)
    assert told.count() == 2 * 4
    assert len(set(told.values_list("title", "intro", "url"))) == 1
    assert set(told.values_list("recipient", flat=True)) == {
        scene.one.pk,
        scene.two.pk,
        scene.above.pk,
        scene.other.pk,
    }
    assert len(set(told.values_list("lines__text", flat=True))) == 1
