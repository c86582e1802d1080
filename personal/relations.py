"""Leaf: every row that points at a person, once: what it is about, what leaves with the person, what stays.

A test holds this table against the models: a new relation to an account or a member stands in one of
the three lists or the build fails. Paths begin at the row; `user` of a member's row is "member__user".
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

MEETINGS, POSTS, DEVELOPMENT = "会议活动台账", "任职台账", "发展党员台账"
TALKS, GROUPS, HANDOVERS = "谈心谈话台账", "党小组台账", "交接台账"
INCENTIVES, WORK = "激励记录", "经办记录"
TRAINING, ROTATION, OUTPUTS, CONTESTS = "培训台账", "轮训台账", "成果台账", "竞赛台账"


@dataclass(frozen=True)
class About:
    """Rows about one person.

    `via`: the field that names the person, a member or an account. `shown`: "label=path" of each
    fact that the own file says. `ledger`: the ledger that must keep the name, empty where none does.
    `goes`: the rows leave when the person's data is erased.
    """

    code: str
    label: str
    model_label: str
    via: str
    shown: str
    ledger: str = ""
    goes: bool = False

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.model_label)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """(label, path) pairs."""
        return [(label, path) for label, _, path in (pair.partition("=") for pair in self.shown.split())]

    def of_user(self, pk: int) -> Any:
        """The rows of the account, directly or by its member."""
        path = f"{self.via}__user" if self.is_member else self.via
        return self.model._base_manager.filter(**{path: pk})

    def of_member(self, pk: int) -> Any:
        """The rows of the member, directly or by its account."""
        path = self.via if self.is_member else f"{self.via}__member"
        return self.model._base_manager.filter(**{path: pk})

    @property
    def is_member(self) -> bool:
        target = self.model._meta.get_field(self.via).related_model
        return isinstance(target, type) and target._meta.label == "branches.Member"


ABOUT = (
    About(
        "events",
        "党员身份和组织关系变动",
        "branches.MemberEvent",
        "member",
        "变动=kind 日期=on 组织=organisation__name 说明=note 更正原因=correction_reason",
    ),
    About(
        "spans",
        "在各支部的时间",
        "branches.Membership",
        "member",
        "组织=organisation__name 身份=status 自=since 至=until",
    ),
    About(
        "posts",
        "任职（党员）",
        "branches.Post",
        "member",
        "组织=organisation__name 职务=role 自=since 至=until",
        POSTS,
    ),
    About(
        "account_posts",
        "任职（账号）",
        "branches.Post",
        "user",
        "组织=organisation__name 职务=role 自=since 至=until",
        POSTS,
    ),
    About(
        "grants",
        "临时授权",
        "branches.AccessGrant",
        "user",
        "组织=organisation__name 类别=kind 自=since 至=until 事由=reason",
        POSTS,
    ),
    About(
        "groups",
        "党小组",
        "branches.GroupSeat",
        "member",
        "党小组=group__name 组长=leads 自=since 至=until",
        GROUPS,
    ),
    About(
        "development",
        "发展党员",
        "branches.DevelopmentCase",
        "member",
        "状态=state 申请日期=opened_on 办结日期=closed_on 办结说明=closing_note",
        DEVELOPMENT,
    ),
    About(
        "meetings",
        "会议和活动",
        "records.Attendance",
        "member",
        "日期=record__held_on 类别=record__kind 主题=record__title 到会=present 缺席原因=reason",
        MEETINGS,
    ),
    About(
        "talks",
        "谈心谈话（谈话人）",
        "records.Talk",
        "talker",
        "日期=held_on 类别=category 谈话对象=partner__name",
        TALKS,
    ),
    About(
        "talks_with",
        "谈心谈话（谈话对象）",
        "records.Talk",
        "partner",
        "日期=held_on 类别=category 谈话人=talker__name",
        TALKS,
    ),
    About(
        "contributions",
        "贡献记录",
        "incentives.ContributionEntry",
        "user",
        "日期=happened_on 类别=kind 内容=words 权重=weight 更正原因=reason",
        INCENTIVES,
    ),
    About(
        "nominations",
        "贡献提名",
        "incentives.Nomination",
        "nominee",
        "日期=happened_on 做了什么=words 佐证=evidence 状态=state 审核意见=answer",
        INCENTIVES,
    ),
    About(
        "appeals",
        "申诉",
        "incentives.Appeal",
        "user",
        "年度=year 哪里不对=words 状态=state 答复=answer",
        INCENTIVES,
    ),
    About(
        "years",
        "年度激励记录",
        "incentives.AnnualRecord",
        "user",
        "年度=sheet__year 计发系数=effective 奖金=bonus",
        INCENTIVES,
    ),
    About(
        "honours",
        "荣誉提名",
        "incentives.HonourCase",
        "nominee",
        "荣誉=call__name 提名日期=proposed_on 提名理由=reason 状态=state",
        INCENTIVES,
    ),
    About(
        "level_facts",
        "等级条件",
        "incentives.LevelFact",
        "user",
        "日期=happened_on 条件=check_code 数量=amount 内容=words 出处=source",
        INCENTIVES,
    ),
    About(
        "level_cases",
        "等级申请",
        "incentives.LevelCase",
        "user",
        "等级=level 申请日期=applied_on 本人说明=statement 状态=state",
        INCENTIVES,
    ),
    About(
        "level_terms",
        "等级",
        "incentives.LevelTerm",
        "user",
        "等级=level 自=since 有效期至=until",
        INCENTIVES,
    ),
    About(
        "level_years",
        "等级年度核对",
        "incentives.LevelYear",
        "user",
        "年度=year 达标=met 核对日期=made_on",
        INCENTIVES,
    ),
    About(
        "level_warnings",
        "等级书面告知",
        "incentives.LevelWarning",
        "user",
        "告知日期=written_on 告知内容=words",
        INCENTIVES,
    ),
    About(
        "reserve",
        "培养推荐",
        "incentives.ReservePlace",
        "user",
        "提出日期=proposed_on 理由=reason 状态=state",
        INCENTIVES,
    ),
    About(
        "recommendations",
        "推荐",
        "incentives.Recommendation",
        "user",
        "推荐日期=made_on 推荐事项=purpose 符合的条件=criterion 佐证=evidence",
        INCENTIVES,
    ),
    About(
        "dossiers", "培养档案", "incentives.Dossier", "user", "生成日期=made_on 校验码=checksum", INCENTIVES
    ),
    About(
        "objections",
        "本人提出的异议",
        "incentives.Objection",
        "objector",
        "收到日期=received_on 异议内容=words 答复=answer",
        INCENTIVES,
    ),
    About(
        "sessions_led",
        "主讲的培训",
        "training.Session",
        "leader",
        "日期=held_on 主题=title 状态=state",
        TRAINING,
    ),
    About(
        "rotation",
        "轮训检查",
        "training.RotationSlot",
        "user",
        "年度=plan__year 月份=month 签收日期=signed_on",
        ROTATION,
    ),
    About(
        "rotation_away",
        "不便参加轮训的月份",
        "training.RotationAway",
        "user",
        "年度=plan__year 月份=month",
        goes=True,
    ),
    About(
        "outputs",
        "成果署名",
        "training.OutputAuthor",
        "user",
        "成果=version__output__title 确认日期=agreed_on",
        OUTPUTS,
    ),
    About(
        "works",
        "竞赛作品",
        "training.WorkAuthor",
        "user",
        "作品=work__title 竞赛=work__contest__title 报送日期=work__submitted_on",
        CONTESTS,
    ),
    About("judged", "担任评委", "training.Judge", "user", "竞赛=contest__title"),
    About(
        "mentor_of",
        "结对帮带（师傅）",
        "training.Pair",
        "mentor",
        "徒弟=pupil__name 自=since 至=until",
        INCENTIVES,
    ),
    About(
        "pupil_of",
        "结对帮带（徒弟）",
        "training.Pair",
        "pupil",
        "师傅=mentor__name 自=since 至=until",
        INCENTIVES,
    ),
    About(
        "mentor_topics",
        "愿意帮忙的主题",
        "training.MentorTopic",
        "user",
        "主题=topic 同时最多=most",
        goes=True,
    ),
    About(
        "helps",
        "请人帮忙",
        "training.HelpRequest",
        "asker",
        "主题=topic 日期=asked_on 了结=closed_on",
        goes=True,
    ),
    About(
        "cards", "情景卡进度", "training.CardRun", "user", "情景卡=card__title 通过日期=passed_on", goes=True
    ),
    About(
        "handed_over",
        "移交",
        "reminders.Handover",
        "leaver",
        "职务=role 离任日期=last_day 状态=state",
        HANDOVERS,
    ),
    About(
        "taken_over",
        "接收",
        "reminders.Handover",
        "newcomer",
        "职务=role 离任日期=last_day 状态=state",
        HANDOVERS,
    ),
    About(
        "signatures",
        "交接签字",
        "reminders.HandoverSignature",
        "user",
        "身份=capacity 签字时间=signed_at",
        HANDOVERS,
    ),
    About(
        "corrections",
        "更正申请",
        "personal.Correction",
        "user",
        "提出时间=asked_at 哪一类信息=subject 哪里不对=words 状态=state 答复=answer",
        goes=True,
    ),
    About("sign_ins", "登录记录", "accounts.SignIn", "user", "时间=at 结果=outcome 来源地址=source"),
    About(
        "messages", "通知", "notices.Message", "recipient", "时间=made_at 标题=title 已读=read_at", goes=True
    ),
    About("channels", "通知方式", "notices.Channel", "user", "方式=kind 名称=label 启用=active", goes=True),
    About(
        "quiet_hours",
        "通知时间设置",
        "notices.NoticePreference",
        "user",
        "免打扰开始=quiet_from 免打扰结束=quiet_until 汇总时间=digest_at",
        goes=True,
    ),
    About(
        "feeds",
        "日历订阅",
        "reminders.CalendarFeed",
        "user",
        "用在哪里=label 建立时间=made_at 最近读取=used_on",
        goes=True,
    ),
    About(
        "practice",
        "自测进度",
        "errorbank.PracticeCard",
        "user",
        "下次日期=due_on 上次日期=seen_on",
        goes=True,
    ),
    About("sessions", "正在使用的登录", "accounts.OwnSession", "user", "有效期至=expire_date", goes=True),
    About(
        "earlier_passwords",
        "用过的密码（不可还原的摘要）",
        "accounts.EarlierPassword",
        "user",
        "用到=until",
        goes=True,
    ),
    About("authenticator", "动态码验证", "factors.Authenticator", "user", "设置时间=made_at", goes=True),
    About("tours", "看过的介绍", "guide.TourSeen", "user", "介绍=tour 时间=at", goes=True),
)
