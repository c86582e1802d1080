import django.db.models.deletion

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('branches', '0003_in_depth'),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupSeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leads', models.BooleanField(default=False, verbose_name='组长')),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name': '党小组成员',
                'constraints': [models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='group_seat_until_after_since')],
            },
        ),
        migrations.AddField(
            model_name='groupseat',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='branches.partygroup'),
        ),
        migrations.AddField(
            model_name='groupseat',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='group_seats', to='branches.member'),
        ),
        migrations.AddConstraint(
            model_name='groupseat',
            constraint=models.UniqueConstraint(condition=models.Q(('until', None)), fields=('group', 'member'), name='group_seat_once'),
        ),
        migrations.AddConstraint(
            model_name='groupseat',
            constraint=models.UniqueConstraint(condition=models.Q(('leads', True), ('until', None)), fields=('group',), name='group_seat_one_leader'),
        ),
    ]
