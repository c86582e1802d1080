"""The organisation tree with its dated facts."""

import secrets
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Concat

from branches.places import highest, remembered_places
from branches.roles import grants_with, holders_of, roles_with
from branches.rules import BRANCH_KINDS, OrganisationKind, Role

if TYPE_CHECKING:
    from accounts.models import User

KEY_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
# Every key character and the slash sort before "~" in binary collation.
PATH_END = "~"


def new_key() -> str:
    """A short random name of one node; paths are made of keys, so a rename moves nothing."""
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(8))


def _held(model: str, user: "User", on: date) -> models.QuerySet[Any]:
    """Posts or grants of this user."""
    manager: Any = apps.get_model("branches", model)._default_manager
    held: models.QuerySet[Any] = manager.at(on).held_by(user)
    return held


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def within(self, organisation: "Organisation") -> Self:
        """The organisation itself and everything below it."""
        return self.filter(path__gte=organisation.path, path__lt=organisation.path + PATH_END)

    def branches(self) -> Self:
        return self.filter(kind__in=BRANCH_KINDS)

    def active(self, *, on: date) -> Self:
        return self.filter(
            Q(established_on=None) | Q(established_on__lte=on), Q(dissolved_on=None) | Q(dissolved_on__gt=on)
        )

    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        """Organisations on which this user may do `permission` on that day: the door for writing."""
        if not user.is_active:
            return self.none()
        places = remembered_places(user, on=on)
        if places is not None:
            holders = holders_of(permission)
            return self._below_paths(highest(place.path for place in places if place.holding in holders))
        posts = _held("Post", user, on).filter(role__in=sorted(roles_with(permission)))
        grants = _held("AccessGrant", user, on).filter(kind__in=sorted(grants_with(permission)))
        return self._at_or_below(posts, grants)

    def administered_by(self, user: "User", *, on: date) -> Self:
        """Organisations at or below a post as administrator."""
        posts = _held("Post", user, on).filter(role=Role.ADMINISTRATOR)
        return self._at_or_below(posts) if user.is_active else self.none()

    def _at_or_below(self, *held: models.QuerySet[Any]) -> Self:
        """Organisations at or below those of these posts or grants.

        Where the user holds something is asked once and not beside every path: the tree is else read again
        for each of its nodes. One EXISTS, because two of them with OR become no join on PostgreSQL.
        """
        first, *others = (rows.order_by().values("organisation") for rows in held)
        places = first.union(*others, all=True) if others else first
        tops: models.QuerySet[Any] = Organisation._default_manager.filter(pk__in=places).annotate(
            # Wrapped: a bare outer reference has no lookups of its own.
            outer_path=models.ExpressionWrapper(models.OuterRef("path"), output_field=models.CharField()),
            scope_end=Concat("path", models.Value(PATH_END)),
        )
        below = tops.filter(outer_path__gte=models.F("path"), outer_path__lt=models.F("scope_end"))
        return self.filter(models.Exists(below))

    def _below_paths(self, tops: list[str]) -> Self:
        if not tops:
            return self.none()
        ranges = [Q(path__gte=top, path__lt=top + PATH_END) for top in tops]
        return self.filter(reduce(or_, ranges))

    def visible_to(self, user: "User", *, on: date) -> Self:
        """Organisations this user may read about on that day: the door for reading."""
        return self.permitted_to(user, "branches.view_organisation", on=on)

    def stale(self) -> Self:
        return self.filter(facts_changed=True)

    def in_tree_order(self) -> Self:
        return self.order_by("level", "code")


class Organisation(models.Model):
    """One node of the tree: committee, general branch or a kind of branch."""

    code = models.CharField("编号", max_length=32, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=20, choices=OrganisationKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级组织"
    )
    key = models.CharField(max_length=8, unique=True, default=new_key, editable=False)
    path = models.CharField(max_length=200, unique=True, editable=False)
    level = models.PositiveSmallIntegerField(default=0, editable=False)
    industry_line = models.CharField("业务条线", max_length=20, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=8, decimal_places=5, null=True, blank=True)
    party_day = models.PositiveSmallIntegerField(
        "固定党日（每月几号）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text="每月 1 至 28 号中的一天；不填则以当月最后一个工作日为限。",
    )
    approves_members = models.BooleanField(
        "有审批预备党员权限",
        default=False,
        help_text="只有具有审批权限的基层党委可以预审和审批，党总支不能。",
    )
    established_on = models.DateField("成立日期", null=True, blank=True)
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    # Set in the transaction of every write that may change the month list; cleared by the refresh.
    facts_changed = models.BooleanField(default=True, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "组织"
        constraints = [
            models.CheckConstraint(
                condition=Q(party_day=None) | Q(party_day__range=(1, 28)), name="organisation_party_day_1_28"
            ),
            models.CheckConstraint(
                condition=Q(dissolved_on=None)
                | Q(established_on=None)
                | Q(dissolved_on__gt=models.F("established_on")),
                name="organisation_dissolved_after_established",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(facts_changed=True), name="organisation_stale"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_branch(self) -> bool:
        return self.kind in BRANCH_KINDS


class CoveredUnit(models.Model):
    """A work unit whose members belong to this branch (a joint branch covers several)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="units")
    name = models.CharField("单位名称", max_length=80)
    since = models.DateField("自", null=True, blank=True)
    until = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = "覆盖单位"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], condition=Q(until=None), name="covered_unit_once"
            )
        ]


class TermQuerySet(models.QuerySet["Term"]):
    def current(self) -> Self:
        """The latest term of each organisation, whether or not it has run out."""
        later = Term.objects.filter(
            organisation=models.OuterRef("organisation"), elected_on__gt=models.OuterRef("elected_on")
        )
        return self.filter(~models.Exists(later))


class Term(models.Model):
    """A term of office: elected on a day, ends on a day, may be extended once by the superior.

    Source: 关于党的基层组织任期的意见 一 (three years for a branch), 二 (extension by one year at most).
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="terms")
    elected_on = models.DateField("选举日期")
    ends_on = models.DateField("届满日期")
    extended_to = models.DateField("延期至", null=True, blank=True)
    extension_basis = models.CharField("延期批复", max_length=120, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = "任期"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "elected_on"], name="term_once_per_election"),
            models.CheckConstraint(
                condition=Q(ends_on__gt=models.F("elected_on")), name="term_ends_after_election"
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=models.F("ends_on")),
                name="term_extension_after_end",
            ),
        ]

    @property
    def runs_until(self) -> date:
        return self.extended_to or self.ends_on


class PartyGroup(models.Model):
    """A Party group of a branch."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="party_groups")
    name = models.CharField("党小组名称", max_length=40)
    since = models.DateField("成立日期")
    until = models.DateField("撤销日期", null=True, blank=True)

    class Meta:
        verbose_name = "党小组"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], condition=Q(until=None), name="party_group_name_once"
            )
        ]


class GroupSeatQuerySet(models.QuerySet["GroupSeat"]):
    def at(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)


class GroupSeat(models.Model):
    """One person in one Party group over [since, until), as leader or not."""

    group = models.ForeignKey(PartyGroup, models.PROTECT, related_name="seats")
    member = models.ForeignKey("branches.Member", models.PROTECT, related_name="group_seats")
    leads = models.BooleanField("组长", default=False)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = GroupSeatQuerySet.as_manager()

    class Meta:
        verbose_name = "党小组成员"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "member"], condition=Q(until=None), name="group_seat_once"
            ),
            models.UniqueConstraint(
                fields=["group"], condition=Q(until=None, leads=True), name="group_seat_one_leader"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="group_seat_until_after_since"
            ),
        ]
