"""What the record of each kind asks for, in which words."""

from records.rules import RecordKind

DATE = "held_on"
# Why somebody lacks hours and what is arranged; kept as the record's resolutions.
SHORTFALL = "shortfall"
# Which fields each kind asks for beside the date, in the order of the form.
KIND_FIELDS: dict[str, tuple[str, ...]] = {
    RecordKind.DATE_ONLY: (),
    RecordKind.MEETING: ("place", "host", "topics", "resolutions"),
    RecordKind.VOTE: ("place", "host", "resolutions"),
    RecordKind.LECTURE: ("host", "hours", "title"),
    RecordKind.ACTIVITY: ("place", "hours", "title", "resolutions"),
    RecordKind.DOCUMENT: ("title",),
    RecordKind.CHECKLIST: (),
    RecordKind.HOURS: (),
    RecordKind.ELECTION: ("place", "host", "resolutions"),
    RecordKind.HANDOVER: ("resolutions",),
    RecordKind.RECHECK: ("resolutions",),
    RecordKind.INSPECTION: ("resolutions",),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    RecordKind.MEETING: ("topics",),
    RecordKind.VOTE: (),
    RecordKind.LECTURE: ("title", "host"),
    RecordKind.ACTIVITY: ("title",),
    RecordKind.DOCUMENT: ("title",),
    RecordKind.ELECTION: ("resolutions",),
    RecordKind.HANDOVER: ("resolutions",),
    RecordKind.RECHECK: ("resolutions",),
    RecordKind.INSPECTION: ("resolutions",),
}
LABELS: dict[str, str] = {
    "title": "主题",
    "place": "地点",
    "host": "主持人",
    "hours": "学时",
    "topics": "议题",
    "resolutions": "决议",
}
KIND_LABELS: dict[tuple[str, str], str] = {
    (RecordKind.LECTURE, "title"): "党课题目",
    (RecordKind.LECTURE, "host"): "主讲人",
    (RecordKind.ACTIVITY, "resolutions"): "议定事项",
    (RecordKind.DOCUMENT, "title"): "材料名称",
    (RecordKind.ELECTION, "resolutions"): "选举结果",
    (RecordKind.HANDOVER, "resolutions"): "交接情况",
    (RecordKind.RECHECK, "resolutions"): "复查结果",
    (RecordKind.INSPECTION, "resolutions"): "检查情况",
}
