"""Contests: what is asked for, the works, who judges them and what they gave.

Judges see a work by its `key` alone: no row number, author, branch or day of a work leaves for them.
"""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import get_random_string

from branches.models import Organisation
from training.rules.contests import MOST_POINTS, WHOLE, ContestKind, ContestPhase, WorkState

if TYPE_CHECKING:
    from accounts.models import User

VIEW_CONTEST, SUBMIT_WORK, JUDGE_WORK, RUN_CONTEST = (
    "training.view_contest",
    "training.submit_work",
    "training.judge_work",
    "training.run_contest",
)
KEY_LENGTH, KEY_LETTERS = 12, "abcdefghjkmnpqrstuvwxyz23456789"


def new_work_key() -> str:
    """Nothing of the work, its branch or the day can be read from it."""
    return get_random_string(KEY_LENGTH, KEY_LETTERS)


class ContestQuerySet(models.QuerySet["Contest"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Those one runs, and what is open to one's branch; a draft is its organiser's matter."""
        runs = Organisation.objects.permitted_to(user, RUN_CONTEST, on=on)
        places = Organisation.objects.permitted_to(user, VIEW_CONTEST, on=on)
        told = Q(organisation__in=places) | Q(organisation__in=places.values("parent"))
        judges = Q(pk__in=Judge.objects.filter(user=user).values("contest"))
        return self.filter(Q(organisation__in=runs) | (told | judges) & ~Q(phase=ContestPhase.DRAFT))

    def judged_by(self, user: "User") -> Self:
        return self.filter(
            phase=ContestPhase.JUDGING, pk__in=Judge.objects.filter(user=user).values("contest")
        )


class Contest(models.Model):
    """`call_until`: the last day to hand in; `judge_until`: by when judges are asked; `awards`: places."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="contests", verbose_name="组织者"
    )
    kind = models.CharField("类别", max_length=10, choices=ContestKind)
    title = models.CharField("名称", max_length=60)
    brief = models.TextField("要求", max_length=3000)
    phase = models.CharField("进度", max_length=10, choices=ContestPhase, default=ContestPhase.DRAFT)
    call_until = models.DateField("征集截止")
    judge_until = models.DateField("评审截止")
    awards = models.PositiveSmallIntegerField("获奖名额", validators=[MinValueValidator(1)])
    published_on = models.DateField("公布日期", null=True, blank=True)
    cancelled_for = models.CharField("取消原因", max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="made_contests")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ContestQuerySet.as_manager()

    class Meta:
        verbose_name = "评优竞赛"
        constraints = [
            # Two clicks at once make one.
            models.UniqueConstraint(fields=["organisation", "title"], name="contest_once"),
            models.CheckConstraint(
                condition=Q(judge_until__gte=F("call_until")), name="contest_days_in_order"
            ),
            models.CheckConstraint(condition=Q(awards__gte=1), name="contest_awards_something"),
            models.CheckConstraint(
                condition=Q(phase=ContestPhase.PUBLISHED, published_on__isnull=False)
                | ~Q(phase=ContestPhase.PUBLISHED) & Q(published_on=None),
                name="contest_published_whole",
            ),
            models.CheckConstraint(
                condition=Q(phase=ContestPhase.CANCELLED) & ~Q(cancelled_for="")
                | ~Q(phase=ContestPhase.CANCELLED) & Q(cancelled_for=""),
                name="contest_cancelled_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stage(self) -> ContestPhase:
        return ContestPhase(self.phase)

    @property
    def is_draft(self) -> bool:
        return self.phase == ContestPhase.DRAFT

    @property
    def is_calling(self) -> bool:
        return self.phase == ContestPhase.CALL

    @property
    def is_screening(self) -> bool:
        return self.phase == ContestPhase.SCREENING

    @property
    def is_judging(self) -> bool:
        return self.phase == ContestPhase.JUDGING

    @property
    def has_result(self) -> bool:
        return self.phase == ContestPhase.RESULT

    @property
    def is_published(self) -> bool:
        return self.phase == ContestPhase.PUBLISHED

    @property
    def is_cancelled(self) -> bool:
        return self.phase == ContestPhase.CANCELLED

    @property
    def is_open(self) -> bool:
        return not (self.is_published or self.is_cancelled)


class Criterion(models.Model):
    contest = models.ForeignKey(Contest, models.CASCADE, related_name="criteria", db_index=False)
    name = models.CharField("评分项", max_length=30)
    weight = models.PositiveSmallIntegerField("权重")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = "评分项"
        constraints = [
            models.UniqueConstraint(fields=["contest", "name"], name="criterion_once"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=WHOLE), name="criterion_weighs"),
        ]


class WorkQuerySet(models.QuerySet["Work"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Works of the contests of one's organisations: for who runs them."""
        return self.filter(contest__in=Contest.objects.permitted_to(user, permission, on=on))

    def written_by(self, user: "User") -> Self:
        return self.filter(
            Q(pk__in=WorkAuthor.objects.filter(user=user).values("work")) | Q(submitted_by=user)
        )

    def accepted(self) -> Self:
        return self.filter(state=WorkState.ACCEPTED)

    def awarded(self) -> Self:
        published = Q(contest__phase=ContestPhase.PUBLISHED, state=WorkState.ACCEPTED)
        return self.filter(published, place__lte=F("contest__awards"))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, those of a contest one runs, and what was awarded. Judges have a door of their own."""
        keys = (
            self.written_by(user).values("pk"),
            self.permitted_to(user, RUN_CONTEST, on=on).values("pk"),
            self.awarded().filter(contest__in=Contest.objects.visible_to(user, on=on)).values("pk"),
        )
        return self.filter(Q(pk__in=keys[0]) | Q(pk__in=keys[1]) | Q(pk__in=keys[2]))


class Work(models.Model):
    """`place`, `score`: frozen when the result is published. `applause`: counted by hand, no part of it."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True, default=new_work_key, editable=False)
    contest = models.ForeignKey(Contest, models.PROTECT, related_name="works", db_index=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="works", verbose_name="报送支部"
    )
    title = models.CharField("作品名称", max_length=60)
    body = models.TextField("正文", max_length=12000)
    state = models.CharField("状态", max_length=10, choices=WorkState, default=WorkState.SUBMITTED)
    screen_note = models.CharField("初审意见", max_length=300, blank=True)
    screened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="screened_works"
    )
    # How often it was handed in: who looks at an older wording is told, and nobody is told the same twice.
    revision = models.PositiveSmallIntegerField(default=0, editable=False)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="submitted_works")
    submitted_on = models.DateField("报送日期")
    place = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    applause = models.PositiveIntegerField("掌声", null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = "参赛作品"
        constraints = [
            models.UniqueConstraint(
                fields=["contest", "organisation", "title"],
                condition=~Q(state=WorkState.WITHDRAWN),
                name="work_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[WorkState.ACCEPTED, WorkState.RETURNED])
                | Q(screened_by__isnull=False),
                name="work_screened_whole",
            ),
            models.CheckConstraint(
                condition=Q(place=None, score=None) | Q(place__gte=1, score__isnull=False),
                name="work_placed_whole",
            ),
        ]
        indexes = [models.Index(fields=["contest", "state"], name="work_of_contest")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_accepted(self) -> bool:
        return self.state == WorkState.ACCEPTED

    @property
    def is_returned(self) -> bool:
        return self.state == WorkState.RETURNED

    @property
    def waits_for_screening(self) -> bool:
        return self.state == WorkState.SUBMITTED

    @property
    def is_withdrawn(self) -> bool:
        return self.state == WorkState.WITHDRAWN

    @property
    def is_awarded(self) -> bool:
        """With its contest at hand."""
        return self.contest.is_published and self.place is not None and self.place <= self.contest.awards


class WorkAuthor(models.Model):
    work = models.ForeignKey(Work, models.CASCADE, related_name="authors", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="authored_works")

    class Meta:
        verbose_name = "作者"
        constraints = [models.UniqueConstraint(fields=["work", "user"], name="work_author_once")]


class Judge(models.Model):
    contest = models.ForeignKey(Contest, models.CASCADE, related_name="judges", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="judged_contests")

    class Meta:
        verbose_name = "评委"
        constraints = [models.UniqueConstraint(fields=["contest", "user"], name="judge_once")]


class Judgement(models.Model):
    """What one judge gave one work, with a word to its authors; final once given."""

    work = models.ForeignKey(Work, models.CASCADE, related_name="judgements", db_index=False)
    judge = models.ForeignKey(Judge, models.CASCADE, related_name="judgements")
    comment = models.CharField("给作者的话", max_length=300)
    given_on = models.DateField()

    class Meta:
        verbose_name = "评审"
        constraints = [
            models.UniqueConstraint(fields=["work", "judge"], name="judgement_once"),
            models.CheckConstraint(condition=~Q(comment=""), name="judgement_says_something"),
        ]


class Point(models.Model):
    judgement = models.ForeignKey(Judgement, models.CASCADE, related_name="points", db_index=False)
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="points")
    points = models.DecimalField(
        "分数",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_POINTS)],
    )

    class Meta:
        verbose_name = "分数"
        constraints = [
            models.UniqueConstraint(fields=["judgement", "criterion"], name="point_once"),
            models.CheckConstraint(
                condition=Q(points__gte=0, points__lte=MOST_POINTS), name="point_in_range"
            ),
        ]
