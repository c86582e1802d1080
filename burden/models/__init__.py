from burden.models.measures import Measure, MeasureEntry, MeasureList, MeasureValue
from burden.models.schemes import AssessmentScheme, DutyItem, DutyVersion, SchemeItem, SchemeVersion

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
]
