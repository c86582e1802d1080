"""Whom a person may name, and the nominations a person sees."""

from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation
from incentives.models import Nomination
from incentives.models.contributions import NOMINATE
from incentives.queries.records import Worker, workers_of


def nominees_for(user: User, *, on: date) -> list[Worker]:
    """Workers of the organisations on which the user may name somebody; two statements."""
    return workers_of(Organisation.objects.permitted_to(user, NOMINATE, on=on), on.year, on=on)


def nominations_for(user: User, *, on: date) -> QuerySet[Nomination]:
    """Waiting ones first, then the latest."""
    found = Nomination.objects.visible_to(user, on=on)
    related = ("organisation", "nominee", "made_by", "decided_by")
    return found.select_related(*related).order_by("-state", "-happened_on", "-pk")
