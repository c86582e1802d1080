from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """A superuser administers, and from now on nothing exclusive beside it."""
    users = apps.get_model("accounts", "User").objects
    users.filter(is_superuser=True).update(exclusive_duty="administrator")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_exclusive_duty")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
