from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever holds the administrators' post, or held it, keeps the duty that goes with it."""
    users = apps.get_model("accounts", "User").objects
    held = apps.get_model("branches", "Post").objects.filter(role="administrator")
    for holders in (
        held.exclude(user=None).values("user"),
        held.exclude(member__user=None).values("member__user"),
    ):
        users.filter(pk__in=holders).update(exclusive_duty="administrator")


class Migration(migrations.Migration):
    dependencies = [("branches", "0011_more_roles"), ("accounts", "0004_exclusive_duty_checked")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
