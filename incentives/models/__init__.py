from incentives.models.contributions import ContributionEntry, Nomination, WeightPolicy
from incentives.models.honours import HonourCall, HonourCase, HonourNumber
from incentives.models.notices import Objection, PublicNotice
from incentives.models.records import AnnualRecord, BonusSheet, BranchCondition
from incentives.models.stories import HonourStory

__all__ = [
    "AnnualRecord",
    "BonusSheet",
    "BranchCondition",
    "ContributionEntry",
    "HonourCall",
    "HonourCase",
    "HonourNumber",
    "HonourStory",
    "Nomination",
    "Objection",
    "PublicNotice",
    "WeightPolicy",
]
