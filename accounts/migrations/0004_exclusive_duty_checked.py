from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_fill_exclusive_duty'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('exclusive_duty__in', ['', 'administrator', 'auditor', 'recipient'])), name='user_one_exclusive_duty'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('is_superuser', False), ('exclusive_duty', 'administrator'), _connector='OR'), name='user_superuser_administers'),
        ),
    ]
