"""Reserve pool, recommendations under equal conditions, and the evidence file of a person (履职实绩档案)."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from incentives.models.levels import OwnedQuerySet, Row
from incentives.rules.levels import RUNNING_RESERVE, ReserveState

if TYPE_CHECKING:
    from accounts.models import User

KEEP_RESERVE = "incentives.keep_reserve"


class KeptQuerySet(OwnedQuerySet[Row]):
    def visible_to(self, user: "User", *, on: date) -> Self:
        """The person's own, and those kept by whoever may keep the pool there; nobody else's."""
        kept = Organisation.objects.permitted_to(user, KEEP_RESERVE, on=on)
        return self.filter(Q(user=user.pk) | Q(organisation__in=kept))


class ReservePlace(models.Model):
    """A person proposed for the reserve pool (后备干部库), who agrees first."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reserve_places")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reserve_places")
    reason = models.CharField("理由", max_length=400)
    state = models.CharField("状态", max_length=8, choices=ReserveState, default=ReserveState.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reserve_proposed", db_index=False
    )
    proposed_on = models.DateField("提出日期")
    answered_on = models.DateField("本人答复日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reserve_decided",
        db_index=False,
    )
    since = models.DateField("入库日期", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    ended_for = models.CharField("原因", max_length=200, blank=True)

    objects = KeptQuerySet["ReservePlace"].as_manager()

    class Meta:
        verbose_name = "后备干部"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=sorted(RUNNING_RESERVE)), name="reserve_place_one_runs"
            ),
            models.CheckConstraint(
                condition=~Q(state=ReserveState.IN_POOL)
                | Q(since__isnull=False, decided_by__isnull=False, answered_on__isnull=False),
                name="reserve_pool_agreed_and_decided",
            ),
        ]


class Recommendation(models.Model):
    """Recommended under equal conditions (同等条件下优先): the criterion and its evidence, never a rank."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recommendations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="recommendations")
    purpose = models.CharField("推荐事项", max_length=120)
    criterion = models.CharField("符合的条件", max_length=200)
    evidence = models.CharField("佐证", max_length=400)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="recommendations_made", db_index=False
    )
    made_on = models.DateField("推荐日期")

    objects = KeptQuerySet["Recommendation"].as_manager()

    class Meta:
        verbose_name = "优先推荐"


class Dossier(models.Model):
    """One frozen evidence file; its PDF is made again from the snapshot alone. Rows never change."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="dossiers")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="dossiers")
    snapshot = models.JSONField("内容")
    checksum = models.CharField("校验码", max_length=64)
    made_on = models.DateField("生成日期")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="dossiers_made", db_index=False
    )

    objects = OwnedQuerySet["Dossier"].as_manager()

    class Meta:
        verbose_name = "履职实绩档案"
