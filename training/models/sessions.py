"""Sessions: who is taught what by whom and when; the hours themselves stand in the branches' records."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from errorbank.rules import ErrorCategory
from records.models import Record
from training.rules.sessions import Audience, SessionKind, SessionState

if TYPE_CHECKING:
    from accounts.models import User

VIEW_SESSION, RUN_SESSION = "training.view_session", "training.run_session"


class SessionQuerySet(models.QuerySet["Session"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Sessions held by organisations on which the user has the permission."""
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """What one's own organisations hold or are invited to, and what one leads."""
        places = Organisation.objects.permitted_to(user, VIEW_SESSION, on=on)
        invited = SessionBranch.objects.filter(organisation__in=places).values("session")
        return self.filter(Q(organisation__in=places) | Q(pk__in=invited) | Q(leader=user))

    def planned(self) -> Self:
        return self.filter(state=SessionState.PLANNED)

    def held(self) -> Self:
        return self.filter(state=SessionState.HELD)


class Session(models.Model):
    """One training. `leader`: the account of who leads it, if any; `leader_name` is what everybody reads.

    `categories`: values of ErrorCategory, what it trains. `hours`: class hours of everybody present.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="sessions", verbose_name="组织者"
    )
    kind = models.CharField("形式", max_length=8, choices=SessionKind)
    title = models.CharField("主题", max_length=60)
    held_on = models.DateField("日期")
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("时长（分钟）", validators=[MinValueValidator(1)])
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1)
    place = models.CharField("地点", max_length=80)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="led_sessions"
    )
    leader_name = models.CharField("主讲人（带队人）", max_length=40)
    audience = models.CharField("参加人员", max_length=10, choices=Audience, default=Audience.WORKERS)
    categories = models.JSONField("训练内容", default=list, blank=True)
    outline = models.TextField("要点和准备", max_length=1000, blank=True)
    state = models.CharField("状态", max_length=10, choices=SessionState, default=SessionState.PLANNED)
    reason = models.CharField("原因", max_length=200, blank=True)
    # How often it was changed: who edits an older state of it is told.
    revision = models.PositiveIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="made_sessions")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "培训"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=SessionState.CANCELLED) | ~Q(reason=""),
                name="session_cancelled_has_reason",
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="session_has_hours"),
            # Two clicks at once make one.
            models.UniqueConstraint(
                fields=["organisation", "held_on", "title"],
                condition=~Q(state=SessionState.CANCELLED),
                name="session_once_a_day",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "held_on"], name="session_of_year")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_planned(self) -> bool:
        return self.state == SessionState.PLANNED

    @property
    def is_held(self) -> bool:
        return self.state == SessionState.HELD

    @property
    def category_names(self) -> list[str]:
        return [str(ErrorCategory(key).label) for key in self.categories if key in ErrorCategory.values]


class SessionBranch(models.Model):
    """One invited branch; `record` is its part of the session, with who of it was there."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="branches")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="session_invitations")
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, blank=True, related_name="session_branch"
    )

    class Meta:
        verbose_name = "受邀支部"
        constraints = [
            models.UniqueConstraint(fields=["session", "organisation"], name="session_branch_once")
        ]
