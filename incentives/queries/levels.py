"""What data say of a person against the criteria of a level, and the lists behind every number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Max, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from branches.models import AccessGrant, Organisation, Post
from branches.rules import COMMITTEE_ROLES, GrantKind, Role
from errorbank.models import Finding, Recheck
from errorbank.rules import RecheckState, Severity
from incentives.models import ContributionEntry, LevelFact, LevelPolicy, LevelTerm, LevelYear
from incentives.queries.records import COUNTED, FIXER, PERSON
from incentives.rules.coefficients import Measured
from incentives.rules.honours import percent
from incentives.rules.levels import (
    BEST,
    ENTRY_KINDS,
    UNITS,
    Level,
    LevelCheck,
    LevelCode,
    Line,
    Number,
    Numbers,
    check_line,
    levels_of,
    missed_in_a_row,
    plain,
    shipped,
    years_held,
)
from incentives.sources import Held, measure
from periods.months import add_years
from records.models import Attendance
from records.rules import HOUR_KINDS
from reminders.models import ReminderItem
from reminders.rules import ItemState

PARTY_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
PASSED = Q(state=RecheckState.PASSED)
NO_ROWS = "还没有数据，不影响"
Spans = Mapping[int, date]


@dataclass(frozen=True)
class Standard:
    """The criteria of one version; `document` says where they stand."""

    levels: Mapping[LevelCode, Level]
    document: str
    note: str


def standard_of(place: Organisation, *, on: date) -> Standard:
    """That of the nearest organisation at or above, its latest by that day; else the shipped proposal."""
    rows = LevelPolicy.objects.filter(since__lte=on).select_related("organisation").order_by("since", "pk")
    held = [row for row in rows if place.path.startswith(row.organisation.path)]
    row = max(held, key=lambda one: (len(one.organisation.path), one.since), default=None)
    if row is not None:
        return Standard(levels_of(row.levels), f"《{row.document}》", row.note)
    given = shipped()
    return Standard(levels_of(given["levels"]), given["document"], given["note"])


def first_day(years: int, *, on: date) -> date:
    """0 years: everything."""
    return add_years(on, -years) + timedelta(days=1) if years else date.min


# --- the rows behind each number ----------------------------------------------------------------------


def due_items(user: User, since: date, until: date) -> QuerySet[ReminderItem]:
    found = ReminderItem.objects.filter(due_on__range=(since, until), state__in=sorted(COUNTED))
    return found.annotate(person=PERSON).filter(person=user.pk, due_on__gte=F("responsible_post__since"))


ON_TIME = Q(state=ItemState.DONE, done_on__lte=F("due_on"))


def done_rechecks(user: User, since: date, until: date) -> QuerySet[Recheck]:
    """A failure counts unless the branch had reported it itself."""
    failed = Q(state=RecheckState.FAILED, finding__self_reported=False)
    found = Recheck.objects.filter(PASSED | failed, done_on__range=(since, until))
    return found.annotate(person=FIXER).filter(person=user.pk)


def attended(user: User, since: date, until: date) -> QuerySet[Attendance]:
    return Attendance.objects.filter(
        member__user=user,
        present=True,
        record__cancelled_at=None,
        record__kind__in=sorted(HOUR_KINDS),
        record__hours__isnull=False,
        record__held_on__range=(since, until),
    )


def entries(user: User, check: LevelCheck, since: date, until: date) -> QuerySet[ContributionEntry]:
    kinds = sorted(ENTRY_KINDS[check])
    found = ContributionEntry.objects.standing().filter(user=user, kind__in=kinds)
    return found.filter(happened_on__range=(since, until))


def rotations(user: User, since: date, until: date) -> QuerySet[AccessGrant]:
    return AccessGrant.objects.filter(user=user, kind=GrantKind.ROTATION, since__range=(since, until))


def entered(user: User, check: LevelCheck, since: date, until: date) -> QuerySet[LevelFact]:
    found = LevelFact.objects.filter(user=user, check_code=check, taken_back_for="")
    return found.filter(happened_on__range=(since, until))


def posts_of(user: User, *, on: date) -> QuerySet[Post]:
    held = Q(user=user) | Q(member__user=user)
    return Post.objects.filter(held, role__in=sorted(PARTY_ROLES), since__lte=on)


def serious_findings(user: User, year: int) -> QuerySet[Finding]:
    """Main responsibility for a serious error; what a branch reported itself never counts."""
    person = Q(responsible_post__user=user) | Q(responsible_post__member__user=user)
    return Finding.objects.counted().filter(person, severity=Severity.SERIOUS, found_on__year=year)


# --- numbers ------------------------------------------------------------------------------------------


def _one(rows: QuerySet[Any], number: Any) -> Subquery:
    found = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=number)
    return Subquery(found.values("number"), output_field=DecimalField(max_digits=12, decimal_places=1))


def _parts(user: User, check: LevelCheck, since: date, until: date) -> dict[str, Subquery]:
    """What a check adds up, as expressions of one statement for all checks."""
    if check == LevelCheck.ON_TIME:
        rows: QuerySet[Any] = due_items(user, since, until)
        return {"every": _one(rows, Count("pk")), "good": _one(rows.filter(ON_TIME), Count("pk"))}
    if check == LevelCheck.RECHECKS:
        rows = done_rechecks(user, since, until)
        return {"every": _one(rows, Count("pk")), "good": _one(rows.filter(PASSED), Count("pk"))}
    total = Max("amount") if check in BEST else Sum("amount")
    found = {"entered": _one(entered(user, check, since, until), total)}
    if check == LevelCheck.HOURS:
        found["known"] = _one(attended(user, since, until), Sum("record__hours"))
    elif check == LevelCheck.ROTATION:
        found["known"] = _one(rotations(user, since, until), Count("pk"))
    elif check in ENTRY_KINDS:
        found["known"] = _one(entries(user, check, since, until), Count("pk"))
    return found


def numbers_of(user: User, level: Level, *, on: date) -> Numbers:
    """Of every criterion of the level; two statements."""
    wanted = {(one.check, one.years) for one in level.criteria}
    wanted |= {(one.either, one.years) for one in level.criteria if one.either}
    expressions = {
        f"{check.value}_{years}_{part}": Coalesce(expression, Value(Decimal(0)))
        for check, years in wanted
        if check != LevelCheck.YEARS
        for part, expression in _parts(user, check, first_day(years, on=on), on).items()
    }
    row: dict[str, Any] = dict(User.objects.filter(pk=user.pk).values(**expressions).get())
    return {(check, years): _number(user, check, years, row, on) for check, years in wanted}


def _number(user: User, check: LevelCheck, years: int, row: Mapping[str, Decimal], on: date) -> Number:
    if check == LevelCheck.YEARS:
        spans = posts_of(user, on=on).values_list("since", "until")
        value = years_held([(since, min(until or on, on)) for since, until in spans])
        return Number(value, f"任职共 {plain(value)} 年")
    part = {name: row.get(f"{check.value}_{years}_{name}", Decimal(0)) for name in PARTS}
    if check in {LevelCheck.ON_TIME, LevelCheck.RECHECKS}:
        return _rate(check, int(part["every"]), int(part["good"]))
    value = part["known"] + part["entered"]
    return Number(value, f"{plain(value)} {UNITS[check]}" if value else "还没有记录")


PARTS = ("every", "good", "known", "entered")


def _rate(check: LevelCheck, every: int, good: int) -> Number:
    said = ("应办", "按时", "项") if check == LevelCheck.ON_TIME else ("复查", "通过", "次")
    value = percent(good, every)
    if value is None:
        return Number(None, NO_ROWS)
    return Number(value, f"{said[0]} {every} {said[2]}，{said[1]} {good} {said[2]}，{plain(value)}%")


def lines_for(user: User, level: Level, *, on: date) -> list[Line]:
    numbers = numbers_of(user, level, on=on)
    return [check_line(one, numbers) for one in level.criteria]


def evidence_pack(
    user: User, place: Organisation, level: Level, standard: Standard, on: date
) -> dict[str, Any]:
    """Assembled from the data as of that day; texts only."""
    return {
        "level": level.name,
        "person": user.name,
        "organisation": place.name,
        "on": on.isoformat(),
        "document": standard.document,
        "criteria": [
            {
                "check": line.criterion.check.value,
                "words": line.criterion.words,
                "origin": line.criterion.origin.value,
                "verdict": line.verdict.value,
                "data": line.data,
                "missing": line.missing,
            }
            for line in lines_for(user, level, on=on)
        ],
    }


# --- the list behind a number -------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """`counts`: what it adds, in words."""

    day: date
    words: str
    counts: str
    url: str = ""
    source: str = ""
    fact: int | None = None


def rows_behind(user: User, check: LevelCheck, years: int, *, on: date) -> list[Row]:
    """What the portal knows and what staff entered, the latest first."""
    since = first_day(years, on=on)
    found = _known_rows(user, check, since, on)
    for fact in entered(user, check, since, on):
        counts = f"{plain(fact.amount)} {UNITS[check]}"
        found.append(Row(fact.happened_on, fact.words, counts, source=fact.source, fact=fact.pk))
    return sorted(found, key=lambda row: row.day, reverse=True)


def _known_rows(user: User, check: LevelCheck, since: date, on: date) -> list[Row]:
    if check == LevelCheck.ON_TIME:
        return [_item_row(one) for one in due_items(user, since, on).select_related("version")]
    if check == LevelCheck.RECHECKS:
        return [_recheck_row(one) for one in done_rechecks(user, since, on).select_related("finding")]
    if check == LevelCheck.HOURS:
        rows = attended(user, since, on).select_related("record")
        return [
            Row(r.record.held_on, r.record.title, f"{plain(r.record.hours or Decimal(0))} 学时") for r in rows
        ]
    if check == LevelCheck.ROTATION:
        held = rotations(user, since, on).select_related("organisation")
        return [Row(one.since, f"轮训检查{one.organisation.name}", "1 次") for one in held]
    if check == LevelCheck.YEARS:
        posts = posts_of(user, on=on).select_related("organisation")
        return [_post_row(post, on) for post in posts]
    if check in ENTRY_KINDS:
        rows_of = entries(user, check, since, on)
        return [Row(e.happened_on, e.words, f"1 {UNITS[check]}", e.url) for e in rows_of]
    return []


def _item_row(item: ReminderItem) -> Row:
    if item.state == ItemState.DONE and item.done_on is not None:
        said = "按时办结" if item.done_on <= item.due_on else "超过时限办结"
    else:
        said = "还没有办结"
    return Row(item.due_on, item.version.name, said, reverse("reminders:item_detail", args=[item.pk]))


def _recheck_row(one: Recheck) -> Row:
    url = reverse("errorbank:finding_detail", args=[one.finding_id])
    return Row(one.done_on or one.due_on, one.finding.problem, one.get_state_display(), url)


def _post_row(post: Post, on: date) -> Row:
    last = f"至 {post.until.isoformat()}" if post.until and post.until <= on else "至今"
    return Row(post.since, f"{post.organisation.name}{post.get_role_display()}", last)


# --- the level in the annual record -------------------------------------------------------------------


@measure("level")
def level_coefficients(people: Mapping[int, Organisation], year: int, until: date) -> Held:
    """The level held on the last day of the record; one statement."""
    terms = LevelTerm.objects.at(until).filter(user__in=list(people))
    return {
        term.user_id: Measured(
            term.coefficient,
            f"{term.get_level_display()}（{term.since.isoformat()} 起）",
            reverse("incentives:level_mine"),
        )
        for term in terms
    }


def term_of(user: User, *, on: date) -> LevelTerm | None:
    return LevelTerm.objects.at(on).filter(user=user).order_by("-since", "-pk").first()


def missed_years(term: LevelTerm) -> tuple[int, ...]:
    """Two years in a row that this level missed, else nothing."""
    known = LevelYear.objects.filter(term__user=term.user_id, term__level=term.level)
    met = {row.year: row.met for row in known}
    return missed_in_a_row([y for y, ok in met.items() if not ok], [y for y, ok in met.items() if ok])
