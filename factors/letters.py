"""Leaf: what the owner of an account is told about its second factor; no code and no key stands in it.

Who has the password of somebody else guesses at the code or ties a phone of their own: the owner hears of it.
"""

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localtime

from accounts.models import User
from factors.notice_events import FACTOR_CHANGED, FACTOR_PAUSED, FACTOR_RESET
from factors.rules import TRIES
from notices.actions.outbox import Letter, LineData

NOT_YOURSELF = "不是您本人操作的，请马上修改密码，并告诉党总支工作人员。"
# What leaves the portal on other channels: that something happened, nobody's name.
OUTSIDE = {
    FACTOR_CHANGED: "登录验证有设置、更换或关闭",
    FACTOR_PAUSED: "账号的动态码连续输错",
    FACTOR_RESET: "登录验证已被重置",
}


def was_set_up(user: User, *, replaced: bool, at: datetime) -> Letter:
    if replaced:
        said = "您的账号更换了验证器，旧手机上的动态码和以前的备用码已作废。"
        return _letter(user, FACTOR_CHANGED, at, "您更换了验证器", said + NOT_YOURSELF)
    said = "您的账号设置了动态码验证，以后登录还要输入动态码。"
    return _letter(user, FACTOR_CHANGED, at, "您设置了动态码验证", said + NOT_YOURSELF)


def was_turned_off(user: User, *, at: datetime) -> Letter:
    said = "您的账号关闭了动态码验证，以后登录只需要密码。"
    return _letter(user, FACTOR_CHANGED, at, "您关闭了动态码验证", said + NOT_YOURSELF)


def was_paused(user: User, *, until: datetime, at: datetime) -> Letter:
    said = f"密码正确，但连续输错 {TRIES} 次，动态码暂停使用到 {localtime(until):%H:%M}，备用码仍可用。"
    return _letter(user, FACTOR_PAUSED, at, "您的动态码连续输错", said + NOT_YOURSELF)


def was_reset(user: User, *, by: User | None, reason: str, at: datetime) -> Letter:
    who = by.name if by else "系统管理员"
    said = f"{who}重置了您的动态码验证，事由：{reason}。不是您要求的，请马上告诉党总支工作人员。"
    return _letter(user, FACTOR_RESET, at, "您的动态码验证已被重置", said)


def _letter(user: User, event: str, at: datetime, title: str, text: str) -> Letter:
    page, outside = reverse("accounts:session_list"), OUTSIDE[event]
    return Letter(
        recipient=user,
        event=event,
        key=f"{event}:{at.timestamp()}",
        title=title,
        outside_title="账号的登录验证有变化" if event != FACTOR_PAUSED else outside,
        lines=(LineData(text=text, outside_text=outside, url=page),),
        url=page,
    )
