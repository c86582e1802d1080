"""The lists behind the numbers of the board: the same conditions on the same rows."""

from datetime import date

from django.db.models import QuerySet, Sum

from branches.models import Organisation
from branches.rules import BRANCH_KINDS
from dashboards.queries.scope import Scope, UnknownScope
from dashboards.rules.asked_lists import FindingsAsked, ListAsked
from errorbank.models import Finding
from errorbank.queries.board import findings_behind
from errorbank.rules.figures import Span
from reminders.models.item import ReminderItemQuerySet
from reminders.queries.summaries import asked_by, items_behind

# Parts of the initiative index, which nobody else sees of one branch.
OWN_FIGURES = frozenset({"early"})


def place_of(scope: Scope, asked: ListAsked) -> Organisation | None:
    """The one organisation of the list.

    Raises UnknownScope for one that is not in the scope, or asked for what only its own people see of it.
    """
    if not asked.place:
        return scope.place if scope.is_branch else None
    place = scope.places.filter(code=asked.place).first()
    if place is None or (asked.figure in OWN_FIGURES and not scope.is_branch):
        raise UnknownScope(asked.place)
    return place


def minutes_of(scope: Scope, place: Organisation | None, items: ReminderItemQuerySet) -> int | None:
    """What the list takes; None for one organisation alone, whose load is for its own people."""
    if place is not None and not scope.is_branch:
        return None
    return items.aggregate(sum=Sum("minutes"))["sum"] or 0


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
