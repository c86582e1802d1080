"""The audit log: events that are only added, and the chain of seals beside them.

Events are never updated, so writers never wait for the sealer: a seal is a row of its own.
"""

from typing import Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from audit.rules import EMPTY_HASH, canonical


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete a row of the audit log."""

    def __init__(self) -> None:
        super().__init__("审计记录只能追加，不能修改或删除。")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows can be added and read, nothing else."""

    def update(self, **fields: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditEventQuerySet(AppendOnlyQuerySet):
    def unsealed(self) -> Self:
        return self.filter(seal__isnull=True)

    def about(self, target: models.Model) -> Self:
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))


class AppendOnlyModel(models.Model):
    """A row that is written once; the same is refused by triggers in the database."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditEvent(AppendOnlyModel):
    """One thing that happened. Names are kept as text: they must outlive what they name."""

    event = models.CharField("事件", max_length=80, db_index=True)
    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作人",
        on_delete=models.PROTECT,
        related_name="audit_events",
        null=True,
        blank=True,
    )
    by_name = models.CharField("操作人姓名", max_length=200, blank=True)
    target_type = models.CharField("对象类别", max_length=100, blank=True)
    target_id = models.CharField("对象编号", max_length=64, blank=True)
    target_name = models.CharField("对象名称", max_length=200, blank=True)
    detail = models.JSONField("详情", default=dict, blank=True, encoder=DjangoJSONEncoder)

    objects: ClassVar[AuditEventQuerySet] = AuditEventQuerySet.as_manager()  # type: ignore[assignment]  # manager made from the query set

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_event_target")]

    def spelled(self) -> str:
        """Return the canonical text that is sealed: every fact of the row, its key included."""
        facts = {
            "id": self.pk,
            "event": self.event,
            "by": self.by_id,
            "by_name": self.by_name,
            "target_type": self.target_type,
            "target_id": self.target_id,
            "target_name": self.target_name,
            "detail": self.detail,
        }
        return canonical(facts, self.at)


class AuditSeal(AppendOnlyModel):
    """Place of one event in the chain. Positions have no gaps; a missing one was removed."""

    position = models.PositiveBigIntegerField("序号", primary_key=True)
    event = models.OneToOneField(
        AuditEvent, verbose_name="事件", on_delete=models.PROTECT, related_name="seal"
    )
    previous = models.CharField("前一封存值", max_length=64)
    hash = models.CharField("封存值", max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计封存"


class ChainHead(models.Model):
    """The one row that says where the chain ends; its lock lets one sealer work at a time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.PositiveBigIntegerField("最后序号", default=0)
    hash = models.CharField("最后封存值", max_length=64, default=EMPTY_HASH)

    class Meta:
        verbose_name = verbose_name_plural = "审计链尾"
        constraints = [models.CheckConstraint(name="audit_one_chain_head", condition=models.Q(id=1))]
