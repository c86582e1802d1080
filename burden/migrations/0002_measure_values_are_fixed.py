from django.db import migrations

TABLE = "burden_measurevalue"
SAYING = "a value of a measure does not change"


def guard(apps, schema_editor):
    """Refuse changes of values in the database too, for whoever goes round the actions.

    SQLite gets no DELETE trigger: there a flush of the tables is a DELETE, so it would stop the test runner.
    A later migration that rebuilds the table on SQLite drops its trigger and must call this again.
    """
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_fixed BEFORE UPDATE ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{SAYING}'); END",
            params=None,
        )
        return
    schema_editor.execute(
        "CREATE FUNCTION burden_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAYING}'; END $$",
        params=None,
    )
    schema_editor.execute(
        f"CREATE TRIGGER {TABLE}_fixed BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW "
        "EXECUTE FUNCTION burden_refuse_change()",
        params=None,
    )


def unguard(apps, schema_editor):
    on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {TABLE}"
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_fixed{on_table}", params=None)
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute("DROP FUNCTION burden_refuse_change()", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("burden", "0001_measures"),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
