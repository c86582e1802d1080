"""Outputs: working methods, cases and research, their authors and versions, and who uses them."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from errorbank.rules import ErrorCategory
from training.rules.outputs import UNDECIDED, WRITABLE, OutputKind, OutputState

if TYPE_CHECKING:
    from accounts.models import User

VIEW_OUTPUT, SUBMIT_OUTPUT, REVIEW_OUTPUT = (
    "training.view_output",
    "training.submit_output",
    "training.review_output",
)


class OutputQuerySet(models.QuerySet["Output"]):
    def in_library(self, user: "User", *, on: date) -> Self:
        """What is published in the libraries of one's own organisations."""
        places = Organisation.objects.permitted_to(user, VIEW_OUTPUT, on=on)
        libraries = Q(library__in=places) | Q(library__in=places.values("parent"))
        return self.filter(libraries, published__isnull=False)

    def written_by(self, user: "User") -> Self:
        return self.filter(pk__in=OutputAuthor.objects.filter(user=user).values("version__output"))

    def to_review(self, user: "User", *, on: date) -> Self:
        """Everything handed in where this person reviews; an author reviews nothing of the own."""
        libraries = Organisation.objects.permitted_to(user, REVIEW_OUTPUT, on=on)
        waiting = OutputVersion.objects.filter(state=OutputState.REVIEW).values("output")
        own = OutputAuthor.objects.filter(user=user).values("version__output")
        return self.filter(library__in=libraries, pk__in=waiting).exclude(pk__in=own)

    def visible_to(self, user: "User", *, on: date) -> Self:
        """The library, one's own, and what waits for one's review."""
        keys = (
            self.in_library(user, on=on).values("pk"),
            self.written_by(user).values("pk"),
            self.to_review(user, on=on).values("pk"),
        )
        return self.filter(Q(pk__in=keys[0]) | Q(pk__in=keys[1]) | Q(pk__in=keys[2]))


class Output(models.Model):
    """`organisation`: whose work; `library`: the general branch that keeps it; `published`: its text."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="outputs", verbose_name="报送单位"
    )
    library = models.ForeignKey(Organisation, models.PROTECT, related_name="output_library")
    kind = models.CharField("类别", max_length=10, choices=OutputKind)
    topic = models.CharField("专题", max_length=30, choices=ErrorCategory)
    title = models.CharField("名称", max_length=60)
    published = models.OneToOneField(
        "training.OutputVersion", models.PROTECT, null=True, blank=True, related_name="published_of"
    )
    first_published_on = models.DateField("入库日期", null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="made_outputs")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = OutputQuerySet.as_manager()

    class Meta:
        verbose_name = "成果"
        constraints = [
            # Two clicks at once make one.
            models.UniqueConstraint(fields=["organisation", "title"], name="output_once"),
            models.CheckConstraint(
                condition=Q(published=None, first_published_on=None)
                | Q(published__isnull=False, first_published_on__isnull=False),
                name="output_published_whole",
            ),
        ]
        indexes = [models.Index(fields=["library", "first_published_on"], name="output_of_library")]

    def __str__(self) -> str:
        return self.title


class OutputVersion(models.Model):
    """One wording. `answer`: what the reviewer wrote to the authors."""

    output = models.ForeignKey(Output, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("版次")
    summary = models.CharField("一句话说明", max_length=160)
    body = models.TextField("正文", max_length=12000)
    state = models.CharField("状态", max_length=10, choices=OutputState, default=OutputState.DRAFT)
    answer = models.CharField("审核意见", max_length=300, blank=True)
    # How often it was changed: who edits an older state of it is told.
    revision = models.PositiveIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="output_versions")
    made_at = models.DateTimeField(auto_now_add=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reviewed_outputs"
    )
    reviewed_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "成果版本"
        constraints = [
            models.UniqueConstraint(fields=["output", "number"], name="output_version_once"),
            models.UniqueConstraint(
                fields=["output"], condition=Q(state__in=sorted(UNDECIDED)), name="output_one_undecided"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_on=None, reviewed_by=None)
                | Q(reviewed_on__isnull=False, reviewed_by__isnull=False),
                name="output_reviewed_whole",
            ),
        ]

    @property
    def is_writable(self) -> bool:
        return self.state in WRITABLE

    @property
    def waits_for_authors(self) -> bool:
        return self.state == OutputState.CREDIT

    @property
    def waits_for_review(self) -> bool:
        return self.state == OutputState.REVIEW


class OutputAuthor(models.Model):
    """Whose name stands under a version, once the person agreed to it."""

    version = models.ForeignKey(OutputVersion, models.CASCADE, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="output_credits")
    agreed_on = models.DateField("确认署名的日期", null=True, blank=True)

    class Meta:
        verbose_name = "成果作者"
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="output_author_once")]


class OutputUse(models.Model):
    """A branch that works by it, and what that changed there; without that it is not counted."""

    output = models.ForeignKey(Output, models.PROTECT, related_name="uses")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="output_uses")
    since = models.DateField("开始使用的日期")
    changed = models.CharField("用了以后有什么变化", max_length=300)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="said_output_uses")
    said_on = models.DateField()

    class Meta:
        verbose_name = "成果应用"
        constraints = [
            models.UniqueConstraint(fields=["output", "organisation"], name="output_use_once"),
            models.CheckConstraint(condition=~Q(changed=""), name="output_use_says_what"),
        ]


class OutputPick(models.Model):
    """The output of a month, chosen by the editors with a reason."""

    library = models.ForeignKey(Organisation, models.PROTECT, related_name="output_picks")
    month = models.DateField()
    output = models.ForeignKey(Output, models.PROTECT, related_name="picks")
    reason = models.CharField("推荐理由", max_length=200)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="output_picks")

    class Meta:
        verbose_name = "本月推荐"
        constraints = [
            models.UniqueConstraint(fields=["library", "month"], name="output_pick_once_a_month"),
            models.CheckConstraint(condition=~Q(reason="") & Q(month__day=1), name="output_pick_whole"),
        ]
