"""Contribution entries, the policy versions that weigh them, and nominations of what no source knows."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from incentives.rules.contributions import EntryKind, NominationState

if TYPE_CHECKING:
    from accounts.models import User

VIEW_OWN, VIEW_RECORD = "incentives.view_own", "incentives.view_record"
VIEW_NOMINATION = "incentives.view_nomination"
NOMINATE, APPROVE = "incentives.nominate_entry", "incentives.approve_entry"
EDIT_RECORD, EDIT_POLICY = "incentives.edit_record", "incentives.edit_policy"
VIEW_POLICY = "incentives.view_policy"


class WeightPolicy(models.Model):
    """One version of the numbers, from a day on, with the document it stands in. Rows never change.

    numbers: the shape of incentives/data/policy.yaml, numbers as texts.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="weight_policies", db_index=False
    )
    since = models.DateField("自哪天起执行")
    document = models.CharField("依据文件", max_length=120)
    article = models.CharField("条款", max_length=40, blank=True)
    note = models.CharField("说明", max_length=200)
    numbers = models.JSONField("数值")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="weight_policies_made", db_index=False
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "激励政策版本"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "since"], name="weight_policy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document}{self.article}"


class ContributionEntryQuerySet(models.QuerySet["ContributionEntry"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, and those of organisations whose records one grades."""
        graded = Organisation.objects.permitted_to(user, VIEW_RECORD, on=on)
        return self.filter(Q(user=user.pk) | Q(organisation__in=graded))

    def standing(self) -> Self:
        """Entries that no counter-entry takes back."""
        return self.filter(corrects=None, counter_row=None)

    def of_year(self, year: int) -> Self:
        return self.filter(happened_on__year=year)


class ContributionEntry(models.Model):
    """One contribution of one person, weighed by the policy of its day. Rows never change.

    source_key names what it was pulled from ("item:12"); `turn` counts how often the same came again after
    being taken back. A correction is a counter-entry with the opposite weight on the same day; the database
    refuses a change of a row too (migration entries_are_fixed).
    """

    source_key = models.CharField(max_length=60)
    turn = models.PositiveSmallIntegerField(default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="contribution_entries", db_index=False
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contribution_entries")
    happened_on = models.DateField("日期")
    kind = models.CharField("类别", max_length=12, choices=EntryKind)
    words = models.CharField("内容", max_length=200)
    url = models.CharField("来源页面", max_length=200, blank=True)
    weight = models.DecimalField("权重", max_digits=7, decimal_places=2)
    # Empty: the shipped suggestion.
    policy = models.ForeignKey(
        WeightPolicy, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False
    )
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="counter_row")
    reason = models.CharField("更正原因", max_length=200, blank=True)
    # Empty for what the nightly run pulls or takes back.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contribution_entries_made",
        db_index=False,
    )
    made_at = models.DateTimeField()

    objects = ContributionEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "贡献记录"
        constraints = [
            models.UniqueConstraint(
                fields=["source_key", "turn"], condition=Q(corrects=None), name="contribution_entry_once"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, reason="", weight__gte=0)
                | Q(corrects__isnull=False, weight__lte=0) & ~Q(reason=""),
                name="contribution_counter_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "happened_on"], name="contribution_of_person"),
        ]

    def __str__(self) -> str:
        return self.words


class NominationQuerySet(models.QuerySet["Nomination"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """What one named, what names oneself, and what one may decide."""
        decided = Organisation.objects.permitted_to(user, APPROVE, on=on)
        return self.filter(Q(made_by=user.pk) | Q(nominee=user.pk) | Q(organisation__in=decided))


class Nomination(models.Model):
    """A contribution that no source knows, named by a person and decided by another."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="nominations")
    nominee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="nominations", verbose_name="被提名人"
    )
    kind = models.CharField("类别", max_length=12, choices=EntryKind)
    happened_on = models.DateField("日期")
    words = models.CharField("做了什么", max_length=200)
    evidence = models.CharField("佐证", max_length=200)
    state = models.CharField("状态", max_length=10, choices=NominationState, default=NominationState.WAITING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="nominations_made")
    made_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="nominations_decided",
        db_index=False,
    )
    decided_on = models.DateField("审核日期", null=True, blank=True)
    answer = models.CharField("审核意见", max_length=200, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = "贡献提名"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=NominationState.WAITING, decided_by=None, decided_on=None)
                | ~Q(state=NominationState.WAITING) & Q(decided_by__isnull=False, decided_on__isnull=False),
                name="nomination_decided_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=NominationState.DECLINED) | ~Q(answer=""),
                name="nomination_declined_has_answer",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | ~Q(decided_by=models.F("made_by")) & ~Q(decided_by=models.F("nominee")),
                name="nomination_decided_by_another",
            ),
        ]
