"""What an account proves itself with beside its password; see docs/adr/0022-second-factor.md."""

from django.conf import settings
from django.db import models


class Authenticator(models.Model):
    """The one authenticator program of an account. There is a row only once a first code was right."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator", verbose_name="账号"
    )
    # AES-256-GCM with the installation's keys: factors/sealed_rows.py.
    secret_sealed = models.BinaryField("密钥（加密）", editable=False)
    # Steps of 30 seconds by which the phone's clock differs from ours.
    drift = models.SmallIntegerField("时间差", default=0)
    # The newest step whose code was taken: it and all before it are used up.
    last_step = models.BigIntegerField("最近使用的时间段")
    failures = models.PositiveSmallIntegerField("连续输错", default=0)
    paused_until = models.DateTimeField("暂停到", null=True, blank=True)
    made_at = models.DateTimeField("设置时间")
    # Codes were made and their page never left by its button: its answer may have been lost on the way.
    codes_unseen = models.BooleanField("备用码未确认抄下", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "验证器"


class RecoveryCode(models.Model):
    """One unused recovery code, as a keyed digest; using it deletes the row."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "备用码"
        constraints = [
            models.UniqueConstraint(fields=["authenticator", "digest"], name="recovery_code_once"),
        ]
