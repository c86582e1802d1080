"""The State Council's adjusted days of 2026, written by hand from the public notice."""

from datetime import date

from periods.calendars import WorkCalendar

DAYS_OFF = [
    *(date(2026, 1, d) for d in (1, 2)),
    *(date(2026, 2, d) for d in (16, 17, 18, 19, 20, 23)),
    date(2026, 4, 6),
    *(date(2026, 5, d) for d in (1, 4, 5)),
    date(2026, 6, 19),
    date(2026, 9, 25),
    *(date(2026, 10, d) for d in (1, 2, 5, 6, 7)),
]
WEEKENDS_WORKED = [
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
]
CALENDAR_2026 = WorkCalendar(
    special=dict.fromkeys(DAYS_OFF, False) | dict.fromkeys(WEEKENDS_WORKED, True),
    known_years=frozenset({2026}),
)
