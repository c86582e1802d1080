"""What training asks of an organisation, by kind; no ORM, no clock."""

from django.db.models import TextChoices


class DutyKind(TextChoices):
    SESSION = "session", "培训"
    ATTENDANCE = "attendance", "登记出勤"
    ROTATION = "rotation", "轮训检查"
    SIGNING = "signing", "签收轮训反馈"
    JUDGING = "judging", "评审"
    REVIEW = "review", "成果审核"
    PAIR = "pair", "结对帮带"


# The page on which a duty is done: it closes the duty by itself.
PAGES: dict[DutyKind, str] = {
    DutyKind.JUDGING: "training:judging_page",
    DutyKind.REVIEW: "training:output_review",
    DutyKind.PAIR: "training:pair_decide",
    DutyKind.SESSION: "training:session_detail",
    DutyKind.ATTENDANCE: "training:session_hold",
    DutyKind.ROTATION: "training:rotation_turn",
    DutyKind.SIGNING: "training:rotation_turn",
}
LABELS: dict[DutyKind, str] = {
    DutyKind.JUDGING: "去评审作品",
    DutyKind.REVIEW: "去审核成果",
    DutyKind.PAIR: "去定续还是结束",
    DutyKind.SESSION: "查看这次培训",
    DutyKind.ATTENDANCE: "去登记出勤",
    DutyKind.ROTATION: "去轮训检查",
    DutyKind.SIGNING: "去签收反馈",
}
