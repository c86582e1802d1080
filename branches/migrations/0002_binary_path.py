from django.db import migrations


def sort_paths_bytewise(apps, schema_editor):
    """Prefix ranges over path need byte order; a PostgreSQL database may sort by language."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            'ALTER TABLE branches_organisation ALTER COLUMN path TYPE varchar(200) COLLATE "C"'
        )


class Migration(migrations.Migration):
    dependencies = [("branches", "0001_initial")]

    operations = [migrations.RunPython(sort_paths_bytewise, migrations.RunPython.noop)]
