"""Leaf: how long what is kept. The page shows it, the timetable carries it out, a test proves each line."""

from dataclasses import dataclass
from datetime import timedelta

from accounts.devices import KEPT as DEVICE_KEPT
from accounts.rules import SIGN_INS_KEPT
from branches.actions.roster.imports import KEEP_FILES
from jobs.models import KEEP_RESULTS
from ledgers.models import KEEP_ROWS
from notices.rules import KEPT_FOR
from personal.rules import LEAVER_MONTHS

# What the law asks for network logs; nothing removes an audit row at all.
AUDIT_LEAST = timedelta(days=184)
TRIES_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Kept:
    """`job`: the entry of the timetable that removes it; empty where nothing is. `age`: None where the
    rows say themselves when they end, or where they are counted in months."""

    code: str
    what: str
    how_long: str
    job: str
    age: timedelta | None = None


def _said(age: timedelta) -> str:
    return f"{age.days} 天" if age.days > 1 else f"{age // timedelta(hours=1)} 小时"


RETENTION = (
    Kept("export_files", "导出的台账文件", f"{_said(KEEP_RESULTS)}后删除", "sweep-jobs", KEEP_RESULTS),
    Kept(
        "uploads",
        "上传而未确认的名册",
        f"{_said(KEEP_FILES)}后清空，确认导入的立即清空",
        "forget-rosters",
        KEEP_FILES,
    ),
    Kept("export_rows", "导出编号对应的数据", f"{_said(KEEP_ROWS)}后删除", "forget-exports", KEEP_ROWS),
    Kept("sign_ins", "登录记录", f"{_said(SIGN_INS_KEPT)}后删除", "forget-sign-ins", SIGN_INS_KEPT),
    Kept("tries", "登录失败的计数和来源地址", f"{_said(TRIES_KEPT)}后删除", "forget-tries", TRIES_KEPT),
    Kept("sessions", "登录状态", "到期后当天夜里删除", "forget-tries"),
    Kept(
        "devices",
        "浏览器里的设备标记（只存在您的设备上）",
        f"最近一次输对密码 {_said(DEVICE_KEPT)}后失效，清除浏览器数据时一并删除",
        "",
        DEVICE_KEPT,
    ),
    Kept("messages", "站内通知", f"{_said(KEPT_FOR)}后删除", "forget-messages", KEPT_FOR),
    Kept(
        "leavers",
        "离开党组织人员的个人信息",
        f"离开满 {LEAVER_MONTHS} 个月后清除，台账依规保留的姓名除外",
        "forget-leavers",
    ),
    Kept("audit", "操作审计记录", f"不少于 {AUDIT_LEAST.days} 天，只增不改", "", AUDIT_LEAST),
)
