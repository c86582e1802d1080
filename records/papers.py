"""What a form about a meeting can be filled with: one standing record whose attendance is kept by name."""

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from ledgers.ledger import Value
from papers.queries import every_word
from papers.source import CHOICES, Choice, Field, ListField, PaperSource, PaperValues, register
from records.models import Attendance, Record, Vote
from records.rules import ATTENDED_KINDS, MEETING_KINDS, PARTY_DAY, RecordKind

VIEW = "records.view_record"
SEARCHED = ("organisation__name", "title", "topics", "held_on")
NOBODY, NOTHING = "无", "—"
KIND_NAMES = {**MEETING_KINDS, PARTY_DAY: "主题党日"}
# Their record without a vote is incomplete; at another meeting nothing may have been put to the vote.
_VOTED = frozenset({RecordKind.VOTE, RecordKind.ELECTION})
FIELDS = (
    Field("组织名称", "第一党支部"),
    Field("会议类型", "支部党员大会", "三会一课和主题党日按事项名称，其他按登记的类别"),
    Field("会议日期", date(2026, 11, 18)),
    Field("会议主题", "学习贯彻全会精神"),
    Field("地点", "三楼会议室"),
    Field("主持人", "刘建国", "党课为主讲人"),
    Field("记录人", "王小梅", "在本系统登记这次会议的人"),
    Field("应到人数", 12),
    Field("实到人数", 11),
    Field("缺席人数", 1),
    Field("到会名单", "刘建国、王小梅", "姓名用顿号连成一行；逐行列出请用“到会人员”"),
    Field("议题", "学习会议精神；讨论下半年计划"),
    Field("决议", "会议同意下半年工作计划。"),
)
LISTS = (
    ListField("到会人员", (Field("姓名", "刘建国"),)),
    ListField("缺席人员", (Field("姓名", "赵强"), Field("原因", "出差")), "全员到会时填一行“无”"),
    ListField(
        "表决",
        (
            Field("事项", "下半年工作计划"),
            Field("应到", 12, "有表决权的应到人数"),
            Field("实到", 11, "有表决权的实到人数"),
            Field("赞成", 11),
            Field("反对", 0),
            Field("弃权", 0),
            Field("结果", "通过", "应到和赞成均过半数为通过"),
        ),
        "没有表决事项的会议填一行“无”",
    ),
)


def _mine(user: User, on: date) -> QuerySet[Record]:
    return Record.objects.visible_to(user, on=on).standing().filter(kind__in=sorted(ATTENDED_KINDS))


def meeting_choices(user: User, search: str, on: date) -> Sequence[Choice]:
    """The last meetings; two statements."""
    found = _mine(user, on).filter(every_word(search, *SEARCHED)).select_related("organisation")
    rows = found.prefetch_related("actions").order_by("-held_on", "-pk")[:CHOICES]
    return [Choice(row.pk, _title(row), row.organisation.name) for row in rows]


def _title(record: Record) -> str:
    words = dict.fromkeys(part for part in (_kind(record), record.title) if part)
    return f"{record.held_on:%Y-%m-%d}　{'：'.join(words)}"


def _kind(record: Record) -> str:
    codes = {answered.action_code for answered in record.actions.all()}
    names = dict.fromkeys(name for code, name in KIND_NAMES.items() if code in codes)
    return "、".join(names) or record.get_kind_display()


def meeting_values(user: User, pk: int, on: date) -> PaperValues | None:
    """Four statements."""
    mine = _mine(user, on).select_related("organisation", "entered_by")
    record = mine.prefetch_related("actions").filter(pk=pk).first()
    if record is None:
        return None
    ticks = list(record.attendances.select_related("member").order_by("member__code"))
    return PaperValues(
        title=_title(record),
        organisation=record.organisation.name,
        day=record.held_on,
        values=_values(record, ticks),
        lists={
            "到会人员": [{"姓名": tick.member.name} for tick in ticks if tick.present],
            "缺席人员": _absent(ticks),
            "表决": _votes(record),
        },
    )


def _values(record: Record, ticks: Sequence[Attendance]) -> dict[str, Value]:
    eligible, present = record.eligible_count, record.present_count
    return {
        "组织名称": record.organisation.name,
        "会议类型": _kind(record),
        "会议日期": record.held_on,
        "会议主题": record.title,
        "地点": record.place,
        "主持人": record.host,
        "记录人": record.entered_by.name if record.entered_by else "",
        "应到人数": eligible,
        "实到人数": present,
        "缺席人数": None if eligible is None or present is None else eligible - present,
        "到会名单": "、".join(tick.member.name for tick in ticks if tick.present),
        "议题": record.topics,
        "决议": record.resolutions,
    }


def _absent(ticks: Sequence[Attendance]) -> list[dict[str, Value]]:
    """Where nobody was ticked at all, who was absent is not known."""
    absent = [(tick.member.name, tick.reason) for tick in ticks if not tick.present]
    told = absent or ([(NOBODY, NOTHING)] if ticks else [])
    return [{"姓名": name, "原因": reason} for name, reason in told]


def _votes(record: Record) -> list[dict[str, Value]]:
    rows = [_vote(vote) for vote in record.votes.order_by("pk")]
    if rows or record.kind in _VOTED:
        return rows
    return [{field.name: NOBODY if field.name == "事项" else NOTHING for field in LISTS[2].columns}]


def _vote(vote: Vote) -> dict[str, Value]:
    return {
        "事项": vote.matter,
        "应到": vote.eligible,
        "实到": vote.present,
        "赞成": vote.yes,
        "反对": vote.no,
        "弃权": vote.abstain,
        "结果": "通过" if vote.passed else "未通过",
    }


MEETING = register(
    PaperSource(
        code="meeting",
        title="会议记录",
        description="从登记过到会人员的会议、党课和活动中选一次，填进表格。",
        permission=VIEW,
        fields=FIELDS,
        lists=LISTS,
        choices=meeting_choices,
        values=meeting_values,
        measure="次会议",
    )
)
