"""One's own practice: what to see again when. Nobody else ever sees it."""

from django.conf import settings
from django.db import models

from errorbank.models.entry import ErrorEntry


class PracticeCard(models.Model):
    """One entry in one person's practice; `memory` is the scheduler's own state."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_cards", db_index=False
    )
    entry = models.ForeignKey(ErrorEntry, models.CASCADE, related_name="practice_cards")
    memory = models.JSONField(default=dict)
    due_on = models.DateField()
    seen_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "自测卡片"
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="practice_card_once")]
        indexes = [models.Index(fields=["user", "due_on"], name="practice_card_due")]
