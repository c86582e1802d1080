"""Finding one's own messages by words."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.queries.search import Cut, Found, Hit, HitKind, holding, written
from branches.rules.search import Word
from notices.models import Line, Message
from periods.labels import day_label

MESSAGES = HitKind("messages", "我的消息", "bell")


def find_in_messages(user: User, words: Sequence[Word], on: date, cut: Cut) -> list[Found]:
    """The newest first; one statement."""
    if not cut.wants(MESSAGES):
        return []
    rows = Message.objects.of(user).filter(holding(words, _own)).order_by("-made_at", "-pk")
    return [cut.found(MESSAGES, (_hit(message, on) for message in cut.of(rows)))]


def _own(word: Word) -> Q:
    lines = Line.objects.filter(written("text")(word), message=OuterRef("pk"))
    return written("title", "intro")(word) | Q(Exists(lines))


def _hit(message: Message, on: date) -> Hit:
    made = day_label(timezone.localdate(message.made_at), on)
    return Hit(
        title=message.title,
        url=reverse("notices:message_detail", args=[message.pk]),
        note=message.intro,
        fact=made if message.read_at else f"{made} · 未读",
        tone="" if message.read_at else "soon",
    )
