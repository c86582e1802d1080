"""Reports and deeds told of who was honoured; pure."""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices

from incentives.rules.honours import Verdict


class StoryKind(TextChoices):
    REPORT = "report", "专题报道"
    DEEDS = "deeds", "先进事迹"


class StoryState(TextChoices):
    DRAFT = "draft", "待本人同意"
    RELEASED = "released", "已发布"
    TAKEN_BACK = "taken_back", "本人已收回"


def first_draft(evidence: Mapping[str, Any]) -> str:
    """What the evidence file says, as a beginning; criteria that data do not meet or know say nothing."""
    met = [
        f"{one['words']}：{one['data']}。" for one in evidence["criteria"] if one["verdict"] == Verdict.MET
    ]
    return "\n\n".join([str(evidence["reason"]), *met])
