"""Pure dates: months, windows, occurrences, workdays.

No models, no clock, no settings; the calendar is an argument.
"""
