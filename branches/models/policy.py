"""Rules and thresholds as dated rows: what is demanded, on which basis, and since when."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models.organisation import Organisation
from branches.rules import PolicySeverity


class PolicyRuleQuerySet(models.QuerySet["PolicyRule"]):
    def at(self, on: date) -> Self:
        return self.filter(Q(effective_until=None) | Q(effective_until__gte=on), effective_from__lte=on)

    def statutory(self) -> Self:
        """The rows that came with the documents, before any organisation set its own."""
        return self.filter(organisation=None)


class PolicyRule(models.Model):
    """One version of one rule. A row without organisation holds for all; an organisation's own row
    replaces it for everything below, where the rule is configurable.

    `low` and `high` bound the metric as `operator` says; `basis` lists documents with article and
    whether the text was seen.
    """

    code = models.CharField("代码", max_length=48)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="policy_rules"
    )
    effective_from = models.DateField("自")
    effective_until = models.DateField("至", null=True, blank=True)
    name = models.CharField("名称", max_length=80)
    metric = models.CharField(max_length=40)
    operator = models.CharField(max_length=8)
    low = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    severity = models.CharField("要求程度", max_length=10, choices=PolicySeverity)
    configurable = models.BooleanField("可由本单位调整", default=False)
    enabled = models.BooleanField("启用", default=True)
    basis = models.JSONField("依据", default=list)
    caution = models.CharField("说明", max_length=300, blank=True)
    reason = models.CharField("调整原因", max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="set_policy_rules"
    )
    set_at = models.DateTimeField(auto_now_add=True)

    objects = PolicyRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "规则"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "effective_from"], condition=Q(organisation=None), name="policy_rule_once"
            ),
            models.UniqueConstraint(
                fields=["code", "organisation", "effective_from"],
                condition=Q(organisation__isnull=False),
                name="policy_rule_once_per_organisation",
            ),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=models.F("effective_from")),
                name="policy_rule_until_not_before_from",
            ),
        ]
