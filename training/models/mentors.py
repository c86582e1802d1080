"""Who helps with what, pairs of mentor and pupil, and quiet requests for help.

Of a pair's talks only the day is kept. A request names its asker to the chosen helper alone: nothing that
others read (audit, notices, staff's pages) is made from its row.
"""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from training.rules.mentors import MOST_AT_ONCE, TOPIC_LABELS, TOPICS, topic_names

if TYPE_CHECKING:
    from accounts.models import User

VIEW_MENTOR, KEEP_MENTOR, ASK_HELP = "training.view_mentor", "training.keep_mentor", "training.ask_help"


class MentorTopic(models.Model):
    """One topic somebody offers to help with; `most`: pairs and open requests of it at once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentor_topics", db_index=False
    )
    topic = models.CharField("能帮什么", max_length=30, choices=TOPICS)
    most = models.PositiveSmallIntegerField(
        "同时最多帮几人", validators=[MinValueValidator(1), MaxValueValidator(MOST_AT_ONCE)]
    )

    class Meta:
        verbose_name = "帮手"
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="mentor_topic_once")]

    @property
    def topic_name(self) -> str:
        return TOPIC_LABELS[self.topic]


class PairQuerySet(models.QuerySet["Pair"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Pairs kept by the user's offices."""
        places = Organisation.objects.permitted_to(user, permission, on=on)
        return self.filter(organisation__in=places)

    def of(self, user: "User") -> Self:
        return self.filter(Q(mentor=user) | Q(pupil=user))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """One's own, and those one's offices keep."""
        places = Organisation.objects.permitted_to(user, KEEP_MENTOR, on=on)
        return self.filter(Q(mentor=user) | Q(pupil=user) | Q(organisation__in=places))

    def standing(self) -> Self:
        """Not ended yet, also when its last day is over and nobody has decided."""
        return self.filter(ended_on=None)

    def running(self, *, on: date) -> Self:
        return self.standing().filter(since__lte=on, until__gte=on)


class Pair(models.Model):
    """`organisation`: the office that keeps it; `goals`: topics; `until`: the last day unless prolonged."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="mentor_pairs", verbose_name="组织者"
    )
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mentored_pairs")
    pupil = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="pupil_pairs")
    goals = models.JSONField("帮带内容", default=list)
    since = models.DateField("开始日期")
    until = models.DateField("结束日期")
    ended_on = models.DateField("实际结束", null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="made_pairs")

    objects = PairQuerySet.as_manager()

    class Meta:
        verbose_name = "结对帮带"
        constraints = [
            models.CheckConstraint(condition=~Q(mentor=F("pupil")), name="pair_of_two"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="pair_until_not_before_since"),
            # Two clicks at once make one.
            models.UniqueConstraint(
                fields=["mentor", "pupil"], condition=Q(ended_on=None), name="pair_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"结对帮带 {self.pk}"

    @property
    def goal_names(self) -> str:
        return topic_names(self.goals)

    @property
    def has_ended(self) -> bool:
        return self.ended_on is not None


class PairTalk(models.Model):
    """The two talked that day; what about is nobody's business."""

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="talks", db_index=False)
    held_on = models.DateField("交流日期")

    class Meta:
        verbose_name = "交流"
        constraints = [models.UniqueConstraint(fields=["pair", "held_on"], name="pair_talk_once_a_day")]


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    def waiting(self) -> Self:
        return self.filter(closed_on=None)


class HelpRequest(models.Model):
    """Seen by the two alone; whoever of them closes it, closes it."""

    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="asked_helps", db_index=False
    )
    helper = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="help_requests")
    topic = models.CharField(max_length=30, choices=TOPICS)
    asked_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "求助"
        constraints = [
            models.CheckConstraint(condition=~Q(asker=F("helper")), name="help_of_two"),
            models.UniqueConstraint(
                fields=["asker", "helper", "topic"], condition=Q(closed_on=None), name="help_asked_once"
            ),
        ]

    @property
    def topic_name(self) -> str:
        return TOPIC_LABELS[self.topic]
