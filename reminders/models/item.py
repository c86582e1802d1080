"""The items on the month list, and how one list differs from the last."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from branches.models import Organisation, Post
from records.models import Record
from reminders.models.catalogue import Action, ActionVersion
from reminders.rules import EVENT_PERIOD, ONCE_PERIOD, OPEN_STATES, ChangeKind, ItemState, RefreshTrigger

if TYPE_CHECKING:
    from accounts.models import User


class RefreshRun(models.Model):
    """One refresh of one month and scope, with what it did."""

    month = models.DateField("月份", help_text="当月第一天")
    scope = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="refresh_runs", verbose_name="范围"
    )
    trigger = models.CharField(max_length=12, choices=RefreshTrigger)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="refresh_runs"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    carried_over = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "清单更新"


class ReminderItemQuerySet(models.QuerySet["ReminderItem"]):
    def permitted_to(self, user: "User", permission: str, *, on: date) -> Self:
        return self.filter(organisation__in=Organisation.objects.permitted_to(user, permission, on=on))

    def visible_to(self, user: "User", *, on: date) -> Self:
        return self.permitted_to(user, "reminders.view_item", on=on)

    def changeable(self, *, on: date) -> Self:
        """Items of organisations that exist on that day."""
        return self.filter(organisation__in=Organisation.objects.active(on=on))

    def unsettled(self) -> Self:
        return self.filter(state__in=sorted(OPEN_STATES))

    def overdue(self, *, on: date) -> Self:
        return self.unsettled().filter(due_on__lt=on)

    def for_list(self) -> Self:
        return self.select_related("version", "action", "record", "organisation")


# The fields that ReminderItem.revise sets, for update_fields.
REVISED = ("revision", "changed_at")


class ReminderItem(models.Model):
    """One demand on one organisation in one period.

    Unique by (organisation, period, action, subject): the action is the identity, not its version;
    subject is "" for the whole branch, "member:12" for a person, "term:5" for an event; never NULL,
    which would defeat the constraint. Event items carry the period "event", so a moved date moves
    the item instead of making a second one.

    settled_by names the fact that closed it without a record ("event:88", "term:9"); reason says it in
    words. note is what the fact behind the item says today: a day, a number, why something is held up.

    revision rises and changed_at never falls with every change of state, date or version (`revise`, and
    the statements of the refresh): calendars take an update by them.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="reminder_items", db_index=False
    )
    action = models.ForeignKey(Action, models.PROTECT, related_name="items")
    version = models.ForeignKey(ActionVersion, models.PROTECT, related_name="items", db_index=False)
    period = models.CharField(max_length=12)
    subject = models.CharField(max_length=40, default="", blank=True)
    subject_name = models.CharField(max_length=60, default="", blank=True)
    opens_on = models.DateField()
    due_on = models.DateField()
    remind_on = models.DateField()
    calendar_known = models.BooleanField(default=True)
    minutes = models.PositiveSmallIntegerField()
    responsible_post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="items", db_index=False
    )
    responsible_name = models.CharField(max_length=40, default="", blank=True)
    state = models.CharField(max_length=16, choices=ItemState, default=ItemState.OPEN)
    reason = models.CharField(max_length=200, default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)
    settled_by = models.CharField(max_length=40, default="", blank=True)
    done_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    record = models.ForeignKey(Record, models.PROTECT, null=True, blank=True, related_name="items")
    run = models.ForeignKey(
        RefreshRun, models.PROTECT, null=True, blank=True, related_name="created_items", db_index=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReminderItemQuerySet.as_manager()

    class Meta:
        verbose_name = "提醒事项"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "period", "action", "subject"], name="reminder_item_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.DONE) | Q(done_on__isnull=False),
                name="reminder_item_done_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ItemState.NOT_APPLICABLE, ItemState.WITHDRAWN]) | ~Q(reason=""),
                name="reminder_item_settled_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(settled_by="") | Q(state=ItemState.DONE) & ~Q(reason=""),
                name="reminder_item_settled_by_fact_says_so",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=models.F("due_on")) & Q(remind_on__lte=models.F("due_on")),
                name="reminder_item_dates_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "due_on"], name="reminder_item_of_list"),
            models.Index(
                fields=["due_on"], condition=Q(state__in=sorted(OPEN_STATES)), name="reminder_item_open_due"
            ),
            # One fact closes one turn of a repeated duty: whether it was used is asked here.
            models.Index(fields=["settled_by"], condition=~Q(settled_by=""), name="reminder_item_settled_by"),
        ]

    @property
    def title(self) -> str:
        name = self.version.name
        return f"{name}（{self.subject_name}）" if self.subject_name else name

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def may_be_done_on(self, day: date) -> bool:
        """Whether the window is open on that day; an event's window only says when to begin reminding."""
        periodic = self.period != ONCE_PERIOD and not self.period.startswith(EVENT_PERIOD)
        return not periodic or self.opens_on <= day

    def is_overdue(self, *, on: date) -> bool:
        return self.is_open and self.due_on < on

    def revise(self, *, at: datetime) -> None:
        """Mark a change; the caller holds the row and saves REVISED."""
        self.revision += 1
        self.changed_at = max(self.changed_at, at)


class ListChange(models.Model):
    """One difference of a month's list to the last list: what, why, by whom."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="list_changes", db_index=False
    )
    item = models.ForeignKey(ReminderItem, models.CASCADE, related_name="changes")
    month = models.DateField(help_text="当月第一天")
    kind = models.CharField(max_length=12, choices=ChangeKind)
    reason = models.CharField(max_length=200, default="", blank=True)
    old_due_on = models.DateField(null=True, blank=True)
    new_due_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    run = models.ForeignKey(
        RefreshRun, models.PROTECT, null=True, blank=True, related_name="changes", db_index=False
    )

    class Meta:
        verbose_name = "清单变化"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "month"],
                condition=Q(kind=ChangeKind.CARRIED_OVER),
                name="list_change_carried_over_once",
            )
        ]
        indexes = [models.Index(fields=["organisation", "month", "kind"], name="list_change_of_month")]


class ItemReturn(models.Model):
    """Staff sent a finished item back, naming the line of the checklist it fails."""

    item = models.ForeignKey(ReminderItem, models.CASCADE, related_name="returns")
    checklist_line = models.CharField("对照项", max_length=200)
    reason = models.CharField("退回原因", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "退回"
