"""Putting a tour away."""

from datetime import datetime

from accounts.models import User
from guide.models import TourSeen
from guide.rules import Tour


def put_away(tour: Tour, *, user: User, now: datetime) -> TourSeen:
    """Not shown again by itself; a second time changes nothing.

    Not in the audit log: what somebody reads is nobody's business.
    """
    seen, _ = TourSeen.objects.get_or_create(user=user, tour=tour.code, defaults={"at": now})
    return seen
