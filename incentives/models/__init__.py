from incentives.models.appeals import Appeal
from incentives.models.contributions import ContributionEntry, Nomination, WeightPolicy
from incentives.models.development import Dossier, Recommendation, ReservePlace
from incentives.models.honours import HonourCall, HonourCase, HonourNumber
from incentives.models.levels import (
    LevelCase,
    LevelFact,
    LevelPolicy,
    LevelTerm,
    LevelWarning,
    LevelYear,
    PanelVote,
)
from incentives.models.notices import Objection, PublicNotice
from incentives.models.records import AnnualRecord, BonusSheet, BranchCondition
from incentives.models.stories import HonourStory

__all__ = [
    "AnnualRecord",
    "Appeal",
    "BonusSheet",
    "BranchCondition",
    "ContributionEntry",
    "Dossier",
    "HonourCall",
    "HonourCase",
    "HonourNumber",
    "HonourStory",
    "LevelCase",
    "LevelFact",
    "LevelPolicy",
    "LevelTerm",
    "LevelWarning",
    "LevelYear",
    "Nomination",
    "Objection",
    "PanelVote",
    "PublicNotice",
    "Recommendation",
    "ReservePlace",
    "WeightPolicy",
]
