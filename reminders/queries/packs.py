"""Reading study packs."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from reminders.models import Action, ActionVersion, StudyPack


def packs_for_list(user: User, *, on: date) -> QuerySet[StudyPack]:
    """Packs in use that this person may open, with the number of materials and of actions."""
    return (
        StudyPack.objects.visible_to(user, on=on)
        .in_use()
        .select_related("organisation")
        .annotate(
            material_count=Count("materials", distinct=True), action_count=Count("actions", distinct=True)
        )
        .order_by("title", "pk")
    )


def linked_actions(pack: StudyPack, user: User, *, on: date) -> list[tuple[str, str]]:
    """Code and name of what the pack helps with, as far as it reaches this reader, under the last names."""
    task = Q(action__special_task__pack=pack, action__special_task__withdrawn_at=None)
    versions = ActionVersion.objects.filter(
        Q(action__study_packs=pack) | task,
        action__in=Action.objects.reaching(user, "reminders.view_pack", on=on),
    ).select_related("action")
    found = {version.action.code: version.name for version in versions.order_by("valid_from", "pk")}
    return sorted(found.items(), key=lambda pair: pair[1])
