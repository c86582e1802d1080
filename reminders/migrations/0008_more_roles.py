from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0007_demands'),
    ]

    operations = [
        migrations.AlterField(
            model_name='handover',
            name='role',
            field=models.CharField(choices=[('worker', '党务工作者'), ('secretary', '书记'), ('deputy_secretary', '副书记'), ('organisation_commissioner', '组织委员'), ('publicity_commissioner', '宣传委员'), ('discipline_commissioner', '纪检委员'), ('general_branch_staff', '党总支党务干部'), ('committee_staff', '党委党务干部'), ('administrator', '系统管理员'), ('recipient', '匿名直通车受理人'), ('auditor', '审计员')], max_length=30, verbose_name='职务'),
        ),
    ]
