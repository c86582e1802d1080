"""Vocabulary and pure rules of organisations, posts and terms; no ORM, no clock."""

from datetime import date

from django.db.models import TextChoices

from periods.months import add_years


class Refusal(ValueError):
    """An action refuses; str() is the sentence for the person, in Chinese."""


class OrganisationKind(TextChoices):
    COMMITTEE = "committee", "党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"
    JOINT_BRANCH = "joint_branch", "联合党支部"
    TEMPORARY_BRANCH = "temporary_branch", "临时党支部"


BRANCH_KINDS = frozenset(
    {OrganisationKind.BRANCH, OrganisationKind.JOINT_BRANCH, OrganisationKind.TEMPORARY_BRANCH}
)

# Which kind may stand directly below which; a root is a committee or a general branch.
CHILD_KINDS: dict[str, frozenset[str]] = {
    OrganisationKind.COMMITTEE: frozenset(
        {OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH, *BRANCH_KINDS}
    ),
    OrganisationKind.GENERAL_BRANCH: BRANCH_KINDS,
    OrganisationKind.BRANCH: frozenset(),
    OrganisationKind.JOINT_BRANCH: frozenset(),
    OrganisationKind.TEMPORARY_BRANCH: frozenset(),
}
ROOT_KINDS = frozenset({OrganisationKind.COMMITTEE, OrganisationKind.GENERAL_BRANCH})


class Role(TextChoices):
    WORKER = "worker", "党务工作者"
    SECRETARY = "secretary", "书记"
    DEPUTY_SECRETARY = "deputy_secretary", "副书记"
    ORGANISATION_COMMISSIONER = "organisation_commissioner", "组织委员"
    PUBLICITY_COMMISSIONER = "publicity_commissioner", "宣传委员"
    DISCIPLINE_COMMISSIONER = "discipline_commissioner", "纪检委员"
    GENERAL_BRANCH_STAFF = "general_branch_staff", "党总支党务干部"
    COMMITTEE_STAFF = "committee_staff", "党委党务干部"
    ADMINISTRATOR = "administrator", "系统管理员"
    # Reads the sealed letters of the anonymous channel: 本级 at a general branch, 上级 at a committee.
    RECIPIENT = "recipient", "匿名直通车受理人"
    AUDITOR = "auditor", "审计员"


COMMITTEE_ROLES = frozenset(
    {
        Role.SECRETARY,
        Role.DEPUTY_SECRETARY,
        Role.ORGANISATION_COMMISSIONER,
        Role.PUBLICITY_COMMISSIONER,
        Role.DISCIPLINE_COMMISSIONER,
    }
)
# One holder at a time in one organisation.
SINGLE_ROLES = frozenset(COMMITTEE_ROLES)
# Party offices are held by Party members; the others may be held by an account alone.
MEMBER_ROLES = frozenset(COMMITTEE_ROLES)
# Nobody holds two of these: see User.exclusive_duty, whose values they are.
EXCLUSIVE_ROLES = frozenset({Role.ADMINISTRATOR, Role.RECIPIENT, Role.AUDITOR})
OFFICE_ROLES = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF, *EXCLUSIVE_ROLES})
COMMISSIONER_ROLES = COMMITTEE_ROLES - {Role.SECRETARY, Role.DEPUTY_SECRETARY}
# Work that falls between two people when nobody hands it over.
HANDED_OVER_ROLES = frozenset({Role.WORKER, Role.SECRETARY})
# Given and managed by administrators alone, or staff could reach above or beside themselves.
PROTECTED_ROLES = OFFICE_ROLES
_PLACES: dict[Role, frozenset[OrganisationKind]] = {
    Role.WORKER: BRANCH_KINDS,
    Role.GENERAL_BRANCH_STAFF: frozenset({OrganisationKind.GENERAL_BRANCH}),
    Role.COMMITTEE_STAFF: frozenset({OrganisationKind.COMMITTEE}),
    Role.ADMINISTRATOR: ROOT_KINDS,
    Role.RECIPIENT: ROOT_KINDS,
    Role.AUDITOR: ROOT_KINDS,
}
# A branch with that many full members has a committee; the rule committee_required names the basis.
COMMITTEE_FROM = 7
# Years of a term by kind (关于党的基层组织任期的意见 一); an extension may last one year at most (二).
TERM_YEARS = {OrganisationKind.COMMITTEE: 5}
USUAL_TERM_YEARS = 3
LONGEST_TERM_YEARS = 5
LONGEST_EXTENSION_YEARS = 1
DEEPEST_LEVEL = 20


class GrantKind(TextChoices):
    ROTATION = "rotation", "轮训检查"
    STAND_IN = "stand_in", "临时代办"
    # Given by the portal alone: a leaver's way back to the own handover, nothing else.
    HANDOVER = "handover", "离任交接"
    # Who may read bonuses of others, beside whatever else they may.
    BONUS = "bonus", "绩效奖金"


# What a person may hand out; the others come with what they belong to.
GIVABLE_GRANTS = (GrantKind.ROTATION, GrantKind.STAND_IN, GrantKind.BONUS)


def usual_term_end(elected_on: date, kind: str) -> date:
    return add_years(elected_on, TERM_YEARS.get(OrganisationKind(kind), USUAL_TERM_YEARS))


def latest_term_end(elected_on: date) -> date:
    return add_years(elected_on, LONGEST_TERM_YEARS)


def latest_extension(ends_on: date) -> date:
    return add_years(ends_on, LONGEST_EXTENSION_YEARS)


def role_fits(role: str, kind: str) -> bool:
    """Whether an organisation of that kind can have this post; Party offices exist everywhere."""
    return kind in _PLACES.get(Role(role), frozenset(OrganisationKind))


def roles_for(kind: str) -> list[Role]:
    return [role for role in Role if role_fits(role, kind)]


def overlaps(since: date, until: date | None, other_since: date, other_until: date | None) -> bool:
    """Whether two inclusive day ranges share a day; None is open-ended."""
    return (until is None or other_since <= until) and (other_until is None or since <= other_until)


class OrganisationEventKind(TextChoices):
    SET_UP = "set_up", "成立"
    UNIT_JOINED = "unit_joined", "单位并入"
    UNIT_LEFT = "unit_left", "单位划出"
    RENAMED = "renamed", "更名"
    MOVED = "moved", "调整上级"
    ELECTED = "elected", "换届选举"
    TERM_EXTENDED = "term_extended", "任期延期"
    DISSOLVED = "dissolved", "撤销"


class ElectionStepKind(TextChoices):
    """The chain of one election, in its order."""

    NOTICE = "notice", "届满提醒"
    REQUEST = "request", "换届请示"
    CANDIDATES = "candidates", "候选人预备人选批复"
    MEETING = "meeting", "召开党员大会选举"
    REPORT = "report", "选举结果报批备案"


class PolicySeverity(TextChoices):
    HARD = "hard", "必须"
    SOFT = "soft", "一般应当"
    ADVISORY = "advisory", "建议"
    LOCAL = "local", "本单位规定"


class RosterImportState(TextChoices):
    WAITING = "waiting", "等待核对"
    PREVIEWED = "previewed", "已核对，待确认"
    REFUSED = "refused", "文件无法读取"
    COMMITTED = "committed", "已导入"
    DISCARDED = "discarded", "已放弃"


class JointPlanState(TextChoices):
    DRAFT = "draft", "草案"
    APPROVED = "approved", "已批复"
    CARRIED_OUT = "carried_out", "已实施"
    DISCARDED = "discarded", "已作废"


class CaseState(TextChoices):
    """How one person's way into the Party stands."""

    ONGOING = "ongoing", "培养发展中"
    COMPLETED = "completed", "已转正归档"
    REVOKED = "revoked", "已取消预备党员资格"
    DISCONTINUED = "discontinued", "已终止"


class StepOutcome(TextChoices):
    PASSED = "passed", "通过"
    NOT_PASSED = "not_passed", "未通过"
    EXTENDED = "extended", "延长预备期"
    REVOKED = "revoked", "取消预备党员资格"
