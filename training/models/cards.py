"""Scenario cards: what they say, version after version, and how far somebody is with one."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from errorbank.models import ErrorEntry
from errorbank.rules import ErrorCategory
from training.rules.cards import CardState, Step, read, steps_text

if TYPE_CHECKING:
    from accounts.models import User

PLAY_CARD, EDIT_CARD = "training.play_card", "training.edit_card"


class CardQuerySet(models.QuerySet["Card"]):
    def open_to(self, user: "User", *, on: date) -> Self:
        """What is published and ships with the portal, or belongs to an own organisation or its parent."""
        places = Organisation.objects.permitted_to(user, PLAY_CARD, on=on)
        own = Q(organisation__in=places) | Q(organisation__in=places.values("parent"))
        return self.filter(Q(organisation=None) | own, state=CardState.PUBLISHED)

    def edited_by(self, user: "User", *, on: date) -> Self:
        """What ships is nobody's to change: it comes and changes with the portal."""
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, EDIT_CARD, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        keys = self.open_to(user, on=on).values("pk"), self.edited_by(user, on=on).values("pk")
        return self.filter(Q(pk__in=keys[0]) | Q(pk__in=keys[1]))


class Card(models.Model):
    """`slug` and no organisation: it ships with the portal. Title and category are those last published."""

    slug = models.SlugField("代号", max_length=40, blank=True, db_index=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="cards", verbose_name="所属单位"
    )
    entry = models.ForeignKey(ErrorEntry, models.PROTECT, null=True, blank=True, related_name="cards")
    category = models.CharField("专题", max_length=30, choices=ErrorCategory)
    title = models.CharField("名称", max_length=60)
    state = models.CharField("状态", max_length=10, choices=CardState, default=CardState.DRAFT)
    published = models.OneToOneField(
        "training.CardVersion", models.PROTECT, null=True, blank=True, related_name="published_of"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = "情景卡"
        constraints = [
            models.UniqueConstraint(fields=["slug"], condition=~Q(slug=""), name="card_slug_once"),
            models.CheckConstraint(
                condition=Q(organisation=None) & ~Q(slug="") | Q(organisation__isnull=False, slug=""),
                name="card_ships_or_belongs",
            ),
            models.CheckConstraint(
                condition=~Q(state=CardState.PUBLISHED) | Q(published__isnull=False),
                name="card_published_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == CardState.PUBLISHED

    @property
    def is_retired(self) -> bool:
        return self.state == CardState.RETIRED


class CardVersion(models.Model):
    """One wording; never changed once published. steps: see training.rules.cards.kept."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField("版次")
    category = models.CharField("专题", max_length=30, choices=ErrorCategory)
    title = models.CharField("名称", max_length=60)
    steps = models.JSONField("步骤")
    debrief = models.TextField("复盘", max_length=600)
    # How often the draft was changed: who edits an older state of it is told.
    revision = models.PositiveIntegerField(default=0, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="card_versions"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    published_on = models.DateField("发布日期", null=True, blank=True)

    class Meta:
        verbose_name = "情景卡版本"
        constraints = [
            models.UniqueConstraint(fields=["card", "number"], name="card_version_once"),
            models.UniqueConstraint(fields=["card"], condition=Q(published_on=None), name="card_one_draft"),
        ]

    @property
    def read_steps(self) -> tuple[Step, ...]:
        return read(self.steps)

    @property
    def steps_text(self) -> str:
        return steps_text(self.read_steps)


class CardRun(models.Model):
    """How far one person is, and the day the card was passed first; nobody else reads it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="card_runs", db_index=False
    )
    card = models.ForeignKey(Card, models.CASCADE, related_name="runs")
    version = models.ForeignKey(CardVersion, models.CASCADE, related_name="runs")
    # The first choice of every step answered so far, as places.
    answers = models.JSONField(default=list, blank=True)
    passed_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "情景卡练习"
        constraints = [models.UniqueConstraint(fields=["user", "card"], name="card_run_once")]
