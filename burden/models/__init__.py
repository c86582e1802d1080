from burden.models.measures import Measure, MeasureEntry, MeasureList, MeasureValue
from burden.models.schemes import AssessmentScheme, DutyItem, DutyVersion, SchemeItem, SchemeVersion
from burden.models.surveys import SurveyBaseline, SurveyCode, SurveyRound

__all__ = [
    "AssessmentScheme",
    "DutyItem",
    "DutyVersion",
    "Measure",
    "MeasureEntry",
    "MeasureList",
    "MeasureValue",
    "SchemeItem",
    "SchemeVersion",
    "SurveyBaseline",
    "SurveyCode",
    "SurveyRound",
]
