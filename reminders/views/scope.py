"""Which organisation's catalogue a page shows."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404

from branches.access import SignedInRequest, may
from branches.models import Organisation
from reminders.queries.catalogue import places


@dataclass(frozen=True)
class Scope:
    """The chosen organisation, what else could be chosen, and whether this person may change it."""

    place: Organisation
    places: list[Organisation]
    editable: bool

    @property
    def query(self) -> str:
        """What a link must carry so that the next page stays with the same organisation."""
        return f"?organisation={self.place.code}" if len(self.places) > 1 else ""


def chosen_scope(request: SignedInRequest, permission: str, *, on: date) -> Scope:
    """The organisation named in the address, else the first. Raises Http404 for a foreign one."""
    mine = places(request.user, permission, on=on)
    code = request.GET.get("organisation", "")
    place = next((place for place in mine if code in ("", place.code)), None)
    if place is None:
        raise Http404
    return Scope(place, mine, may(request.user, "reminders.edit_catalogue", on=on))
