"""Dated posts and grants: the only source of rights."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models.member import Member
from branches.models.organisation import Organisation
from branches.rules import EXCLUSIVE_ROLES, SINGLE_ROLES, GrantKind, Role

if TYPE_CHECKING:
    from accounts.models import User


class PostQuerySet(models.QuerySet["Post"]):
    def at(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)

    def not_ended(self, on: date) -> Self:
        """Held on that day or later."""
        return self.filter(Q(until=None) | Q(until__gte=on))

    def held_by(self, user: "User") -> Self:
        """Posts that count for this account: of the exclusive ones, those its one duty names."""
        other = sorted(EXCLUSIVE_ROLES - {user.exclusive_duty})
        return self.filter(Q(user=user.pk) | Q(member__user=user.pk)).exclude(role__in=other)


class Post(models.Model):
    """Who holds which post in which organisation, from the first to the last day (both inclusive)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts")
    role = models.CharField("职务", max_length=30, choices=Role)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="党员"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name="账号",
    )
    since = models.DateField("任职日期")
    until = models.DateField("离任日期", null=True, blank=True, help_text="最后一天；仍在任不填。")
    # Set once the end of this post has been followed up on the holder's sessions.
    sessions_ended = models.BooleanField(default=False, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, user__isnull=False) | Q(member__isnull=False, user=None),
                name="post_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="post_until_not_before_since"
            ),
            models.UniqueConstraint(
                fields=["organisation", "role"],
                condition=Q(until=None, role__in=sorted(SINGLE_ROLES)),
                name="post_single_role_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "role", "member"],
                condition=Q(until=None),
                name="post_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["organisation", "role", "user"], condition=Q(until=None), name="post_once_per_user"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role", "since"], name="post_of_organisation")]

    @property
    def holder_name(self) -> str:
        holder = self.member or self.user
        return holder.name if holder else ""


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def at(self, on: date) -> Self:
        return self.filter(since__lte=on, until__gte=on)

    def held_by(self, user: "User") -> Self:
        return self.filter(user=user.pk)


class AccessGrant(models.Model):
    """A right for a time, beside posts: it always has a last day and a reason."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants", verbose_name="账号"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="grants")
    kind = models.CharField("类别", max_length=20, choices=GrantKind)
    since = models.DateField("自")
    until = models.DateField("至")
    reason = models.CharField("事由", max_length=120)
    # Empty for what the portal itself gives, such as a leaver's way back to the own handover.
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="given_grants",
        verbose_name="授权人",
    )

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "临时授权"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=models.F("since")), name="grant_until_not_before_since"
            )
        ]

    @property
    def ends_by_itself(self) -> bool:
        """Given by the portal with something else, and ended with that alone."""
        return self.kind == GrantKind.HANDOVER
