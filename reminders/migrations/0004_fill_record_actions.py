"""Records made so far name the actions of the items they closed; new ones name them when they are made."""

from django.db import migrations


def name_actions(apps, schema_editor):
    record_action = apps.get_model("records", "RecordAction")
    items = apps.get_model("reminders", "ReminderItem").objects.exclude(record=None)
    pairs = items.values_list("record", "action__code").distinct()
    rows = (record_action(record_id=record, action_code=code) for record, code in pairs.iterator())
    record_action.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0003_handover"),
        ("records", "0002_record_actions"),
    ]

    operations = [migrations.RunPython(name_actions, migrations.RunPython.noop)]
