from burden.models.box import BoxLetter, BoxRecipient
from burden.models.box_desk import BoxAnswer, BoxFigure, BoxMark, BoxTally, FigureTable
from burden.models.measures import Measure, MeasureEntry, MeasureList, MeasureValue
from burden.models.schemes import AssessmentScheme, DutyItem, DutyVersion, SchemeItem, SchemeVersion
from burden.models.surveys import SurveyBaseline, SurveyCode, SurveyRound
from burden.models.visits import FrequencyDecision, PlannedVisit, VisitRating, VisitRevision

__all__ = [
    "AssessmentScheme",
    "BoxAnswer",
    "BoxFigure",
    "BoxLetter",
    "BoxMark",
    "BoxRecipient",
    "BoxTally",
    "DutyItem",
    "DutyVersion",
    "FigureTable",
    "FrequencyDecision",
    "Measure",
    "MeasureEntry",
    "MeasureList",
    "MeasureValue",
    "PlannedVisit",
    "SchemeItem",
    "SchemeVersion",
    "SurveyBaseline",
    "SurveyCode",
    "SurveyRound",
    "VisitRating",
    "VisitRevision",
]
