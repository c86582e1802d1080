from django.db import migrations

TABLES = ("incentives_contributionentry", "incentives_weightpolicy")
SAYING = "a contribution entry or a policy version does not change"


def guard(apps, schema_editor):
    """Refuse changes in the database too, for whoever goes round the actions.

    SQLite gets no DELETE trigger: there a flush of the tables is a DELETE, so it would stop the test runner.
    A later migration that rebuilds a table on SQLite drops its trigger and must call this again.
    """
    if schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{SAYING}'); END",
                params=None,
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION incentives_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAYING}'; END $$",
        params=None,
    )
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION incentives_refuse_change()",
            params=None,
        )


def unguard(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for table in TABLES:
        on_table = "" if sqlite else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_fixed{on_table}", params=None)
    if not sqlite:
        schema_editor.execute("DROP FUNCTION incentives_refuse_change()", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0001_contributions"),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
