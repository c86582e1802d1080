from branches.models.calendar import BusySeason, CalendarDay
from branches.models.development import DevelopmentCase, DevelopmentStep
from branches.models.event import ElectionStep, OrganisationEvent
from branches.models.joint import JointPlan, JointPlanGroup, JointPlanStep
from branches.models.member import Member, MemberEvent, Membership
from branches.models.organisation import CoveredUnit, GroupSeat, Organisation, PartyGroup, Term
from branches.models.policy import PolicyRule
from branches.models.post import AccessGrant, Post
from branches.models.roster import RosterImport

__all__ = [
    "AccessGrant",
    "BusySeason",
    "CalendarDay",
    "CoveredUnit",
    "DevelopmentCase",
    "DevelopmentStep",
    "ElectionStep",
    "GroupSeat",
    "JointPlan",
    "JointPlanGroup",
    "JointPlanStep",
    "Member",
    "MemberEvent",
    "Membership",
    "Organisation",
    "OrganisationEvent",
    "PartyGroup",
    "PolicyRule",
    "Post",
    "RosterImport",
    "Term",
]
