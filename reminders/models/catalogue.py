"""What may be demanded of a branch: catalogue actions with versions, adoption, special tasks, study packs."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Concat

from branches.models import Organisation
from branches.models.organisation import PATH_END
from records.rules import RecordKind
from reminders.demand_rules import DemandKind
from reminders.rules import ActionKind, Category
from training.models import Session

if TYPE_CHECKING:
    from accounts.models import User

# Who may see everything an organisation and those below it are asked for.
OVERSEEING = "reminders.view_overview"


def reached(user: "User", permission: str, on: date) -> models.Exists:
    """Whether the outer row's organisation is one of the user's, or stands above one of them."""
    mine = Organisation.objects.permitted_to(user, permission, on=on)
    end = Concat(models.OuterRef("organisation__path"), models.Value(PATH_END))
    return models.Exists(mine.filter(path__gte=models.OuterRef("organisation__path"), path__lt=end))


class ActionQuerySet(models.QuerySet["Action"]):
    def reaching(self, user: "User", permission: str, *, on: date) -> Self:
        """Shipped actions, and those of the user's organisations or of organisations above them.

        A special task reaches only those it was sent to and those who oversee its sender.
        """
        mine = Organisation.objects.permitted_to(user, permission, on=on)
        overseen = Organisation.objects.permitted_to(user, OVERSEEING, on=on)
        sent = SpecialTask.targets.through.objects.filter(
            specialtask__action=models.OuterRef("pk"), organisation__in=mine
        )
        task = Q(kind=ActionKind.SPECIAL_TASK)
        return self.filter(
            task & (Q(models.Exists(sent)) | Q(organisation__in=overseen))
            | ~task & (Q(organisation=None) | Q(reached(user, permission, on)))
        )


class Action(models.Model):
    """The stable identity of a demand; what it says at a given time is in its versions.

    organisation is empty for what ships with the portal, else the organisation that added it.
    """

    code = models.CharField("代码", max_length=60, unique=True)
    kind = models.CharField("类别", max_length=20, choices=ActionKind)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="own_actions",
        verbose_name="所属组织",
    )

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = "事项"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ActionKind.STATUTORY) | Q(organisation__isnull=False),
                name="action_local_has_organisation",
            )
        ]

    def __str__(self) -> str:
        return self.code


class ActionVersion(models.Model):
    """What an action demands from a day on, for everybody or for one organisation and those below it.

    due_rule, applies_when, legal_basis, steps, common_mistakes have the shapes of
    reminders/data/statutory_actions.yaml.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="versions")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="action_versions"
    )
    valid_from = models.DateField("生效日期")
    name = models.CharField("名称", max_length=80)
    category = models.CharField("分类", max_length=20, choices=Category)
    cadence = models.CharField("频次", max_length=20)
    basis_level = models.CharField(max_length=30, blank=True)
    due_rule = models.JSONField("时限规则", default=dict)
    applies_when = models.JSONField("适用条件", default=list)
    legal_basis = models.JSONField("依据", default=list)
    minimal_record = models.TextField("最低记录", blank=True)
    steps = models.JSONField("步骤", default=list)
    common_mistakes = models.JSONField("常见错误", default=list)
    minutes = models.PositiveSmallIntegerField("预计分钟", default=30)
    record_kind = models.CharField("记录方式", max_length=20, choices=RecordKind)
    default_adopted = models.BooleanField("默认采纳", default=True)
    sensitive = models.BooleanField("敏感事项", default=False, help_text="只登记日期和完成情况。")
    burden_candidate = models.BooleanField("可减负", default=False)
    change_note = models.CharField("变更说明", max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="action_versions"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "事项版本"
        constraints = [
            models.UniqueConstraint(
                fields=["action", "valid_from"],
                condition=Q(organisation=None),
                name="action_version_once_for_all",
            ),
            models.UniqueConstraint(
                fields=["action", "organisation", "valid_from"],
                condition=Q(organisation__isnull=False),
                name="action_version_once_per_organisation",
            ),
        ]

    @property
    def is_verified(self) -> bool:
        """Whether every stated basis was seen in its source."""
        return all(basis.get("verified") for basis in self.legal_basis)


class Adoption(models.Model):
    """From a day on an organisation (and those below it) adopts an action or switches it off."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="adoptions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="adoptions")
    valid_from = models.DateField("生效日期")
    adopted = models.BooleanField("采纳")
    reason = models.CharField("说明", max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="adoptions"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "采纳"
        constraints = [
            models.UniqueConstraint(
                fields=["action", "organisation", "valid_from"], name="adoption_once_per_day"
            )
        ]


class SpecialTaskQuerySet(models.QuerySet["SpecialTask"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(
            action__organisation__in=Organisation.objects.permitted_to(user, permission, on=on)
        )


class SpecialTask(models.Model):
    """A task sent once to chosen organisations; its text and window are in its action's version."""

    action = models.OneToOneField(Action, models.PROTECT, related_name="special_task")
    targets = models.ManyToManyField(Organisation, related_name="special_tasks", verbose_name="发送对象")
    # Kept here and not among the pack's actions: a sender may use a superior's pack without changing it.
    pack = models.ForeignKey(
        "StudyPack", models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name="学习资料包"
    )
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="special_tasks")
    sent_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)
    demand_kind = models.CharField("要求类别", max_length=12, choices=DemandKind, default=DemandKind.TASK)
    # What the sender was shown before sending, as [{"code", "words"}], and why it was sent all the same.
    warnings = models.JSONField("发送前的提示", default=list, blank=True)
    sent_over_reason = models.CharField("仍然发送的理由", max_length=300, blank=True)
    # What ended when this was sent: {"key": …, "name": …, "words": …}; empty when nothing did.
    replaces = models.JSONField("替代的事项", default=dict, blank=True)

    objects = SpecialTaskQuerySet.as_manager()

    class Meta:
        verbose_name = "专项工作"


class StudyPackQuerySet(models.QuerySet["StudyPack"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Packs of one's own organisations, of those below them, and of those above them."""
        # A pack is read by everybody in the tree below its publisher.
        return self.filter(reached(user, "reminders.view_pack", on))

    def in_use(self) -> Self:
        return self.filter(retired_at=None)


class StudyPack(models.Model):
    """Links and files that help with one or more actions of the catalogue, and with special tasks."""

    title = models.CharField("标题", max_length=80)
    summary = models.TextField("简介", max_length=1000, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="study_packs", verbose_name="发布组织"
    )
    actions = models.ManyToManyField(Action, blank=True, related_name="study_packs", verbose_name="关联事项")
    # What was handed out at a session, for those who were away and for the next time.
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="study_packs", verbose_name="培训"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="study_packs")
    made_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = StudyPackQuerySet.as_manager()

    class Meta:
        verbose_name = "学习资料包"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"],
                condition=Q(retired_at=None),
                name="study_pack_title_once_in_use",
            ),
            models.UniqueConstraint(
                fields=["session"], condition=Q(retired_at=None), name="study_pack_once_a_session"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class StudyMaterial(models.Model):
    """One link or one file of a study pack."""

    pack = models.ForeignKey(StudyPack, models.CASCADE, related_name="materials")
    title = models.CharField("名称", max_length=80)
    url = models.URLField("链接", max_length=300, blank=True)
    file = models.FileField("文件", upload_to="study/%Y/%m/", blank=True, max_length=200)

    class Meta:
        verbose_name = "资料"
        constraints = [
            models.UniqueConstraint(fields=["pack", "title"], name="material_title_once"),
            models.CheckConstraint(
                condition=Q(url="") & ~Q(file="") | ~Q(url="") & Q(file=""), name="material_link_or_file"
            ),
        ]
