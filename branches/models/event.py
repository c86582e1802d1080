"""Dated facts of organisations, and the chain of one election."""

from django.conf import settings
from django.db import models

from branches.models.correctable import Correctable, CorrectableQuerySet
from branches.models.organisation import Organisation, Term
from branches.rules import ElectionStepKind, OrganisationEventKind


class OrganisationEventQuerySet(CorrectableQuerySet["OrganisationEvent"]):
    """Nothing beyond what stands."""


class OrganisationEvent(Correctable):
    """A dated fact of an organisation. A correction keeps the old row, marked with when, by whom and why.

    `before` and `after` hold what the event changed: the names of a renaming, the names of the superiors
    of a move, the unit that joined (`after`) or left (`before`), the ends of a term. A move names the
    superiors by row too, an election and an extension their term: a name may change, a row does not.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="events")
    kind = models.CharField("变动", max_length=16, choices=OrganisationEventKind)
    on = models.DateField("日期")
    before = models.CharField("变动前", max_length=120, blank=True)
    after = models.CharField("变动后", max_length=120, blank=True)
    document = models.CharField("依据文件", max_length=120, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    parent_before = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="events_of_leaving"
    )
    parent_after = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="events_of_arriving"
    )
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="events")

    objects = OrganisationEventQuerySet.as_manager()

    class Meta:
        verbose_name = "组织变动"
        indexes = [models.Index(fields=["organisation", "on"], name="organisation_event_day")]


class ElectionStep(models.Model):
    """One step of the election that ends this term: when it was done, with which document."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="election_steps")
    kind = models.CharField("环节", max_length=12, choices=ElectionStepKind)
    done_on = models.DateField("办理日期")
    document = models.CharField("文号或说明", max_length=120, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="entered_election_steps"
    )
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "换届环节"
        constraints = [models.UniqueConstraint(fields=["term", "kind"], name="election_step_once")]
