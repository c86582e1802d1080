"""In a transaction of its own: PostgreSQL alters no table while foreign keys of new rows wait to be checked."""

from django.db import migrations


def seats_from_members(apps, schema_editor):
    """Who was in a group is taken to have been in it from its first day; a closed group ends its seats."""
    group_seat = apps.get_model('branches', 'GroupSeat')
    for group in apps.get_model('branches', 'PartyGroup').objects.prefetch_related('members'):
        people = {member.pk for member in group.members.all()} | ({group.leader_id} - {None})
        if group.until is None or group.until > group.since:
            group_seat.objects.bulk_create(
                group_seat(group=group, member_id=pk, leads=pk == group.leader_id, since=group.since, until=group.until)
                for pk in sorted(people)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0004_group_seats"),
    ]

    operations = [
        migrations.RunPython(seats_from_members, migrations.RunPython.noop),
    ]
