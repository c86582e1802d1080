"""What becomes of an appeal against an annual record or one of its entries; no ORM, no clock."""

from django.db.models import TextChoices


class AppealState(TextChoices):
    WAITING = "waiting", "待答复"
    CORRECTED = "corrected", "已更正"
    EXPLAINED = "explained", "已说明"


# Workdays within which an appeal is answered: this organisation's own proposal, no document asks for it.
ANSWER_WORKDAYS = 10
