"""The lists behind the numbers of the board: the same conditions on the same rows."""

from datetime import date

from django.db.models import QuerySet

from branches.models import Organisation
from branches.rules import BRANCH_KINDS
from dashboards.queries.scope import Scope, UnknownScope
from dashboards.rules.asked_lists import FindingsAsked, ListAsked
from errorbank.models import Finding
from errorbank.queries.board import findings_behind
from errorbank.rules.figures import Span
from reminders.models.item import ReminderItemQuerySet
from reminders.queries.summaries import asked_by, items_behind


def place_of(scope: Scope, asked: ListAsked) -> Organisation | None:
    """The one organisation of the list; raises UnknownScope for one that is not in the scope."""
    if not asked.place:
        return scope.place if scope.is_branch else None
    place = scope.places.filter(code=asked.place).first()
    if place is None:
        raise UnknownScope(asked.place)
    return place


def items_of(scope: Scope, asked: ListAsked, place: Organisation | None, *, on: date) -> ReminderItemQuerySet:
    """In tree order, then by the day they are due."""
    places = scope.places
    if place is not None:
        places = places.filter(pk=place.pk)
    if asked.branches:
        places = places.filter(kind__in=sorted(BRANCH_KINDS))
    items = items_behind(places, figure=asked.figure, month=None, on=on)
    if asked.month and asked.first:
        items = items.filter(due_on__range=(asked.first.first, asked.month.last))
    if asked.action is not None:
        items = items.filter(action=asked.action)
    if asked.asker:
        items = items.filter(asked_by(asked.asker))
    return items.for_list().order_by("organisation__level", "organisation__code", "due_on", "pk")


def findings_of(scope: Scope, asked: FindingsAsked, *, on: date) -> QuerySet[Finding]:
    """The latest first."""
    found = findings_behind(scope.places, Span.of(asked.month, on=on), repeated=asked.figure == "repeated")
    if asked.category:
        found = found.filter(category=asked.category)
    if asked.entry is not None:
        found = found.filter(entry=asked.entry)
    return found.select_related("organisation").order_by("-happened_on", "-pk")
