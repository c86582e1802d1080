"""The anonymous channel of the demo, all invented: recipients, released letters, answers, last year.

The passphrase is known, so nothing here is secret; it says so in the output of `load_demo`.
"""

from datetime import date, timedelta
from pathlib import Path

import nacl.pwhash
from django.conf import settings

from accounts.models import User
from branches.actions.accounts import open_account
from branches.actions.posts import give_post
from branches.demo import DemoTree
from branches.models import Organisation
from branches.rules import Role
from burden.actions.box_recipients import confirm, make_key
from burden.actions.box_replies import reply
from burden.box.actions import accept_letter, tick
from burden.box.desk import Sheet, open_desk
from burden.box.figures import count, freeze_before
from burden.box.files import held
from burden.box.limits import Level, Outcome
from burden.box.marks import Answered
from burden.box.sealing import Cost, Letter
from burden.models import BoxAnswer, BoxRecipient, Measure
from periods.months import Month

PASSPHRASE = "演示用的清风徐来水波不兴"  # noqa: S105 - known on purpose, as the demo's password is
# Cheaper than a real one: four keys are made while the demo loads.
COST = Cost(nacl.pwhash.argon2id.OPSLIMIT_INTERACTIVE, nacl.pwhash.argon2id.MEMLIMIT_INTERACTIVE)
WEEK = timedelta(weeks=1)
PATIENCE = 300.0

EARLIER: tuple[tuple[str, str], ...] = (
    ("urgent_deadlines", "下班前通知、第二天早上就要的材料太多，一线没法准备。"),
    ("multi_form_filling", "同一份名册一个月里报了三次，三张表的列还不一样。"),
    ("excessive_trace", "每次活动都要照片、签到表、心得一整套，比活动本身还花时间。"),
    ("repeated_inspection", "收购季一周来了两拨检查，问的是同样的内容。"),
)
WAITING: tuple[tuple[str, str], ...] = (
    ("summary_overload", "月小结、季小结、专题总结写的都是同样的事，能不能一年写一次。"),
    ("chat_group_flood", "工作群有七个，一条通知每个群都要回复“收到”。"),
    ("formal_learning_notes", "学习笔记要求手抄，抄完没有人看。"),
)
UPWARDS = (("repeated_inspection", "上级各部门的检查最好提前排在一张表上，合并着来。"),)
# outcome, reply, words on the wall, code of the measure
REPLIES = {
    "urgent_deadlines": (
        Outcome.ADOPTED,
        "意见收到，已采纳，正在落实。",
        "临时要材料的，今后至少提前三个工作日。",
        "lead_time",
    ),
    "multi_form_filling": (
        Outcome.ADOPTED,
        "这项内容今后从系统里取，不用再填。",
        "名册类表格不再单独收，需要的部门从系统里取。",
        "single_entry",
    ),
    "excessive_trace": (
        Outcome.ADOPTED,
        "意见收到，已采纳，正在落实。",
        "活动不再要求照片和心得，留一份记录就够。",
        "no_photo_required",
    ),
}
# months ago, kind, outcome, words, code of the measure
WALL: tuple[tuple[int, str, Outcome, str, str], ...] = (
    (
        1,
        "repeated_inspection",
        Outcome.ADOPTED,
        "旺季检查合并，同类的一季度不超过一次。",
        "merge_inspections",
    ),
    (1, "app_check_in", Outcome.REFERRED, "学习平台的积分通报，已报上级党组织研究。", ""),
    (2, "ledger_overweight", Outcome.ADOPTED, "明年考核里，台账分值降到三成以内。", "ledger_weight_30"),
    (2, "part_time_overload", Outcome.EXPLAINED, "兼职年底统一定岗，先保障每周党务时间。", "time_guarantee"),
    (3, "meeting_document_mountain", Outcome.ADOPTED, "会议能合并的合并，旺季少开会。", "cut_meetings"),
)
LAST_YEAR: tuple[tuple[str, Outcome, int], ...] = (
    ("multi_form_filling", Outcome.ADOPTED, 12),
    ("urgent_deadlines", Outcome.ADOPTED, 9),
    ("excessive_trace", Outcome.EXPLAINED, 7),
    ("repeated_inspection", Outcome.REFERRED, 8),
    ("summary_overload", Outcome.EXPLAINED, 6),
    ("chat_group_flood", Outcome.ADOPTED, 2),
    ("other", Outcome.EXPLAINED, 3),
)


def load(tree: DemoTree) -> None:
    """Two demos that load at once into one data folder would take each other's keys: one after the other."""
    with held(Path(settings.VAR_DIR) / "demo", wait=PATIENCE):
        _load(tree)


def _load(tree: DemoTree) -> None:
    """Two released weeks: the earlier letters are answered, the later ones wait on the desk."""
    own = _recipients(tree, tree.general, ("box1", "box2"))
    _recipients(tree, tree.committee, ("box3", "box4"))
    monday = tree.as_of - timedelta(days=tree.as_of.weekday())
    _write(EARLIER, Level.OWN)
    _ticks(monday - WEEK)
    _answer(own, tree, monday - WEEK)
    _write(WAITING, Level.OWN)
    _write(UPWARDS, Level.SUPERIOR)
    _ticks(monday)
    _wall(tree)
    year = tree.as_of.year - 1
    count(year, [Answered(kind, outcome) for kind, outcome, number in LAST_YEAR for _ in range(number)])
    freeze_before(tree.as_of.year)


def _recipients(tree: DemoTree, place: Organisation, names: tuple[str, str]) -> BoxRecipient:
    """Two people with keys, the second confirmed by the first; returns the first."""
    since = date(tree.as_of.year - 1, 1, 1)
    users = [_account(tree, place, name, number, since) for number, name in enumerate(names, 1)]
    first, second = (make_key(user, PASSPHRASE, on=tree.as_of, cost=COST) for user in users)
    confirm(second, by=first, passphrase=PASSPHRASE)
    return first


def _account(tree: DemoTree, place: Organisation, username: str, number: int, since: date) -> User:
    level = "本级" if place == tree.general else "上级"
    user, _ = open_account(
        username=username, name=f"{level}受理人{number}", by=tree.staff, same_password_as=tree.staff
    )
    give_post(place, role=Role.RECIPIENT, user=user, since=since, by=tree.staff)
    return user


def _write(letters: tuple[tuple[str, str], ...], level: Level) -> None:
    for category, text in letters:
        accept_letter(Letter(category, text), level)


def _ticks(monday: date) -> None:
    """Into the batch on Sunday, released on Monday."""
    tick(monday - timedelta(days=1))
    tick(monday)


def _answer(recipient: BoxRecipient, tree: DemoTree, on: date) -> None:
    for sheet in open_desk(recipient, PASSPHRASE, on=on).sheets:
        if sheet.category in REPLIES:
            _reply(sheet, tree)


def _reply(sheet: Sheet, tree: DemoTree) -> None:
    outcome, text, words, code = REPLIES[sheet.category]
    reply(sheet, outcome=outcome, text=text, words=words, measure=_measure(tree, code))


def _measure(tree: DemoTree, code: str) -> int | None:
    found = Measure.objects.filter(organisation=tree.general, code=code).first()
    return found.pk if found else None


def _wall(tree: DemoTree) -> None:
    """Answers of earlier months."""
    this = Month.of(tree.as_of)
    BoxAnswer.objects.bulk_create(
        BoxAnswer(
            month=this.plus(-back).first,
            category=kind,
            outcome=outcome,
            words=words,
            measure_id=_measure(tree, code) if code else None,
        )
        for back, kind, outcome, words, code in WALL
    )
