from incentives.models.contributions import ContributionEntry, Nomination, WeightPolicy
from incentives.models.notices import Objection, PublicNotice
from incentives.models.records import AnnualRecord, BonusSheet, BranchCondition

__all__ = [
    "AnnualRecord",
    "BonusSheet",
    "BranchCondition",
    "ContributionEntry",
    "Nomination",
    "Objection",
    "PublicNotice",
    "WeightPolicy",
]
