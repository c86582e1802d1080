"""Exports of ledgers: who made which paper when, and for a while its rows as they were."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

# More than a year: the papers of a year are looked at once more when the next one is closed.
KEEP_ROWS = timedelta(days=400)
MOST_KEPT_ROWS = 20_000
PREFIX = 8  # characters of a checksum that are typed from paper
_END = "~"  # sorts behind every digit of a checksum


class ExportQuerySet(models.QuerySet["Export"]):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(owner_id=user.pk)

    def told_by(self, words: str) -> Self:
        """Of this number, or whose checksum begins with these characters."""
        typed = words.strip().lower()
        if len(typed) < PREFIX:
            return self.none()
        return self.filter(Q(number=typed) | Q(checksum__gte=typed, checksum__lt=typed + _END))

    def for_list(self) -> Self:
        """Newest first, and whether the rows are still there; the codes of a whole tree are left out."""
        kept = models.Exists(ExportedRows.objects.filter(export=models.OuterRef("pk")))
        return self.defer("codes").annotate(has_rows=kept).order_by("-made_at", "-pk")


class Export(models.Model):
    """One file made of one ledger, with all that its paper says."""

    class Kind(models.TextChoices):
        XLSX = "xlsx", "Excel"
        PDF = "pdf", "PDF"

    number = models.CharField("导出编号", max_length=20, unique=True)
    kind = models.CharField("格式", max_length=4, choices=Kind.choices)
    # Null: made by the command of the host.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="导出人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="ledger_exports",
    )
    ledger = models.CharField("台账代码", max_length=80)
    title = models.CharField("台账", max_length=200)
    version = models.CharField("台账版本", max_length=20)
    query = models.TextField("筛选参数", blank=True)
    sort = models.CharField("排序参数", max_length=80, blank=True)
    organisation = models.TextField("范围")
    period = models.TextField("期间")
    file_period = models.TextField("期间代码", blank=True)
    filter_sentence = models.TextField("筛选")
    order_note = models.TextField("排序", blank=True)
    as_of = models.DateTimeField("截至")
    rows = models.PositiveIntegerField("条数")
    checksum = models.CharField("校验值", max_length=64, db_index=True)
    reach = models.CharField("导出时的权限范围", max_length=64, blank=True)
    codes = models.TextField("涉及组织", blank=True)
    made_at = models.DateTimeField("导出时间", auto_now_add=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出记录"
        indexes = [models.Index(fields=["owner", "-made_at"], name="export_owner_made")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ExportedRowsQuerySet(models.QuerySet["ExportedRows"]):
    def outdated(self, *, now: datetime) -> Self:
        return self.filter(export__made_at__lt=now - KEEP_ROWS)


class ExportedRows(models.Model):
    """The rows of one export as they were, compressed, with the columns of that day."""

    export = models.OneToOneField(
        Export, verbose_name="导出记录", on_delete=models.CASCADE, related_name="kept"
    )
    columns = models.JSONField("栏目")
    content = models.BinaryField("内容")

    objects = ExportedRowsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出内容"


class ExportCounter(models.Model):
    """The last number given to an export of a year."""

    year = models.PositiveSmallIntegerField("年度", primary_key=True)
    last = models.PositiveIntegerField("最后编号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "导出编号"
