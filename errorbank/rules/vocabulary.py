"""Vocabulary of the error bank; no ORM, no clock."""

from django.db.models import TextChoices


class ErrorCategory(TextChoices):
    ORGANIZATION_SETUP = "organization_setup", "组织设置与换届"
    MEETINGS = "meetings", "三会一课"
    ORGANIZATIONAL_LIFE = "organizational_life", "主题党日、组织生活会、民主评议"
    DUES = "dues", "党费"
    RECRUITMENT = "recruitment", "发展党员"
    MEMBER_MANAGEMENT = "member_management", "党员教育管理"
    INTEGRITY_IDEOLOGY = "integrity_ideology", "廉政、意识形态、述职、公开"
    FORMALISM_RECTIFICATION = "formalism_rectification", "形式主义与整改"


class Source(TextChoices):
    """Where a problem was seen."""

    INSPECTION_TOUR = "inspection_tour", "巡视巡察"
    POLITICAL_SUPERVISION = "political_supervision", "政治监督"
    PARTY_BUILDING_CHECK = "party_building_check", "党建检查"
    ROTATION = "rotation", "轮训检查"
    SELF_CHECK = "self_check", "自查"
    DETECTION = "detection", "系统提示"
    RECHECK = "recheck", "复查"
    ROUTINE = "routine", "日常易发"


class Severity(TextChoices):
    GENERAL = "general", "一般"
    SERIOUS = "serious", "严重"


class VersionState(TextChoices):
    """One wording of an entry on its way."""

    DRAFT = "draft", "草稿"
    PROPOSED = "proposed", "待审核"
    RETURNED = "returned", "退回修改"
    PUBLISHED = "published", "已发布"
    SUPERSEDED = "superseded", "已更新"


class CauseLevel(TextChoices):
    """Why it came about; the last two are nobody's fault in the branch and feed burden reduction."""

    BRANCH = "branch", "支部落实不到位"
    UNCLEAR_INSTRUCTION = "unclear_instruction", "上级要求不明确"
    DUPLICATE_DEMAND = "duplicate_demand", "要求重复、交叉"


class FindingState(TextChoices):
    OPEN = "open", "待整改"
    RECTIFYING = "rectifying", "整改中"
    SUBMITTED = "submitted", "待审核"
    RECHECKING = "rechecking", "复查中"
    CLOSED = "closed", "已销号"
    ACCEPTED = "accepted", "条件不具备"


# Somebody in the branch still has something to do.
UNFIXED_STATES = frozenset({FindingState.OPEN, FindingState.RECTIFYING})
# Not settled for good.
UNSETTLED_STATES = UNFIXED_STATES | {FindingState.SUBMITTED, FindingState.ACCEPTED}


class StepKind(TextChoices):
    """What happened to a finding, in the words of its history."""

    FOUND = "found", "登记问题"
    STARTED = "started", "开始整改"
    SUBMITTED = "submitted", "提交整改结果"
    RETURNED = "returned", "退回"
    CLOSED = "closed", "审核通过，销号"
    ACCEPTED = "accepted", "条件不具备，暂缓"
    EXPIRED = "expired", "暂缓到期"
    REASSIGNED = "reassigned", "调整责任人或期限"
    RECHECKED = "rechecked", "复查通过"
    FAILED = "failed", "复查未通过"
    CORRECTED = "corrected", "更正"


class RecheckMode(TextChoices):
    AUTOMATIC = "automatic", "系统核对数据"
    VERIFIER = "verifier", "复查人核对"
    SAMPLE = "sample", "抽查"


class RecheckState(TextChoices):
    WAITING = "waiting", "待复查"
    PASSED = "passed", "通过"
    FAILED = "failed", "未通过"
    NOT_DRAWN = "not_drawn", "未抽中"
    CANCELLED = "cancelled", "不再需要"


class ProposalState(TextChoices):
    """What detection noticed; a person decides whether it is a finding."""

    OPEN = "open", "待确认"
    CONFIRMED = "confirmed", "已转为问题"
    DISMISSED = "dismissed", "不是问题"
    GONE = "gone", "已消除"
