"""Leaf: what ledgers of this app and of those above share: whose rows, of which days, under which heading.

A ledger with a period shows what lies in it; a ledger of a day shows what held at the end of the period, or
today while it still runs. Both answer a year, so that the archive of a year can ask every ledger alike.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from branches.access import may
from branches.models import Organisation, OrganisationEvent
from branches.rules import OrganisationEventKind
from ledgers.forms import FilterForm
from ledgers.ledger import Cleaned, Heading
from periods.labels import period_label
from periods.months import Month
from periods.spans import UnknownPeriod, day_of, days_of

if TYPE_CHECKING:
    from branches.models.organisation import OrganisationQuerySet

ANY = [("", "全部")]
PERIOD_HELP = "2026-11（月）、2026Q4（季）、2026H2（半年）或 2026（年）。"


class ScopedFilterForm(FilterForm):
    """Offers the organisations on which the reader has `permission`, and no others."""

    permission: ClassVar[str]
    organisation = forms.ModelChoiceField(
        label="组织",
        queryset=Organisation.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="全部",
        error_messages={"invalid_choice": "没有这个组织，或不在您的权限范围内。"},
    )

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        places = cast("forms.ModelChoiceField[Organisation]", self.fields["organisation"])
        places.queryset = self.places(user, on).in_tree_order()

    @classmethod
    def may_open(cls, user: User, on: date) -> bool:
        return may(user, cls.permission, on=on)

    @classmethod
    def places(cls, user: User | None, on: date) -> "OrganisationQuerySet":
        """Organisations that may be chosen; without a user (the command line) all of them."""
        found = cls.all_places()
        return found if user is None else found.permitted_to(user, cls.permission, on=on)

    @classmethod
    def all_places(cls) -> "OrganisationQuerySet":
        return Organisation.objects.all()

    def asks(self) -> str:
        return str(self.places(self.user, self.on).query)

    def below(self, code: str) -> list[tuple[str, str]]:
        """The branches below an organisation that stand on this day, those the reader may choose."""
        places = self.places(self.user, self.on)
        chosen = places.filter(code=code).first()
        if chosen is None:
            return []
        branches = places.within(chosen).branches().active(on=self.on).exclude(pk=chosen.pk)
        return list(branches.in_tree_order().values_list("code", "name"))

    @classmethod
    def chosen(cls, user: User | None, cleaned: Cleaned, on: date) -> "OrganisationQuerySet":
        """Whose rows are shown: the organisation chosen with all below it, as far as the reader may see."""
        places = cls.places(user, on)
        return places.within(cleaned["organisation"]) if cleaned["organisation"] else places

    @classmethod
    def rows_of(cls, user: User | None, cleaned: Cleaned, on: date) -> Q:
        """Condition on rows with an `organisation`; none where the whole portal is asked for."""
        if user is None and not cleaned["organisation"]:
            return Q()
        return Q(organisation__in=cls.chosen(user, cleaned, on))

    @classmethod
    def place_name(cls, user: User | None, cleaned: Cleaned, on: date) -> str:
        """The organisation chosen, else the highest one that the reader may choose."""
        chosen: Any = cleaned["organisation"]
        if chosen is not None:
            return str(chosen.name)
        roots = cls.places(user, on).in_tree_order().values_list("name", flat=True)[:1]
        return next(iter(roots), "全部组织")


class PeriodField(forms.CharField):
    """A month, a quarter, half a year or a year; with `days` a single day too."""

    def __init__(self, *, days: bool = False, **options: Any) -> None:
        self.days = days
        shared = {"label": "期间", "max_length": 10 if days else 7, "help_text": PERIOD_HELP}
        super().__init__(**{**shared, **options})

    def clean(self, value: Any) -> str:
        period = str(super().clean(value)).strip().upper()
        if not period or (self.days and day_of(period)):
            return period
        try:
            days_of(period)
        except UnknownPeriod as unknown:
            raise forms.ValidationError(str(unknown)) from None
        return period


class Days(NamedTuple):
    """First and last day of what was asked for; `day`: the last one, or today while it still runs."""

    first: date
    last: date
    day: date


def asked_days(cleaned: Cleaned, on: date) -> Days:
    """Without a period: everything up to today."""
    period = cleaned["period"]
    if not period:
        return Days(date.min, date.max, on)
    single = day_of(period)
    first, last = (single, single) if single else days_of(period)
    return Days(first, last, min(last, on))


class PeriodFilterForm(ScopedFilterForm):
    """With the period whose rows are shown."""

    period = PeriodField()

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        self.fields["period"].initial = self.usual_period(on)

    def shortcuts(self) -> list[tuple[str, str]]:
        month, year = Month.of(self.on), self.on.year
        every = [] if self.fields["period"].required else [("全部", "")]
        return [
            *every,
            ("本月", str(month)),
            ("上月", str(month.plus(-1))),
            ("本季", f"{year}Q{(month.number + 2) // 3}"),
            ("本年", str(year)),
            ("上年", str(year - 1)),
        ]

    @classmethod
    def usual_period(cls, on: date) -> str:
        """What is shown when nobody asked; "" for every period."""
        return str(Month.of(on))

    @classmethod
    def heading(cls, user: User | None, cleaned: Cleaned, on: date) -> Heading:
        period = cleaned["period"]
        if not period:
            return day_heading(cls.place_name(user, cleaned, on), on)
        return Heading(cls.place_name(user, cleaned, on), period_label(period), period)


class DayFilterForm(ScopedFilterForm):
    """With the day as of which the rows hold; a period stands for its last day."""

    period = PeriodField(
        days=True,
        label="截至",
        help_text="2026-11-13（日）；写月、季、半年或年的（2026-10、2026Q3、2025），按其最后一天。",
    )

    def __init__(self, data: QueryDict | None = None, *, user: User | None, on: date) -> None:
        super().__init__(data, user=user, on=on)
        self.fields["period"].initial = f"{on:%Y-%m-%d}"

    def shortcuts(self) -> list[tuple[str, str]]:
        month = Month.of(self.on)
        return [
            ("今天", f"{self.on:%Y-%m-%d}"),
            ("上月末", str(month.plus(-1))),
            ("上年末", str(self.on.year - 1)),
        ]

    @classmethod
    def heading(cls, user: User | None, cleaned: Cleaned, on: date) -> Heading:
        return day_heading(cls.place_name(user, cleaned, on), asked_days(cleaned, on).day)


def day_heading(place: str, day: date) -> Heading:
    return Heading(place, f"{day.year} 年 {day.month} 月 {day.day} 日", f"{day:%Y-%m-%d}")


def names_on_day(day: date) -> Mapping[int, str]:
    """The names that organisations bore on that day and changed after it; one statement."""
    renamed = OrganisationEvent.objects.standing().filter(kind=OrganisationEventKind.RENAMED, on__gt=day)
    # The latest first: what the earliest change says stands last.
    return dict(renamed.order_by("-on", "-pk").values_list("organisation", "before"))


def known_by(on: date, *, entered: str = "entered_at", cancelled: str = "cancelled_at") -> Q:
    """Entered by the end of that day, and not taken back by then."""
    after = timezone.make_aware(datetime.combine(on + timedelta(days=1), time()))
    standing = Q(**{cancelled: None}) | Q(**{f"{cancelled}__gte": after})
    return Q(**{f"{entered}__lt": after}) & standing
