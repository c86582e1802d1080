"""How satisfied members are with Party affairs work: the whole's figure, for all alike."""

from collections.abc import Mapping
from datetime import date

from branches.models import Organisation
from burden.queries.surveys import member_satisfaction
from incentives.rules.coefficients import Measured
from incentives.sources import Held, measure


@measure("satisfaction")
def satisfaction(people: Mapping[int, Organisation], year: int, until: date) -> Held:
    """One statement; where no round of the year may be told, nobody has data."""
    known = member_satisfaction(year, until)
    found = {user: known.get(_whole(place)) for user, place in people.items()}
    return {user: Measured(one.value, one.evidence, one.url) for user, one in found.items() if one}


def _whole(place: Organisation) -> str:
    return place.path.partition("/")[0] + "/"
