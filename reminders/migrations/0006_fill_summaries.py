"""Count the months of the items there are; from here on every writer has them counted anew."""

from django.db import migrations

_MONTH = {
    "postgresql": "date_trunc('month', due_on::timestamp)::date",
    "sqlite": "date(due_on, 'start of month')",
}
_LEAD = {
    "postgresql": "due_on - done_on",
    "sqlite": "CAST(julianday(due_on) - julianday(done_on) AS integer)",
}


def count(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(
        "INSERT INTO reminders_monthsummary"
        " (organisation_id, month, asked, on_time, done_late, open, not_applicable, early, minutes)"
        f" SELECT organisation_id, {_MONTH[vendor]},"
        " COUNT(*) FILTER (WHERE state <> 'not_applicable'),"
        " COUNT(*) FILTER (WHERE state = 'done' AND done_on <= due_on),"
        " COUNT(*) FILTER (WHERE state = 'done' AND done_on > due_on),"
        " COUNT(*) FILTER (WHERE state IN ('open', 'returned')),"
        " COUNT(*) FILTER (WHERE state = 'not_applicable'),"
        " COUNT(*) FILTER (WHERE state = 'done' AND done_on < remind_on),"
        " COALESCE(SUM(minutes) FILTER (WHERE state <> 'not_applicable'), 0)"
        " FROM reminders_reminderitem WHERE state IN ('open', 'returned', 'done', 'not_applicable')"
        " GROUP BY 1, 2"
    )
    schema_editor.execute(
        "INSERT INTO reminders_leaddays (organisation_id, month, days, items)"
        f" SELECT organisation_id, {_MONTH[vendor]}, {_LEAD[vendor]}, COUNT(*)"
        " FROM reminders_reminderitem WHERE state = 'done' GROUP BY 1, 2, 3"
    )


class Migration(migrations.Migration):
    dependencies = [("reminders", "0005_summaries")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
