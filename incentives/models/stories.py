"""What is told of who was honoured: drafted by staff, public only while that person wants it."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from burden.models.measures import within_sight
from incentives.models.honours import RUN_HONOUR, VIEW_HONOUR, HonourCall, HonourCase
from incentives.rules.stories import StoryKind, StoryState

if TYPE_CHECKING:
    from accounts.models import User


class HonourStoryQuerySet(models.QuerySet["HonourStory"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        places = Organisation.objects.permitted_to(user, permission, on=on)
        return self.filter(case__call__organisation__in=places)

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Released ones within sight; others to the person and to those who draft."""
        calls = HonourCall.objects.filter(within_sight(user, VIEW_HONOUR, on=on))
        drafted = Organisation.objects.permitted_to(user, RUN_HONOUR, on=on)
        released = Q(state=StoryState.RELEASED, case__call__in=calls)
        return self.filter(released | Q(case__nominee=user.pk) | Q(case__call__organisation__in=drafted))


class HonourStory(models.Model):
    """One text of one awarded person; a changed text waits for the person again."""

    case = models.ForeignKey(HonourCase, models.PROTECT, related_name="stories", db_index=False)
    kind = models.CharField("类别", max_length=8, choices=StoryKind)
    title = models.CharField("标题", max_length=60)
    body = models.TextField("正文", max_length=4000)
    state = models.CharField("状态", max_length=10, choices=StoryState, default=StoryState.DRAFT)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="honour_stories", db_index=False
    )
    drafted_on = models.DateField("起草日期")
    released_on = models.DateField("发布日期", null=True, blank=True)

    objects = HonourStoryQuerySet.as_manager()

    class Meta:
        verbose_name = "宣传稿"
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="honour_story_once"),
            models.CheckConstraint(
                condition=Q(state=StoryState.RELEASED, released_on__isnull=False)
                | ~Q(state=StoryState.RELEASED) & Q(released_on=None),
                name="honour_story_released_has_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_released(self) -> bool:
        return self.state == StoryState.RELEASED
