"""The public pages: write, check, send, copy, look up, withdraw, read the wall."""

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from branches.models import Post
from branches.rules import OrganisationKind, Role
from burden.box.actions import accept_letter, box_folder, tick
from burden.box.door import STEP
from burden.box.limits import SLOTS_A_WEEK, TEXT_LIMIT, Level, Outcome
from burden.box.receipts import lookup_of, new_receipt, read_receipt, reply_keys_of
from burden.box.sealing import Letter, Reply, open_letter, seal_reply
from burden.box.spool import Spool
from burden.models import BoxAnswer, BoxFigure, BoxLetter, BoxRecipient
from burden.queries.box_recipients import fingerprint
from tests.box.recipients import add_recipients
from tests.box.visitor import Visitor
from tests.factories.branches import make_member, make_organisation

pytestmark = pytest.mark.django_db
BOTH = (Level.OWN, Level.OWN, Level.SUPERIOR, Level.SUPERIOR)
TYPED = {"category": "multi_form_filling", "level": "own", "text": "同一张表每月报三次。"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def page_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    assert (response.cookies.output(), response.has_header("Vary")) == ("", False)
    assert response["Cache-Control"] == "no-store"
    return unescape(response.content.decode())


def hidden(page: str, name: str) -> str:
    return str(re.findall(rf'name="{name}" value="([^"]*)"', page)[0])


def send(visitor: Visitor, **changed: str) -> str:
    """Check and send a letter as a browser does; the receipt's page."""
    page = page_of(visitor.send("/box/", {**TYPED, "step": "check", **changed}))
    riding = {name: hidden(page, name) for name in ("category", "level", "text", "once")}
    return page_of(visitor.send("/box/", {**riding, "step": "send"}))


def waiting() -> int:
    with Spool(box_folder()).held() as box:
        return len(box.read().entries)


# --- writing --------------------------------------------------------------------------------------------


def test_without_recipients_the_page_says_so(visitor: Visitor) -> None:
    add_recipients(Level.OWN)
    page = page_of(visitor.get("/box/"))
    assert "现在还不能写。要有两位以上受理人，才开始收意见。" in page
    assert "<textarea" not in page
    assert "没有发出" not in page
    told = page_of(visitor.send("/box/", {**TYPED, "step": "send"}), 422)
    assert [told.count(words) for words in ("现在还不能写", "没有发出", TYPED["text"])] == [1, 1, 1]
    assert waiting() == 0


def test_only_levels_with_two_recipients_are_offered(visitor: Visitor) -> None:
    add_recipients(Level.OWN, Level.OWN, Level.SUPERIOR)
    page = page_of(visitor.get("/box/"))
    assert re.findall(r'name="level"[^>]*value="(\w+)"', page) == ["own"]
    assert "这一级现在不能收，请换一级。" in page_of(
        visitor.send("/box/", {**TYPED, "level": "superior"}), 422
    )


def test_a_letter_goes_from_page_to_page_into_the_spool(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    form = page_of(visitor.get("/box/"))
    assert re.findall(r'name="level"[^>]*value="(\w+)"', form) == ["own", "superior"]
    check = page_of(visitor.send("/box/", {**TYPED, "step": "check"}))
    assert "没有发现会让人猜到您的地方。" in check
    assert waiting() == 0
    sent = send(visitor)
    receipt = read_receipt(hidden(sent, "receipt"))
    assert receipt is not None
    assert re.findall(r"<span>([0-9A-Z]{3})</span>", sent) == receipt.groups
    assert "只显示这一次" in sent
    assert waiting() == 1


def test_a_form_sent_twice_is_one_letter(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    page = page_of(visitor.send("/box/", {**TYPED, "step": "check"}))
    fields = {**TYPED, "once": hidden(page, "once"), "step": "send"}
    receipts = [hidden(page_of(visitor.send("/box/", fields)), "receipt") for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert waiting() == 1


def test_going_back_keeps_what_was_typed(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    page = page_of(visitor.send("/box/", {**TYPED, "level": "superior", "step": "edit"}))
    assert TYPED["text"] in page
    assert re.findall(r'<option value="(\w+)" selected>', page) == ["multi_form_filling"]
    assert re.findall(r'value="(\w+)"[^>]*checked|checked[^>]*value="(\w+)"', page) == [("superior", "")]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"text": ""}, "请写下您的意见。"),
        ({"text": "\u200b \n"}, "请写下您的意见。"),
        ({"category": ""}, "请选一类。"),
        ({"category": "made_up"}, "请重新选一类。"),
        ({"level": ""}, "请选给谁看。"),
        ({"text": "表" * 20_000}, "现在是 20000 字，最多 2000 字。请删去 18000 字，或者分两次写。"),
        ({"text": "表" * (TEXT_LIMIT + 1)}, "现在是 2001 字，最多 2000 字。请删去 1 字，或者分两次写。"),
    ],
)
@pytest.mark.parametrize("step", ["check", "send"])
def test_what_is_missing_or_too_long_is_asked_for(
    changed: dict[str, str], words: str, step: str, visitor: Visitor
) -> None:
    add_recipients(*BOTH)
    page = page_of(visitor.send("/box/", {**TYPED, "step": step, **changed}), 422)
    assert words in page
    assert changed.get("text", TYPED["text"]) in page
    assert waiting() == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("表" * TEXT_LIMIT, "表" * TEXT_LIMIT),
        ("😀" * TEXT_LIMIT, "😀" * TEXT_LIMIT),
        ("一行\r\n二行\r\r\r\r三行", "一行\n二行\n\n三行"),
        ("有\0个\x07空字符", "有个空字符"),
        ("报\u200b表<script>&amp;", "报表<script>&amp;"),
        (f"{'ﷺ'}够了", "صلى الله عليه وسلم够了"),
    ],
)
def test_odd_texts_arrive_whole(typed: str, kept: str, visitor: Visitor) -> None:
    keys = add_recipients(*BOTH)
    sent = send(visitor, text=typed)
    assert hidden(sent, "receipt")
    with Spool(box_folder()).held() as box:
        (entry,) = box.read().entries
    opened = open_letter(entry.sealed, keys[0])
    assert (opened.letter.text, opened.letter.category, opened.level) == (kept, "multi_form_filling", "own")


def test_what_may_give_somebody_away_is_said_and_nothing_is_kept(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    make_member(make_organisation(name="河东第七党支部"), name="欧阳晓晓")
    text = "我们支部的欧阳晓晓说，河东第七支部总在报表，电话13800138000。"
    page = page_of(visitor.send("/box/", {**TYPED, "text": text, "step": "check"}))
    assert re.findall(r"<p><b>(.+?)：</b>(.*?)</p>", page) == [
        ("可能是姓名", "“欧阳晓晓”"),
        ("支部或单位的名称", "“河东第七支部”"),
        ("像是证件号、电话或账号", "“13800138000”"),
        ("说到了您自己或您的单位", "“我们支部”"),
    ]
    assert waiting() == 0


def test_a_full_week_is_full_for_everybody(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    for _ in range(SLOTS_A_WEEK):
        accept_letter(Letter("other", "满"), Level.OWN)
    page = page_of(visitor.send("/box/", {**TYPED, "step": "send"}), 503)
    assert "<h1>本周已满，没有发出</h1>" in page
    assert TYPED["text"] in page
    assert page_of(Visitor().send("/box/", {**TYPED, "step": "send"}), 503).count("本周已满") == 1
    assert waiting() == SLOTS_A_WEEK


def test_a_broken_spool_takes_nothing_and_says_so(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    send(visitor)
    (box_folder() / "spool").write_bytes(b"broken")
    page = page_of(visitor.send("/box/", {**TYPED, "step": "send"}), 503)
    assert "<h1>系统正忙，没有发出</h1>" in page
    assert "再发一次" in page
    assert TYPED["text"] in page


def test_the_receipt_is_typed_back(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    receipt = hidden(send(visitor), "receipt")
    other = str(new_receipt())
    for typed, words in ((other, "和上面的查询号不一样"), ("", "请照着抄的号码输一遍。"), ("意见", "不一样")):
        page = page_of(visitor.send("/box/", {"step": "copied", "receipt": receipt, "typed": typed}), 422)
        assert words in page
        assert hidden(page, "receipt") == receipt
    typed = receipt.lower().replace("-", " ").replace("0", "o")
    page = page_of(visitor.send("/box/", {"step": "copied", "receipt": receipt, "typed": typed}))
    assert "抄对了。" in page
    assert receipt not in page
    assert "写一条意见" in page_of(visitor.send("/box/", {"step": "copied", "receipt": "x", "typed": "x"}))


@pytest.mark.parametrize(
    ("secure", "production", "said"),
    [
        (False, False, ("网络传输没有加密", "装在一台普通电脑上")),
        (True, True, ("大约传了多少，看不到写了什么", "管服务器的人")),
    ],
)
def test_the_page_says_what_this_installation_cannot_hide(
    secure: bool, production: bool, said: tuple[str, ...], visitor: Visitor, settings: Any
) -> None:
    add_recipients(*BOTH)
    settings.PRODUCTION = production
    page = page_of(visitor.get("/box/", secure=secure))
    assert [words in page for words in said] == [True, True]
    assert "请用自己的手机和流量写，不连单位 Wi-Fi。" in page


# --- looking up -----------------------------------------------------------------------------------------


MONDAY, NEXT = date(2026, 11, 23), date(2026, 11, 30)


def answered(visitor: Visitor, *, outcome: Outcome = Outcome.ADOPTED) -> str:
    """A letter that was released and answered; its receipt."""
    add_recipients(*BOTH)
    receipt = hidden(send(visitor), "receipt")
    tick(MONDAY)
    tick(NEXT)
    known = read_receipt(receipt)
    assert known is not None
    reply = seal_reply(Reply(outcome, "下月起合并成一张表。"), reply_keys_of(known).public_key)
    assert BoxLetter.objects.filter(lookup=lookup_of(known)).update(reply=reply, outcome=outcome) == 1
    return receipt


def test_a_receipt_shows_the_answer_and_never_the_letter(visitor: Visitor) -> None:
    receipt = answered(visitor)
    page = page_of(visitor.send("/box/receipt/", {"receipt": receipt.lower(), "step": "look"}))
    assert "<dt>结果</dt><dd>已采纳</dd>" in page
    assert "下月起合并成一张表。" in page
    assert TYPED["text"] not in page
    assert receipt not in page


def test_unknown_unreleased_and_unanswered_receipts_show_the_same(visitor: Visitor) -> None:
    add_recipients(*BOTH)
    own = hidden(send(visitor), "receipt")
    pages = {
        page_of(visitor.send("/box/receipt/", {"receipt": one, "step": "look"}))
        for one in (own, str(new_receipt()))
    }
    tick(MONDAY)
    tick(NEXT)
    pages.add(page_of(visitor.send("/box/receipt/", {"receipt": own, "step": "look"})))
    assert len(pages) == 1
    assert "这里分不出是哪一种" in pages.pop()


def test_an_answer_is_as_long_as_any_other(visitor: Visitor) -> None:
    receipt = answered(visitor)
    longest = {**TYPED, "text": "表" * TEXT_LIMIT}
    answers: list[Any] = [
        visitor.get("/box/"),
        visitor.get("/box/wall/"),
        visitor.get("/box/survey/"),
        visitor.get("/box/nothing/"),
        visitor.post("/box/"),
        visitor.send("/box/", {**TYPED, "text": ""}),
        visitor.send("/box/", {**longest, "step": "check"}),
        visitor.send("/box/", {**longest, "step": "send"}),
        *(
            visitor.send("/box/receipt/", {"receipt": one, "step": step})
            for one in (receipt, str(new_receipt()))
            for step in ("look", "ask", "withdraw")
        ),
    ]
    assert [(len(one.content), int(one["Content-Length"])) for one in answers] == [(STEP, STEP)] * 14
    far_longer = visitor.send("/box/", {**TYPED, "text": "表" * 20_000})
    assert len(far_longer.content) == 3 * STEP


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "请输入查询号。"),
        ("ABC-DEF", "有一处抄错了。"),
        ("x" * 300, "太长了。"),
        ("\0", "请输入查询号。"),
    ],
)
def test_a_slip_in_the_receipt_is_said(typed: str, words: str, visitor: Visitor) -> None:
    page = page_of(visitor.send("/box/receipt/", {"receipt": typed, "step": "look"}), 422)
    assert words in page


def test_withdrawing_asks_once_more_and_says_the_same_for_every_receipt(visitor: Visitor) -> None:
    receipt = answered(visitor)
    pages = set()
    for one in (receipt, str(new_receipt())):
        page = page_of(visitor.send("/box/receipt/", {"receipt": one, "step": "ask"}))
        assert "撤回这条意见？" in page
        pages.add(
            page_of(visitor.send("/box/receipt/", {"receipt": hidden(page, "receipt"), "step": "withdraw"}))
        )
    assert len(pages) == 1
    tick(date(2026, 12, 1))
    page = page_of(visitor.send("/box/receipt/", {"receipt": receipt, "step": "look"}))
    assert "这里分不出是哪一种" in page


@pytest.mark.parametrize("path", ["/box/", "/box/receipt/", "/box/wall/"])
def test_pages_open_without_a_name_and_answer_no_other_method(path: str, visitor: Visitor) -> None:
    visitor.cookies["sessionid"] = "made-up"
    assert "<title>意见</title>" in page_of(visitor.get(path))
    assert visitor.head(path).status_code == 200
    assert visitor.put(path).status_code == 405
    forged = visitor.send(path, TYPED, origin="http://evil.example")
    assert forged.status_code == (405 if path == "/box/wall/" else 403)


# --- the wall -------------------------------------------------------------------------------------------


def test_the_wall_shows_answers_by_month_and_figures_of_years(
    visitor: Visitor, django_assert_num_queries: Any
) -> None:
    assert "还没有公开答复。每周一公布。" in page_of(visitor.get("/box/wall/"))
    for month, category, outcome, words in (
        (date(2026, 10, 1), "other", Outcome.EXPLAINED, "表格由上级定，已说明。"),
        (date(2026, 11, 1), "multi_form_filling", Outcome.ADOPTED, "三张表合成一张。"),
        (date(2026, 11, 1), "meeting_document_mountain", Outcome.REFERRED, "已转办公室。"),
    ):
        BoxAnswer.objects.create(month=month, category=category, outcome=outcome, words=words)
    for position, (keys, about) in enumerate(
        [(["multi_form_filling"], 15), (["other", "excessive_trace"], 5)]
    ):
        BoxFigure.objects.create(
            name=f"2025 category {position}",
            year=2025,
            table="category",
            position=position,
            keys=keys,
            about=about,
        )
    with django_assert_num_queries(2):
        page = page_of(visitor.get("/box/wall/"))
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["2026年11月", "2026年10月", "2025 年答复的意见"]
    assert re.findall(r'<div class="t">(.*?)</div>', page) == [
        "已转办公室。",
        "三张表合成一张。",
        "表格由上级定，已说明。",
    ]
    # No sum: those of two tables would differ, each line being rounded by itself.
    assert re.findall(r"约 .*? 条", page) == ["约 15 条", "约 5 条"]


def test_everybody_sees_who_opens_letters_and_by_which_key(visitor: Visitor) -> None:
    """An administrator who makes up a recipient, or gives one a key of their own, does it in public."""
    general = make_organisation(code="ZZ", name="机关党总支", kind=OrganisationKind.GENERAL_BRANCH)
    add_recipients(Level.OWN, Level.OWN, Level.OWN, Level.SUPERIOR)
    first, second, third, above = BoxRecipient.objects.select_related("user").order_by("user__username")
    BoxRecipient.objects.filter(name=third.name).update(is_active=False)
    for one, name in ((first, "甲受理"), (second, "乙受理"), (third, "丙受理"), (above, "丁受理")):
        User.objects.filter(pk=one.user_id).update(name=name, exclusive_duty=Role.RECIPIENT)
        Post.objects.create(organisation=general, role=Role.RECIPIENT, user=one.user, since=date(2020, 1, 1))
    other = Role.GENERAL_BRANCH_STAFF
    Post.objects.create(organisation=general, role=other, user=first.user, since=date(2020, 1, 1))
    page = re.sub(r"<.*?>", "", page_of(visitor.get("/box/")))
    assert f"甲受理（机关党总支{other.label}），钥匙号 {fingerprint(first.public_key)}" in page
    assert f"乙受理（机关党总支），钥匙号 {fingerprint(second.public_key)}" in page
    # Neither who waits to be confirmed nor a level that takes no letters.
    assert [name for name in ("丙受理", "丁受理") if name in page] == []


def test_writing_costs_few_statements(visitor: Visitor, django_assert_num_queries: Any) -> None:
    add_recipients(*BOTH)
    # The levels that have recipients, who they are, what else they do; whether a survey runs.
    with django_assert_num_queries(4):
        visitor.get("/box/")
    with django_assert_num_queries(3):  # and names of people and of places
        visitor.send("/box/", {**TYPED, "step": "check"})
    with django_assert_num_queries(2):  # and those the letter is sealed to
        visitor.send("/box/", {**TYPED, "step": "send"})
    with django_assert_num_queries(1):
        visitor.send("/box/receipt/", {"receipt": str(new_receipt()), "step": "look"})
