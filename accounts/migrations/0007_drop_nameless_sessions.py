"""Sessions of before the own table: they name nobody, and nothing reads them any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_own_sessions")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop)]
