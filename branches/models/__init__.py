from branches.models.calendar import BusySeason, CalendarDay
from branches.models.member import Member, MemberEvent, Membership
from branches.models.organisation import CoveredUnit, Organisation, PartyGroup, Term
from branches.models.post import AccessGrant, Post

__all__ = [
    "AccessGrant",
    "BusySeason",
    "CalendarDay",
    "CoveredUnit",
    "Member",
    "MemberEvent",
    "Membership",
    "Organisation",
    "PartyGroup",
    "Post",
    "Term",
]
