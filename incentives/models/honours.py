"""Calls for honours, the cases that answer them, and what is told of who was honoured."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from burden.models.measures import within_sight
from incentives.models.notices import REVIEW
from incentives.rules.honours import DROPPED_CASES, CaseState
from records.rules import VoteCount, vote_passed

if TYPE_CHECKING:
    from accounts.models import User

VIEW_HONOUR, NOMINATE_HONOUR = "incentives.view_honour", "incentives.nominate_honour"
RUN_HONOUR = "incentives.run_honour"


class HonourCallQuerySet(models.QuerySet["HonourCall"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.filter(within_sight(user, VIEW_HONOUR, on=on))

    def open(self, *, on: date) -> Self:
        return self.filter(opens_on__lte=on, closes_on__gte=on)


class HonourCall(models.Model):
    """One round of one honour: who wants to propose does so between its days."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="honour_calls", db_index=False
    )
    honour = models.CharField("荣誉", max_length=50)
    # As it was called when the call was made.
    name = models.CharField("名称", max_length=40)
    period = models.CharField("年度或批次", max_length=20)
    opens_on = models.DateField("开始提名")
    closes_on = models.DateField("截止提名")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="honour_calls_opened", db_index=False
    )

    objects = HonourCallQuerySet.as_manager()

    class Meta:
        verbose_name = "评选"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "honour", "period"], name="honour_call_once"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=models.F("opens_on")), name="honour_call_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}{self.name}"


class HonourCaseQuerySet(models.QuerySet["HonourCase"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Cases of calls of organisations on which the user has the permission."""
        places = Organisation.objects.permitted_to(user, permission, on=on)
        return self.filter(call__organisation__in=places)

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, what one proposed, one's branch's own case, and those of organisations one oversees."""
        overseen = Organisation.objects.permitted_to(user, REVIEW, on=on)
        mine = Organisation.objects.permitted_to(user, NOMINATE_HONOUR, on=on)
        own = Q(nominee=user.pk) | Q(proposed_by=user.pk) | Q(nominee=None, organisation__in=mine)
        return self.filter(own | Q(call__organisation__in=overseen))

    def awarded(self) -> Self:
        return self.filter(state=CaseState.AWARDED)


class HonourCase(models.Model):
    """One person or branch proposed in one call. `nominee` empty: the branch itself.

    evidence: {"subject", "honour", "since", "until", "criteria": [{words, origin, verdict, data}]}, frozen
    when eligibility was checked; checksum: SHA-256 of its one written form.
    """

    call = models.ForeignKey(HonourCall, models.PROTECT, related_name="cases", db_index=False)
    nominee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="honour_cases"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="honour_cases")
    reason = models.CharField("提名理由", max_length=400)
    state = models.CharField("状态", max_length=10, choices=CaseState, default=CaseState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="honours_proposed")
    proposed_on = models.DateField("提名日期")
    evidence = models.JSONField("证据", default=dict, blank=True)
    checksum = models.CharField("校验码", max_length=64, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="honours_checked",
        db_index=False,
    )
    voted_on = models.DateField("评议日期", null=True, blank=True)
    eligible = models.PositiveSmallIntegerField("应到", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到", null=True, blank=True)
    yes = models.PositiveSmallIntegerField("赞成", null=True, blank=True)
    no = models.PositiveSmallIntegerField("反对", null=True, blank=True)
    abstain = models.PositiveSmallIntegerField("弃权", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="honours_ended",
        db_index=False,
    )
    ended_for = models.CharField("原因", max_length=200, blank=True)
    # "2026-007", of the organisation that granted it.
    number = models.CharField("证书编号", max_length=12, blank=True)

    objects = HonourCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "荣誉提名"
        constraints = [
            models.UniqueConstraint(
                fields=["call", "nominee"],
                condition=Q(nominee__isnull=False) & ~Q(state__in=sorted(DROPPED_CASES)),
                name="honour_case_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["call", "organisation"],
                condition=Q(nominee=None) & ~Q(state__in=sorted(DROPPED_CASES)),
                name="honour_case_once_per_branch",
            ),
            models.CheckConstraint(
                condition=Q(voted_on=None, eligible=None, present=None, yes=None, no=None, abstain=None)
                | Q(
                    voted_on__isnull=False,
                    present__lte=models.F("eligible"),
                    present__gte=models.F("yes") + models.F("no") + models.F("abstain"),
                ),
                name="honour_vote_possible",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.AWARDED) | Q(ended_on__isnull=False) & ~Q(checksum=""),
                name="honour_award_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(nominee=None) | ~Q(nominee=models.F("proposed_by")),
                name="honour_not_proposed_by_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name}：{self.call}"

    @property
    def subject_name(self) -> str:
        return self.nominee.name if self.nominee else self.organisation.name

    @property
    def vote(self) -> VoteCount | None:
        counts = (self.eligible, self.present, self.yes, self.no, self.abstain)
        known = [n for n in counts if n is not None]
        return VoteCount(str(self), *known) if len(known) == len(counts) else None

    @property
    def passed(self) -> bool:
        return self.vote is not None and vote_passed(self.vote)


class HonourNumber(models.Model):
    """The last certificate number of an organisation and year; locked while one is drawn."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="honour_numbers", db_index=False
    )
    year = models.PositiveSmallIntegerField()
    last = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "证书编号"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="honour_number_once"),
        ]
