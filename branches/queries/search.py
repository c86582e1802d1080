"""Finding people, organisations, recruiting cases and accounts by words; and what every search shares.

Each kind begins with what its model lets the reader see. All kinds of this app, and those of apps above that
are asked together with them, come in one statement.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from branches.access import may
from branches.models import DevelopmentCase, Member, Membership, Organisation
from branches.queries.development import next_words
from branches.queries.reach import MANAGING, accounts_managed_by
from branches.rules import MemberStatus, OrganisationKind
from branches.rules.search import Word

# A number beyond it is said as “99+”: nobody reads so many, and counting them costs.
COUNTED = 99
M = TypeVar("M", bound=Model)
NO_TEXT = Value("", output_field=CharField())
_NO_DAY = Cast(Value(None), DateField())


@dataclass(frozen=True)
class HitKind:
    code: str
    label: str
    icon: str


@dataclass(frozen=True)
class Hit:
    """One thing found. `note` is a second text in which words may stand, `fact` one thing worth knowing."""

    title: str
    url: str
    note: str = ""
    place: str = ""
    fact: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Found:
    """The hits of one kind as far as they were asked for; `more`: there are others after them."""

    kind: HitKind
    hits: tuple[Hit, ...]
    more: bool = False


@dataclass(frozen=True)
class Cut:
    """Which hits are wanted: of every kind or of one, from which on, and how many."""

    kind: str = ""
    start: int = 0
    limit: int = COUNTED

    def wants(self, kind: HitKind) -> bool:
        return self.kind in ("", kind.code)

    def of(self, rows: QuerySet[M]) -> QuerySet[M]:
        """These rows, and one more that tells whether there are others."""
        return rows[self.start : self.start + self.limit + 1]

    def found(self, kind: HitKind, hits: Iterable[Hit]) -> Found:
        """From what `of` gave."""
        every = tuple(hits)
        return Found(kind, every[: self.limit], more=len(every) > self.limit)

    def cut(self, kind: HitKind, hits: Sequence[Hit]) -> Found:
        """From everything there is."""
        return self.found(kind, hits[self.start : self.start + self.limit + 1])


Asked = Callable[[Word], Q]
Finder = Callable[[User, Sequence[Word], date, Cut], list[Found]]

MEMBERS = HitKind("members", "党员", "users")
ORGANISATIONS = HitKind("organisations", "组织", "network")
CASES = HitKind("cases", "发展党员", "user-plus")
ACCOUNTS = HitKind("accounts", "账号", "key-round")


def written(*columns: str) -> Asked:
    """The word stands in one of these columns; % and _ are letters like others."""

    def asked(word: Word) -> Q:
        return reduce(or_, (Q(**{f"{c}__icontains": form}) for c in columns for form in word.forms))

    return asked


def holding(words: Sequence[Word], own: Asked, place: Asked | None = None) -> Q:
    """Every word stands in the row itself or in where it belongs, and one at least in the row itself.

    Else the name of a branch would find everything that was ever asked of it.
    """
    itself = reduce(or_, (own(word) for word in words))
    if place is None or len(words) == 1:
        return reduce(and_, (own(word) for word in words))
    return itself & reduce(and_, (own(word) | place(word) for word in words))


def nearest_first(words: Sequence[Word], column: str) -> Case:
    """Who is called exactly so, then who is called so at the beginning, then the others."""
    forms = words[0].forms
    same = reduce(or_, (Q(**{f"{column}__iexact": form}) for form in forms))
    begins = reduce(or_, (Q(**{f"{column}__istartswith": form}) for form in forms))
    return Case(When(same, then=0), When(begins, then=1), default=2, output_field=IntegerField())


class Line(NamedTuple):
    """One row of any kind: the columns of the one statement."""

    kind: str
    rank: int
    pk: int
    title: str
    key: str
    place: str
    state: str
    step: int
    day: date | None
    text: str


@dataclass(frozen=True)
class Sought:
    """One kind: the rows that fit, in which order, what is read of them, and how a row is said."""

    kind: HitKind
    rows: QuerySet[Any]
    order: tuple[Any, ...]
    hit: Callable[[Line], Hit]
    title: str
    key: str
    place: Combinable = field(default=NO_TEXT)
    state: Combinable = field(default=NO_TEXT)
    step: Combinable = field(default=Value(0))
    day: Combinable = field(default=_NO_DAY)
    text: Combinable = field(default=NO_TEXT)

    def select(self, cut: Cut) -> QuerySet[Any, Any]:
        """The wanted rows alone, numbered in their order: SQLite sorts no part of a union."""
        wanted = cut.of(self.rows.order_by(*self.order).values("pk"))
        chosen: QuerySet[Any] = self.rows.model._default_manager.filter(pk__in=wanted).order_by()
        return chosen.values_list(
            Value(self.kind.code, output_field=CharField()),
            Window(RowNumber(), order_by=[*self.order]),
            "pk",
            self.title,
            self.key,
            self.place,
            self.state,
            self.step,
            self.day,
            self.text,
        )


def find_at_once(every: Iterable[Sought], cut: Cut) -> list[Found]:
    """What is wanted of these kinds, in one statement."""
    sought = [one for one in every if cut.wants(one.kind)]
    if not sought:
        return []
    first, *others = (one.select(cut) for one in sought)
    lines: dict[str, list[Line]] = defaultdict(list)
    for row in first.union(*others, all=True) if others else first:
        lines[row[0]].append(Line(*row))
    return [
        cut.found(one.kind, map(one.hit, sorted(lines[one.kind.code], key=lambda line: line.rank)))
        for one in sought
    ]


def sought_in_branches(user: User, words: Sequence[Word], on: date) -> Iterator[Sought]:
    """Members, organisations, recruiting cases, accounts: those the reader may see."""
    if may(user, "branches.view_member", on=on):
        yield _members(user, words, on)
    if may(user, "branches.view_organisation", on=on):
        yield _organisations(user, words, on)
    if may(user, "branches.view_development", on=on):
        yield _cases(user, words, on)
    if may(user, MANAGING, on=on):
        yield _accounts(user, words, on)


def _span(column: str, member: str, on: date) -> Subquery:
    """Of the span that says where a person belongs."""
    spans = Membership.objects.decisive(on).filter(member=OuterRef(member)).order_by()
    return Subquery(spans.values(column)[:1])


def _belonging(member: str, on: date) -> Asked:
    def asked(word: Word) -> Q:
        spans = Membership.objects.decisive(on).filter(written("organisation__name")(word))
        return Q(**{f"{member}__in": spans.values("member")})

    return asked


def _members(user: User, words: Sequence[Word], on: date) -> Sought:
    own = written("name", "code")
    seen = Member.objects.visible_to(user, on=on)
    return Sought(
        kind=MEMBERS,
        rows=seen.filter(holding(words, own, _belonging("pk", on))),
        order=(nearest_first(words, "name"), "code"),
        hit=_member_hit,
        title="name",
        key="code",
        place=_span("organisation__name", "pk", on),
        state=_span("status", "pk", on),
    )


def _member_hit(line: Line) -> Hit:
    return Hit(
        title=line.title,
        url=reverse("branches:member_detail", args=[line.pk]),
        note=f"名册编号 {line.key}",
        place=line.place,
        fact=MemberStatus(line.state).label if line.state else "",
    )


def _organisations(user: User, words: Sequence[Word], on: date) -> Sought:
    seen = Organisation.objects.visible_to(user, on=on)
    gone = Case(When(dissolved_on__lte=on, then=1), default=0, output_field=IntegerField())
    return Sought(
        kind=ORGANISATIONS,
        rows=seen.filter(holding(words, written("name", "code"))),
        order=(gone, nearest_first(words, "name"), "level", "code"),
        hit=_organisation_hit,
        title="name",
        key="code",
        # As on its page: a superior is named to who may see it.
        place=Coalesce(Subquery(seen.filter(pk=OuterRef("parent")).values("name")[:1]), NO_TEXT),
        state=F("kind"),
        step=gone,
    )


def _organisation_hit(line: Line) -> Hit:
    return Hit(
        title=line.title,
        url=reverse("branches:organisation_detail", args=[line.pk]),
        note=f"编号 {line.key}",
        place=line.place,
        fact="已撤销" if line.step else OrganisationKind(line.state).label,
        tone="off" if line.step else "",
    )


def _cases(user: User, words: Sequence[Word], on: date) -> Sought:
    own = written("member__name", "member__code")
    seen = DevelopmentCase.objects.visible_to(user, on=on)
    closed = Case(When(closed_on=None, then=0), default=1, output_field=IntegerField())
    return Sought(
        kind=CASES,
        rows=seen.filter(holding(words, own, _belonging("member", on))),
        order=(closed, nearest_first(words, "member__name"), "member__code", "pk"),
        hit=lambda line: _case_hit(line, on),
        title="member__name",
        key="member__code",
        place=Coalesce(_span("organisation__name", "member", on), NO_TEXT),
        state=F("state"),
        step=Coalesce(F("next_step"), 0, output_field=IntegerField()),
        day=Case(When(closed_on=None, then=F("next_due_on")), default=F("closed_on")),
    )


def _case_hit(line: Line, on: date) -> Hit:
    stands = DevelopmentCase(state=line.state, next_step=line.step or None, closed_on=line.day)
    return Hit(
        title=line.title,
        url=reverse("branches:development_detail", args=[line.pk]),
        note=f"名册编号 {line.key}",
        place=line.place,
        fact=next_words(stands, on),
    )


def _accounts(user: User, words: Sequence[Word], on: date) -> Sought:
    return Sought(
        kind=ACCOUNTS,
        rows=accounts_managed_by(user, on=on).filter(holding(words, written("name", "username"))),
        order=(nearest_first(words, "name"), "username"),
        hit=_account_hit,
        title="name",
        key="username",
        step=Case(When(is_active=True, then=1), default=0, output_field=IntegerField()),
    )


def _account_hit(line: Line) -> Hit:
    return Hit(
        title=line.title,
        url=f"{reverse('branches:account_list')}?{urlencode({'q': line.key})}",
        note=f"登录名 {line.key}",
        fact="启用" if line.step else "已停用",
        tone="" if line.step else "off",
    )
