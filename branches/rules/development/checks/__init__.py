"""All 25 constraints held against one person's facts."""

from collections.abc import Callable
from datetime import date

from branches.rules.development.checks import admission, early, probation
from branches.rules.development.checks.asking import Asking, in_the_files
from branches.rules.development.facts import CaseFacts, Check
from periods.calendars import WorkCalendar

# Constraint code → (the step it belongs to, the check), in the order of the way.
CHECKS: dict[str, tuple[int, Callable[[Asking], Check]]] = {
    "age_18": (1, early.age_18),
    "talk_1m": (2, early.talk_1m),
    "mentor_full": (5, early.mentor_full),
    "review_half_year": (6, early.review_half_year),
    "activist_1y": (7, early.activist_1y),
    "notice_5wd": (8, early.notice_5wd),
    "consent_before_target": (8, early.consent_before_target),
    "introducer_2": (9, early.introducer_2),
    "introducer_discipline": (9, early.introducer_discipline),
    "political_review_before": (10, early.political_review_before),
    "training_24h": (11, early.training_24h),
    "pre_review_power": (24, admission.pre_review_power),
    "leaving_3m": (13, admission.leaving_3m),
    "meeting_1m": (15, admission.meeting_1m),
    "quorum_half": (23, admission.quorum_half),
    "yes_half": (23, admission.yes_half),
    "secret_one_by_one": (23, admission.secret_one_by_one),
    "approval_3m": (17, admission.approval_3m),
    "oath_1m": (20, admission.oath_1m),
    "probation_1y": (15, probation.probation_1y),
    "no_early_conversion": (23, probation.no_early_conversion),
    "extension_once": (23, probation.extension_once),
    "conversion_approval_3m": (24, probation.conversion_approval_3m),
    "seniority_date": (24, probation.seniority_date),
    "transferred_in_postpone": (23, probation.transferred_in_postpone),
}


def check_case(facts: CaseFacts, *, on: date, calendar: WorkCalendar) -> list[Check]:
    """One answer for each of the 25 constraints, in the order of the way.

    A constraint on steps before the first one entered is not held against anybody.
    """
    ask = Asking(facts, on, calendar)
    return [
        in_the_files(code, step, ask) if step < ask.begun_at else check(ask)
        for code, (step, check) in CHECKS.items()
    ]
