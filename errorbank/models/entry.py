"""Entries of the bank: the identity, and its wordings one after the other."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Concat

from branches.models import Organisation
from branches.models.organisation import PATH_END
from errorbank.rules import ErrorCategory, Severity, Source, VersionState

if TYPE_CHECKING:
    from accounts.models import User


class ErrorEntryQuerySet(models.QuerySet["ErrorEntry"]):
    def reaching(self, user: "User", permission: str, *, on: date) -> Self:
        """Shipped entries, and those of the user's organisations or of organisations above them."""
        mine = Organisation.objects.permitted_to(user, permission, on=on)
        end = Concat(OuterRef("organisation__path"), models.Value(PATH_END))
        reached = Exists(mine.filter(path__gte=OuterRef("organisation__path"), path__lt=end))
        return self.filter(Q(organisation=None) & Exists(mine) | Q(reached))

    def decided_by(self, user: "User", *, on: date) -> Self:
        """Those of the user's own organisations; what ships is read by all, so whoever decides on it decides
        for all: the right at the one root of the tree, or at every root."""
        mine = Organisation.objects.permitted_to(user, "errorbank.publish_entry", on=on)
        roots = Organisation.objects.active(on=on).filter(parent=None)
        everywhere = Exists(mine) & ~Exists(roots.exclude(pk__in=mine.values("pk")))
        return self.filter(Q(organisation__in=mine) | Q(organisation=None) & everywhere)

    def in_use(self) -> Self:
        return self.filter(retired_at=None).exclude(published=None)


class ErrorEntry(models.Model):
    """What usually goes wrong with something. organisation is empty for what ships with the portal."""

    code = models.CharField("编号", max_length=20, unique=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="error_entries"
    )
    # The wording readers see; empty until one is published.
    published = models.OneToOneField(
        "EntryVersion", models.PROTECT, null=True, blank=True, related_name="published_of"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = ErrorEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "错题"

    def __str__(self) -> str:
        return self.code

    @property
    def decider(self) -> str:
        """Who reviews its wordings, in words."""
        return "党总支" if self.organisation_id else "党委"


class EntryVersion(models.Model):
    """One wording. A published one is never edited: a change is the next version.

    basis: list of {document, article, verified, note} as in errorbank/data/error_bank.yaml.
    action_codes: codes of catalogue actions, whose rows live on a higher floor.
    detection: name of the rule that finds it in stored data, or empty.
    """

    entry = models.ForeignKey(ErrorEntry, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=12, choices=VersionState, default=VersionState.DRAFT)
    category = models.CharField("类别", max_length=30, choices=ErrorCategory)
    source = models.CharField("来源", max_length=24, choices=Source)
    severity = models.CharField("程度", max_length=10, choices=Severity)
    problem = models.CharField("问题表现", max_length=200)
    why_wrong = models.CharField("错在哪里", max_length=300)
    wrong_example = models.TextField("错误示例", max_length=600, blank=True)
    right_example = models.TextField("正确示例", max_length=600, blank=True)
    # The shipped examples are written from problem and measure; a person who knows confirms them.
    examples_reviewed = models.BooleanField("示例已审核", default=False)
    measure = models.CharField("整改措施", max_length=400)
    recheck_method = models.CharField("复查办法", max_length=300)
    basis = models.JSONField("依据", default=list, blank=True)
    action_codes = models.JSONField("关联事项", default=list, blank=True)
    detection = models.CharField("自动发现", max_length=40, blank=True)
    # Every word of the above, normalised: what a search looks in.
    search_text = models.TextField(editable=False, default="")
    change_note = models.CharField("修改说明", max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="entry_versions"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entry_versions_reviewed",
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_note = models.CharField("审核意见", max_length=200, blank=True)

    class Meta:
        verbose_name = "错题版本"
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="entry_version_once"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state=VersionState.PUBLISHED), name="entry_one_published"
            ),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state__in=[VersionState.DRAFT, VersionState.PROPOSED, VersionState.RETURNED]),
                name="entry_one_in_work",
            ),
        ]

    @property
    def is_verified(self) -> bool:
        """Whether every stated basis was seen in its source."""
        return all(basis.get("verified") for basis in self.basis)


class EntryAction(models.Model):
    """The published wording's actions as rows, so that an item finds its entries by an index."""

    entry = models.ForeignKey(ErrorEntry, models.CASCADE, related_name="actions", db_index=False)
    action_code = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["action_code", "entry"], name="entry_action_once"),
        ]
