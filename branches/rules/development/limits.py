"""The days that follow from the steps taken: deadlines, the end of probation, reviews due."""

from datetime import date

from branches.rules.development.facts import CaseFacts, StepFact
from branches.rules.organisations import StepOutcome
from branches.rules.people import probation_end
from periods.calendars import WorkCalendar
from periods.months import add_months, add_years

NOTICE_WORKDAYS = 5
REVIEW_MONTHS = 6
EXTENSION_MONTHS = (6, 12)
POSTPONE_MONTHS = 6
AGE_YEARS, ACTIVIST_YEARS = 18, 1
TALK_MONTHS = MEETING_MONTHS = OATH_MONTHS = 1
APPROVAL_MONTHS, APPROVAL_HARD_MONTHS = 3, 6
LEAVING_MONTHS = 3
TRAINING_DAYS, TRAINING_HOURS = 3, 24


def notice_end(start: date, calendar: WorkCalendar) -> date:
    """The first day on which a public notice begun on `start` has run five workdays, both days counted."""
    first = calendar.on_or_after(start)
    return calendar.add_workdays(first, NOTICE_WORKDAYS - 1)


def earliest_target(facts: CaseFacts) -> date | None:
    """One year after becoming an activist (第十三条)."""
    activist = facts.passed(3)
    return add_years(activist.on, ACTIVIST_YEARS) if activist else None


def extensions(facts: CaseFacts) -> list[StepFact]:
    return [s for s in facts.of(23) if s.outcome is StepOutcome.EXTENDED]


def first_probation_end(facts: CaseFacts) -> date | None:
    """One year from the general meeting, extensions left out (第三十一条)."""
    admitted = facts.passed(15)
    return probation_end(admitted.on) if admitted else None


def probation_end_of(facts: CaseFacts) -> date | None:
    """The end of probation as it stands now, an extension included."""
    admitted = facts.passed(15)
    if admitted is None:
        return None
    return probation_end(admitted.on, sum(s.months or 0 for s in extensions(facts)))


def review_due(facts: CaseFacts, number: int, *, start: date) -> date:
    """Half a year after the last review, or after `start` while there is none."""
    reviews = [s.on for s in facts.of(number) if s.on >= start]
    return add_months(max(reviews, default=start), REVIEW_MONTHS)


def came_on_probation(facts: CaseFacts) -> bool:
    """Whether the person moved in between admission and conversion (第三十五条)."""
    admitted, converted = facts.passed(15), facts.passed(23)
    if admitted is None or facts.moved_in_on is None:
        return False
    return admitted.on < facts.moved_in_on and (converted is None or facts.moved_in_on <= converted.on)


def latest_postponed(facts: CaseFacts) -> date | None:
    """The last day to discuss the conversion of a probationary member who moved in."""
    end = probation_end_of(facts)
    return add_months(end, POSTPONE_MONTHS) if end and came_on_probation(facts) else None


def rounds(facts: CaseFacts) -> list[tuple[StepFact, StepFact | None]]:
    """Every meeting on conversion with the last answer to it: a committee may take the matter up again."""
    meetings, approvals = facts.of(23), facts.of(24)
    found = []
    for n, meeting in enumerate(meetings):
        until = meetings[n + 1].on if n + 1 < len(meetings) else date.max
        answers = [a for a in approvals if meeting.on <= a.on < until]
        found.append((meeting, answers[-1] if answers else None))
    return found
