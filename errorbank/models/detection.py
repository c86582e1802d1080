"""What stored data points at; a person confirms it or says why it is no problem."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from errorbank.models.entry import ErrorEntry
from errorbank.models.finding import Finding
from errorbank.rules import ProposalState

if TYPE_CHECKING:
    from accounts.models import User


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def open(self) -> Self:
        return self.filter(state=ProposalState.OPEN)


class Proposal(models.Model):
    """Unique by (rule, organisation, subject): a nightly run that sees the same again changes nothing."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="proposals", db_index=False)
    rule = models.CharField(max_length=40)
    entry = models.ForeignKey(ErrorEntry, models.PROTECT, related_name="proposals")
    # "record:8", "2026Q3", "member:12:2026": what exactly, so that next year's is another one.
    subject = models.CharField(max_length=60, default="", blank=True)
    words = models.CharField("依据的数据", max_length=300)
    happened_on = models.DateField()
    noticed_on = models.DateField()
    state = models.CharField(max_length=12, choices=ProposalState, default=ProposalState.OPEN)
    reason = models.CharField("说明", max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="proposals_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    finding = models.OneToOneField(Finding, models.PROTECT, null=True, blank=True, related_name="proposal")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "系统提示的问题"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "rule", "subject"], name="proposal_once"),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.DISMISSED) | ~Q(reason=""),
                name="proposal_dismissed_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.CONFIRMED) | Q(finding__isnull=False),
                name="proposal_confirmed_has_finding",
            ),
        ]
