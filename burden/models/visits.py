"""Planned visits of offices to branches (年度检查计划备案), what became of them, and what branches say."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from burden.rules.visit_vocabulary import (
    PUBLIC_STATES,
    STANDING_STATES,
    Decision,
    Extra,
    Grade,
    VisitMode,
    VisitState,
)
from burden.rules.visits import clause_key
from errorbank.models import Inspection
from errorbank.rules import ErrorCategory
from periods.months import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from accounts.models import User

VIEW_VISIT, FILE_VISIT, RATE_VISIT = "burden.view_visit", "burden.file_visit", "burden.rate_visit"


class VisitQuerySet(models.QuerySet["PlannedVisit"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Visits planned by organisations on which the user has the permission."""
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """What one's own office plans, and what was filed for one of the user's organisations."""
        places = Organisation.objects.permitted_to(user, VIEW_VISIT, on=on)
        met = PlannedVisit.targets.through.objects.filter(organisation__in=places).values("plannedvisit")
        filing = Organisation.objects.permitted_to(user, FILE_VISIT, on=on)
        filed = Q(state__in=sorted(PUBLIC_STATES))
        return self.filter(Q(organisation__in=filing) | filed & Q(pk__in=met))

    def standing(self) -> Self:
        return self.filter(state__in=sorted(STANDING_STATES))

    def in_order(self) -> Self:
        return self.order_by("since", "until", "pk")


class PlannedVisit(models.Model):
    """One planned visit. What it said before a change stands in `revisions`.

    `department` is an office, never a person. `categories`: values of ErrorCategory; `clauses`: own lines.
    `minutes`: what one branch spends on it. A visit that is done keeps what it said.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="planned_visits", verbose_name="备案单位"
    )
    year = models.PositiveSmallIntegerField(
        "年度", validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    department = models.CharField("检查部门", max_length=40)
    title = models.CharField("检查事项", max_length=80)
    basis = models.CharField("依据", max_length=200)
    categories = models.JSONField("检查内容", default=list, blank=True)
    clauses = models.TextField("其他内容", max_length=600, blank=True)
    since = models.DateField("开始")
    until = models.DateField("结束")
    mode = models.CharField("方式", max_length=12, choices=VisitMode, default=VisitMode.ON_SITE)
    people = models.PositiveSmallIntegerField("检查人数", validators=[MinValueValidator(1)])
    minutes = models.PositiveSmallIntegerField("每个支部用时（分钟）", validators=[MinValueValidator(1)])
    materials = models.TextField("要的材料", max_length=1000, blank=True)
    targets = models.ManyToManyField(Organisation, related_name="planned_visits_to", verbose_name="检查对象")
    state = models.CharField("状态", max_length=12, choices=VisitState, default=VisitState.DRAFT)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    reason = models.CharField("取消原因", max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", verbose_name="并入"
    )
    # One inspection may carry out several visits at once.
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="planned_visits"
    )
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", verbose_name="沿用自"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="planned_visits")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "检查计划"
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="visit_days_in_order"),
            models.CheckConstraint(
                condition=Q(state=VisitState.DRAFT) | Q(filed_on__isnull=False), name="visit_filed_has_day"
            ),
            models.CheckConstraint(
                condition=Q(state=VisitState.MERGED, merged_into__isnull=False)
                | ~Q(state=VisitState.MERGED) & Q(merged_into=None),
                name="visit_merged_says_into_which",
            ),
            models.CheckConstraint(
                condition=Q(state=VisitState.DONE, inspection__isnull=False)
                | ~Q(state=VisitState.DONE) & Q(inspection=None),
                name="visit_done_has_inspection",
            ),
            models.CheckConstraint(
                condition=~Q(state=VisitState.CANCELLED) | ~Q(reason=""), name="visit_cancelled_has_reason"
            ),
            models.UniqueConstraint(
                fields=["copied_from", "year"],
                condition=Q(copied_from__isnull=False),
                name="visit_copied_once_a_year",
            ),
            models.UniqueConstraint(
                fields=["organisation", "department", "title", "since"],
                condition=Q(state__in=sorted(STANDING_STATES)),
                name="visit_filed_once",
            ),
        ]
        indexes = [models.Index(fields=["year", "state"], name="visit_of_year")]

    def __str__(self) -> str:
        return self.title

    @property
    def clause_names(self) -> dict[str, str]:
        """Key of each clause → its words, categories first."""
        names = {key: str(ErrorCategory(key).label) for key in self.categories if key in ErrorCategory.values}
        return names | {clause_key(line): line for line in self.clause_lines}

    @property
    def clause_lines(self) -> list[str]:
        return [line for line in self.clauses.splitlines() if line.strip()]

    @property
    def material_lines(self) -> list[str]:
        return [line for line in self.materials.splitlines() if line.strip()]

    @property
    def is_filed(self) -> bool:
        return self.state == VisitState.FILED

    @property
    def is_open(self) -> bool:
        """May still be changed, filed, merged or cancelled."""
        return self.state in (VisitState.DRAFT, VisitState.FILED)


class VisitRevision(models.Model):
    """What a visit said when filed or changed, the warnings shown then, and why it was filed anyway."""

    visit = models.ForeignKey(PlannedVisit, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField("第几版")
    said = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    over_reason = models.CharField("仍要备案的理由", max_length=200, blank=True)
    replaces = models.CharField("替代", max_length=120, blank=True)
    why = models.CharField("变更说明", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="visit_revisions")
    on = models.DateField()

    class Meta:
        verbose_name = "检查计划版本"
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_revision_once"),
        ]


class FrequencyDecision(models.Model):
    """What staff decided on coming less often to look at one clause in a year."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="frequency_decisions")
    year = models.PositiveSmallIntegerField("年度")
    department = models.CharField("检查部门", max_length=40)
    clause = models.CharField(max_length=620)
    clause_name = models.CharField("检查内容", max_length=600)
    times_before = models.PositiveSmallIntegerField("上年次数")
    times = models.PositiveSmallIntegerField("建议次数")
    decision = models.CharField("决定", max_length=12, choices=Decision)
    reason = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="frequency_decisions")
    on = models.DateField()

    class Meta:
        verbose_name = "检查频次决定"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "department", "clause"], name="frequency_decided_once"
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.DECLINED) | ~Q(reason=""), name="frequency_declined_has_reason"
            ),
        ]


class RatingQuerySet(models.QuerySet["VisitRating"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(branch__in=Organisation.objects.permitted_to(user, permission, on=on))


class VisitRating(models.Model):
    """What one visited branch says of one inspection; it may be changed until the quarter ends.

    Office, organisation and quarter are written down with it, so that nothing changed later moves it into
    another sum. It is shown to the branch itself, to others only as `rules.visit_ratings` allows.
    """

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="ratings")
    branch = models.ForeignKey(Organisation, models.PROTECT, related_name="visit_ratings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="ratings_of_visits")
    department = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField()
    grade = models.CharField("总的来看", max_length=12, choices=Grade)
    extra = models.CharField("另外要材料", max_length=4, choices=Extra)

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = "检查评价"
        constraints = [
            models.UniqueConstraint(fields=["inspection", "branch"], name="visit_rated_once_a_branch"),
            models.CheckConstraint(condition=Q(quarter__range=(1, 4)), name="visit_rating_quarter"),
        ]


def said_of(visit: PlannedVisit, targets: list[Organisation]) -> dict[str, Any]:
    """Everything a visit says, by the labels of its fields, as a revision keeps it."""
    return {
        "检查部门": visit.department,
        "检查事项": visit.title,
        "依据": visit.basis,
        "检查内容": "、".join(visit.clause_names.values()),
        "日期": f"{visit.since:%Y-%m-%d} 至 {visit.until:%Y-%m-%d}",
        "方式": str(VisitMode(visit.mode).label),
        "检查人数": f"{visit.people} 人",
        "每个支部用时": f"{visit.minutes} 分钟",
        "要的材料": "；".join(visit.material_lines),
        "检查对象": "、".join(place.name for place in targets),
    }
