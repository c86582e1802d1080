"""Appeals a person sees, and who answers them."""

from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from incentives.models import AnnualRecord, Appeal, ContributionEntry
from incentives.models.appeals import ANSWER_APPEAL
from incentives.models.contributions import EDIT_RECORD
from incentives.queries.holders import holders_above


def appeals_for(user: User, *, on: date) -> QuerySet[Appeal]:
    """Waiting ones first, those due soonest on top, then the latest."""
    related = ("organisation", "user", "entry", "answered_by")
    found = Appeal.objects.visible_to(user, on=on).select_related(*related)
    return found.order_by("-state", "due_on", "-pk")


def answerers_of(place: Organisation, *, on: date) -> QuerySet[User]:
    """Who may answer for this organisation."""
    return holders_above(place, ANSWER_APPEAL, on=on)


def may_cancel(user: User, entry: ContributionEntry, *, on: date) -> bool:
    """Who answers from above explains; entries are taken back by who keeps them."""
    return (
        Organisation.objects.permitted_to(user, EDIT_RECORD, on=on).filter(pk=entry.organisation_id).exists()
    )


def grader_of(row: Appeal) -> int | None:
    """Who wrote the contested entry down, or issued the sheet in which the contested year stands."""
    if row.entry is not None:
        return row.entry.made_by_id
    issued = AnnualRecord.objects.filter(user=row.user_id, sheet__year=row.year).order_by("-sheet__version")
    return issued.values_list("sheet__issued_by", flat=True).first()


def others_than(user: User, row: Appeal, *, on: date) -> QuerySet[User]:
    """Who else might answer it."""
    return answerers_of(row.organisation, on=on).exclude(pk__in=[user.pk, row.user_id])
