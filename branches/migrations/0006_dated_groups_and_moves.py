import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_fill_group_seats"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='memberevent',
            options={'verbose_name': '党员变动'},
        ),
        migrations.RemoveConstraint(
            model_name='developmentstep',
            name='development_step_once',
        ),
        migrations.RemoveField(
            model_name='partygroup',
            name='leader',
        ),
        migrations.RemoveField(
            model_name='partygroup',
            name='members',
        ),
        migrations.AddField(
            model_name='organisationevent',
            name='parent_after',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events_of_arriving', to='branches.organisation'),
        ),
        migrations.AddField(
            model_name='organisationevent',
            name='parent_before',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events_of_leaving', to='branches.organisation'),
        ),
        migrations.AddField(
            model_name='organisationevent',
            name='term',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='branches.term'),
        ),
        migrations.AlterField(
            model_name='memberevent',
            name='kind',
            field=models.CharField(choices=[('registered', '登记入册'), ('applied', '递交入党申请书'), ('talked', '入党申请人谈话'), ('activist', '确定为入党积极分子'), ('development_target', '确定为发展对象'), ('trained', '短期集中培训结业'), ('pre_reviewed', '党委预审合格'), ('admitted', '接收为预备党员'), ('approved', '党委批准接收'), ('oath_taken', '入党宣誓'), ('probation_extended', '延长预备期'), ('converted', '转为正式党员'), ('conversion_approved', '党委批准转正'), ('moved_in', '组织关系转入'), ('moved_out', '组织关系转出'), ('seconded', '挂职借调外出'), ('returned', '挂职借调返回'), ('retired', '退休'), ('suspended', '停止党籍'), ('revoked', '取消预备党员资格'), ('discontinued', '终止发展程序'), ('left', '出党'), ('deceased', '去世'), ('reminder_needed', '需要提醒谈话')], max_length=24, verbose_name='变动'),
        ),
        migrations.AlterField(
            model_name='organisationevent',
            name='kind',
            field=models.CharField(choices=[('set_up', '成立'), ('unit_joined', '单位并入'), ('unit_left', '单位划出'), ('renamed', '更名'), ('moved', '调整上级'), ('elected', '换届选举'), ('term_extended', '任期延期'), ('dissolved', '撤销')], max_length=16, verbose_name='变动'),
        ),
        migrations.AddConstraint(
            model_name='developmentstep',
            constraint=models.UniqueConstraint(condition=models.Q(('corrected_at', None), ('outcome__in', ('passed', 'revoked')), models.Q(('number__in', (6, 21)), _negated=True)), fields=('case', 'number'), name='development_step_once'),
        ),
        migrations.AddConstraint(
            model_name='developmentstep',
            constraint=models.UniqueConstraint(condition=models.Q(('corrected_at', None), ('outcome', 'extended')), fields=('case', 'number'), name='development_extension_once'),
        ),
    ]
