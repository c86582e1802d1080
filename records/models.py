"""What a branch did: meetings, votes, lectures, activities, talks, hours. Entered here and nowhere else."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Member, Organisation
from records.rules import RecordKind, TalkCategory, VoteCount, vote_passed

if TYPE_CHECKING:
    from accounts.models import User


class RecordQuerySet(models.QuerySet["Record"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, "records.view_record", on=on)

    def standing(self) -> Self:
        """Records that were not taken back."""
        return self.filter(cancelled_at=None)


class Record(models.Model):
    """One activity of a branch; it may close several reminder items.

    held_on is the true date, entered_at the day it was typed: late entry is allowed and visible.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="records")
    kind = models.CharField("类别", max_length=20, choices=RecordKind)
    held_on = models.DateField("日期")
    title = models.CharField("主题", max_length=120, blank=True)
    place = models.CharField("地点", max_length=80, blank=True)
    host = models.CharField("主持人（主讲人）", max_length=40, blank=True)
    eligible_count = models.PositiveSmallIntegerField("应到人数", null=True, blank=True)
    present_count = models.PositiveSmallIntegerField("实到人数", null=True, blank=True)
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1, null=True, blank=True)
    topics = models.TextField("议题", max_length=2000, blank=True)
    resolutions = models.TextField("决议（议定事项）", max_length=4000, blank=True)
    checked = models.JSONField("已核对", default=list, blank=True)
    # It answers no catalogue action: nobody asked for it. Kept here, because asking every record is slow.
    self_started = models.BooleanField(default=False, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="entered_records"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cancelled_records"
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "工作记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(present_count=None)
                | Q(eligible_count=None)
                | Q(present_count__lte=models.F("eligible_count")),
                name="record_present_not_over_eligible",
            )
        ]
        indexes = [
            models.Index(
                fields=["organisation", "held_on", "kind"],
                condition=Q(cancelled_at=None),
                name="record_standing",
            ),
            models.Index(
                fields=["organisation", "held_on"],
                condition=Q(cancelled_at=None, self_started=True),
                name="record_self_started",
            ),
        ]


class RecordAction(models.Model):
    """Which catalogue action a record answers, by its code: "no general meeting this quarter" asks here.

    A floor above owns the actions, so a code stands here and no foreign key.
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="actions")
    action_code = models.CharField(max_length=60)

    class Meta:
        verbose_name = "记录对应的事项"
        constraints = [
            models.UniqueConstraint(fields=["action_code", "record"], name="record_action_once"),
        ]


class Attendance(models.Model):
    """One member at one activity, ticked by name."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="attendances")
    member = models.ForeignKey(Member, models.PROTECT, related_name="attendances")
    present = models.BooleanField("到会", default=True)
    reason = models.CharField("缺席原因", max_length=40, blank=True)

    class Meta:
        verbose_name = "出席"
        constraints = [models.UniqueConstraint(fields=["record", "member"], name="attendance_once")]


class Vote(models.Model):
    """The count of one matter."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="votes")
    matter = models.CharField("表决事项", max_length=120)
    eligible = models.PositiveSmallIntegerField("有表决权应到")
    present = models.PositiveSmallIntegerField("有表决权实到")
    yes = models.PositiveSmallIntegerField("赞成")
    no = models.PositiveSmallIntegerField("反对", default=0)
    abstain = models.PositiveSmallIntegerField("弃权", default=0)

    class Meta:
        verbose_name = "表决"
        constraints = [
            models.UniqueConstraint(fields=["record", "matter"], name="vote_matter_once"),
            models.CheckConstraint(
                condition=Q(present__lte=models.F("eligible"))
                & Q(present__gte=models.F("yes") + models.F("no") + models.F("abstain")),
                name="vote_counts_possible",
            ),
        ]

    @property
    def passed(self) -> bool:
        return vote_passed(
            VoteCount(self.matter, self.eligible, self.present, self.yes, self.no, self.abstain)
        )


class TalkQuerySet(models.QuerySet["Talk"]):
    def standing(self) -> Self:
        """Talks that were not taken back."""
        return self.filter(cancelled_at=None)


class Talk(models.Model):
    """Who talked with whom on which day and of what kind; the content is never kept."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="talks")
    record = models.ForeignKey(Record, models.CASCADE, null=True, blank=True, related_name="talks")
    talker = models.ForeignKey(Member, models.PROTECT, related_name="talks_held", verbose_name="谈话人")
    partner = models.ForeignKey(
        Member, models.PROTECT, related_name="talks_received", verbose_name="谈话对象"
    )
    held_on = models.DateField("日期")
    category = models.CharField("类别", max_length=12, choices=TalkCategory, default=TalkCategory.THINKING)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="entered_talks"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    # Falls with its record, so that the same talk can be entered again.
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = TalkQuerySet.as_manager()

    class Meta:
        verbose_name = "谈心谈话"
        constraints = [
            models.UniqueConstraint(
                fields=["talker", "partner", "held_on"],
                condition=Q(cancelled_at=None),
                name="talk_once_a_day",
            ),
            models.CheckConstraint(condition=~Q(talker=models.F("partner")), name="talk_has_two_people"),
        ]
