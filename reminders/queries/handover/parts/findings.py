"""From the error bank: problems not settled yet, and the rechecks this person has to make."""

from collections.abc import Iterator

from django.urls import reverse

from errorbank.models import Finding, Recheck
from reminders.handover_rules import Part
from reminders.queries.errors import FINDING, RECHECK
from reminders.queries.handover.parts.lines import Bundle, PackLine, joined

# Items of these subjects are told of here, with what the error bank knows of them.
SUBJECTS = (f"{FINDING}:", f"{RECHECK}:")


def finding_lines(bundle: Bundle) -> Iterator[PackLine]:
    """Two statements."""
    found = Finding.objects.unsettled().filter(organisation=bundle.place)
    for finding in found.order_by("deadline_on", "pk"):
        yield PackLine(
            Part.FINDINGS,
            f"{FINDING}:{finding.pk}",
            finding.problem,
            joined([finding.get_state_display(), finding.measure]),
            finding.accepted_until or finding.deadline_on,
            reverse("errorbank:finding_detail", args=[finding.pk]),
        )
    for recheck in _rechecks(bundle):
        finding = recheck.finding
        yield PackLine(
            Part.FINDINGS,
            f"{RECHECK}:{recheck.pk}",
            f"复查：{finding.organisation.name}，{finding.problem}",
            f"第 {recheck.stage} 次复查",
            recheck.due_on,
            reverse("errorbank:recheck_detail", args=[recheck.pk]),
        )


def _rechecks(bundle: Bundle) -> list[Recheck]:
    member = bundle.post.member
    holder = bundle.post.user_id or (member.user_id if member else None)
    if holder is None:
        return []
    waiting = Recheck.objects.waiting().filter(verifier=holder).select_related("finding__organisation")
    return list(waiting.order_by("due_on", "pk"))
