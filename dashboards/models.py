"""The monthly brief (月度通报): figures of a month as they were prepared, with words beside them."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from branches.models import Organisation, Post
from branches.models.organisation import PATH_END
from branches.roles import roles_with
from dashboards.rules.brief_facts import Facts, read_facts
from dashboards.rules.brief_words import BriefSection, BriefState, heading, title_of
from periods.months import Month

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Section:
    """One part of a brief: the sentences of the figures, and what a person wrote instead, if anything."""

    key: str
    heading: str
    generated: str
    edited: str

    @property
    def text(self) -> str:
        return self.edited or self.generated

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    @property
    def generated_lines(self) -> list[str]:
        return self.generated.splitlines()


READ, RELEASE = "dashboards.view_brief", "dashboards.release_brief"


class BriefQuerySet(models.QuerySet["Brief"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Released ones of the organisations above and below one's posts; drafts for who releases them."""
        if not user.is_active:
            return self.none()
        below = Organisation.objects.permitted_to(user, READ, on=on)
        held = Post.objects.at(on).held_by(user).filter(role__in=sorted(roles_with(READ)))
        beyond = Concat(OuterRef("organisation__path"), Value(PATH_END))
        above = Post.objects.filter(
            pk__in=held.values("pk"),
            organisation__path__gte=OuterRef("organisation__path"),
            organisation__path__lt=beyond,
        )
        released = Q(state=BriefState.RELEASED) & (Q(organisation__in=below) | Exists(above))
        return self.filter(
            released | Q(organisation__in=Organisation.objects.permitted_to(user, RELEASE, on=on))
        )

    def released(self) -> Self:
        return self.filter(state=BriefState.RELEASED)

    def drafts(self) -> Self:
        return self.filter(state=BriefState.DRAFT)

    def standing(self) -> Self:
        """Of released ones those no later edition has replaced."""
        later = Brief.objects.released().filter(
            organisation=OuterRef("organisation"), month=OuterRef("month"), edition__gt=OuterRef("edition")
        )
        return self.released().filter(~Exists(later))


class Brief(models.Model):
    """One edition of one organisation's brief of one month.

    `facts` are the figures of the moment `prepared_at`; `generated` the sentences made of them and `edited`
    what a person wrote instead, both by section. Once released nothing of the row changes any more: the
    database refuses it (migration 0002). A correction is a new edition, with the reason.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="briefs", db_index=False)
    month = models.DateField("月份", help_text="当月第一天。")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    reason = models.CharField("更正原因", max_length=200, default="", blank=True)
    state = models.CharField("状态", max_length=10, choices=BriefState, default=BriefState.DRAFT)
    # Given at release, by the year of release; a correction keeps that of the first edition.
    number = models.PositiveSmallIntegerField("期号", null=True, blank=True)
    number_year = models.PositiveSmallIntegerField("期号年份", null=True, blank=True)
    facts = models.JSONField("数据", encoder=DjangoJSONEncoder)
    generated = models.JSONField("自动文字", default=dict)
    edited = models.JSONField("修改后的文字", default=dict, blank=True)
    prepared_at = models.DateTimeField("整理时间")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="briefs_prepared"
    )
    edited_at = models.DateTimeField("修改时间", null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="briefs_edited"
    )
    released_at = models.DateTimeField("发布时间", null=True, blank=True)
    released_on = models.DateField("发布日期", null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="briefs_released"
    )

    objects = BriefQuerySet.as_manager()

    class Meta:
        verbose_name = "月度通报"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month", "edition"], name="brief_once"),
            models.UniqueConstraint(
                fields=["organisation", "month"],
                condition=Q(state=BriefState.DRAFT),
                name="brief_one_draft_a_month",
            ),
            models.UniqueConstraint(
                fields=["organisation", "number_year", "number", "edition"],
                condition=~Q(number=None),
                name="brief_number_once",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="brief_month_is_first_day"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="brief_edition_from_one"),
            models.CheckConstraint(
                condition=Q(edition=1) | ~Q(reason=""), name="brief_correction_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=BriefState.DRAFT,
                    number=None,
                    number_year=None,
                    released_at=None,
                    released_on=None,
                    released_by=None,
                )
                | Q(
                    state=BriefState.RELEASED,
                    number__gte=1,
                    number_year__isnull=False,
                    released_at__isnull=False,
                    released_on__isnull=False,
                    released_by__isnull=False,
                ),
                name="brief_release_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name} {self.of.label}月度通报"

    @property
    def of(self) -> Month:
        return Month.of(self.month)

    @property
    def figures(self) -> Facts:
        return read_facts(self.facts)

    @property
    def place(self) -> str:
        """Who issues it, under the name of that time."""
        return str(self.facts["place"])

    @property
    def is_draft(self) -> bool:
        return self.state == BriefState.DRAFT

    @property
    def title(self) -> str:
        return title_of(self.of)

    @property
    def issue(self) -> str:
        """“2026 年第 3 期”; nothing before it is released."""
        return f"{self.number_year} 年第 {self.number} 期" if self.number else ""

    @property
    def stamp(self) -> str:
        """Another one as soon as the figures are prepared again or a word is changed."""
        said = "\n".join(f"{section.key}:{section.text}" for section in self.sections)
        return hashlib.sha256(f"{self.prepared_at.isoformat()}\n{said}".encode()).hexdigest()[:16]

    @property
    def sections(self) -> list["Section"]:
        return [
            Section(
                key=section.value,
                heading=heading(section.value),
                generated=str(self.generated.get(section.value, "")),
                edited=str(self.edited.get(section.value, "")),
            )
            for section in BriefSection
        ]
