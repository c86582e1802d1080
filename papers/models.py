"""The forms that offices ask for, as their own Word and Excel files with placeholders."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Concat

from branches.models import Organisation
from branches.models.organisation import PATH_END

if TYPE_CHECKING:
    from accounts.models import User


class PaperKind(models.TextChoices):
    WORD = "docx", "Word"
    EXCEL = "xlsx", "Excel"


class PaperTemplateQuerySet(models.QuerySet["PaperTemplate"]):
    def in_use(self) -> Self:
        return self.filter(retired_at=None)

    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Templates this person looks after."""
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def reaching(self, user: "User", permission: str, *, on: date) -> Self:
        """Templates of the organisations of this person, of those below and of those above them."""
        mine = Organisation.objects.permitted_to(user, permission, on=on)
        end = Concat(models.OuterRef("organisation__path"), models.Value(PATH_END))
        below = mine.filter(path__gte=models.OuterRef("organisation__path"), path__lt=end)
        return self.filter(models.Exists(below))

    def for_list(self) -> Self:
        """Without the files."""
        return self.select_related("organisation").defer("content")


class PaperTemplate(models.Model):
    """One version of one form. It serves the organisation that put it in and everything below.

    A new file for the same form is a new row; the old one is retired and says which replaced it, so that
    what was handed in stays explained.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="paper_templates")
    source = models.CharField("用于", max_length=40)
    title = models.CharField("名称", max_length=80)
    issuer = models.CharField("来文单位或文号", max_length=80, blank=True)
    kind = models.CharField("格式", max_length=4, choices=PaperKind)
    content = models.BinaryField("文件")
    digest = models.CharField("校验", max_length=64)
    # Names as the file asks for them, found when it was put in.
    names = models.JSONField("占位符", default=list)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="paper_templates"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")

    objects = PaperTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "公文模板"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "source", "title"],
                condition=Q(retired_at=None),
                name="paper_template_once",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(retired_at__isnull=False),
                name="paper_template_replaced_is_retired",
            ),
        ]

    def __str__(self) -> str:
        return self.title
