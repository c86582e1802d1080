"""One person's levels as the page shows them, and the people whose levels one keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from branches.models import Organisation, Post
from branches.rules import Role
from incentives.models import LevelCase, LevelTerm, LevelWarning, LevelYear
from incentives.models.contributions import VIEW_RECORD
from incentives.queries.levels import PARTY_ROLES, Standard, lines_for, missed_years, standard_of
from incentives.rules.levels import RUNNING_LEVELS, Level, LevelCode, Line, may_renew, missing_of, next_code

# Not the administrator, nor who receives anonymous letters.
PANEL_ROLES = PARTY_ROLES | {Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF}


@dataclass(frozen=True)
class Person:
    user: User
    organisation: Organisation


@dataclass(frozen=True)
class Rights:
    """What the reader may do on this person's page."""

    apply: str
    keep: bool
    check_years: Sequence[int]
    warn: bool


@dataclass(frozen=True)
class LevelPage:
    """`level`: the one that is next, or the one held where it is the highest or due for renewal."""

    person: Person
    on: date
    standard: Standard
    level: Level
    lines: list[Line]
    terms: list[LevelTerm]
    cases: list[LevelCase]
    years: list[LevelYear]
    warning: LevelWarning | None
    rights: Rights

    @property
    def term(self) -> LevelTerm | None:
        return next((term for term in self.terms if term.ended_on is None), None)

    @property
    def missing(self) -> list[Line]:
        return missing_of(self.lines)

    @property
    def renews(self) -> bool:
        return self.term is not None and self.term.level == self.level.code

    @property
    def overdue(self) -> bool:
        return self.term is not None and self.term.until < self.on


def _holder(post: Post) -> User | None:
    return post.user or (post.member.user if post.member else None)


def people_for(user: User, permission: str, *, on: date) -> list[Person]:
    """Who keeps Party affairs where the reader has the permission, each once, by organisation and name."""
    places = Organisation.objects.permitted_to(user, permission, on=on)
    return _people(Post.objects.at(on).filter(organisation__in=places, role__in=sorted(PARTY_ROLES)))


def _people(posts: QuerySet[Post]) -> list[Person]:
    found: dict[int, Person] = {}
    rows = posts.select_related("organisation__parent", "user", "member__user").order_by("pk")
    for post in sorted(rows, key=lambda one: one.role != Role.WORKER):
        holder = _holder(post)
        if holder is not None:
            found.setdefault(holder.pk, Person(holder, post.organisation))
    return sorted(
        found.values(), key=lambda one: (one.organisation.level, one.organisation.code, one.user.name)
    )


def own_person(user: User, *, on: date) -> Person | None:
    """With the branch of one's own post, that of a worker first; None without a post."""
    posts = Post.objects.at(on).filter(role__in=sorted(PARTY_ROLES))
    mine = posts.filter(user=user) | posts.filter(member__user=user)
    return next((one for one in _people(mine) if one.user.pk == user.pk), None)


def person_for(reader: User, pk: int, permission: str, *, on: date) -> Person | None:
    if reader.pk == pk:
        return own_person(reader, on=on)
    return next((one for one in people_for(reader, permission, on=on) if one.user.pk == pk), None)


def level_page(person: Person, reader: User, *, keeps: bool, on: date) -> LevelPage:
    user = person.user
    terms = list(
        LevelTerm.objects.filter(user=user).select_related("warning__written_by").order_by("-since", "-pk")
    )
    held = next((term for term in terms if term.ended_on is None), None)
    standard = standard_of(person.organisation, on=on)
    level = standard.levels[_shown_code(held, on)]
    cases = list(LevelCase.objects.filter(user=user).order_by("-applied_on", "-pk"))
    past = any(term.since.year < on.year for term in terms)
    years = list(LevelYear.objects.filter(user=user).order_by("-year")) if past else []
    return LevelPage(
        person=person,
        on=on,
        standard=standard,
        level=level,
        lines=lines_for(user, level, on=on),
        terms=terms,
        cases=cases,
        years=years,
        warning=getattr(held, "warning", None) if held else None,
        rights=_rights(person, reader, keeps, held, cases, years, level, on),
    )


def _shown_code(held: LevelTerm | None, on: date) -> LevelCode:
    if held is None:
        return LevelCode.SPECIALIST
    above = next_code(held.level)
    if above is None or held.until < on:
        return LevelCode(held.level)
    return above


def _rights(
    person: Person,
    reader: User,
    keeps: bool,
    held: LevelTerm | None,
    cases: Sequence[LevelCase],
    years: Sequence[LevelYear],
    level: Level,
    on: date,
) -> Rights:
    own = person.user.pk == reader.pk
    running = any(case.state in RUNNING_LEVELS for case in cases)
    early = held is not None and held.level == level.code and not may_renew(held.until, on=on)
    known = {row.year for row in years}
    open_years = [y for y in (on.year - 2, on.year - 1) if held and held.since.year <= y and y not in known]
    warned = getattr(held, "warning", None) if held else None
    keep = keeps and not own
    return Rights(
        apply=str(level.code) if own and not running and not early else "",
        keep=keep,
        check_years=open_years if keep else (),
        warn=keep and held is not None and warned is None and bool(missed_years(held)),
    )


@dataclass(frozen=True)
class ListRow:
    person: Person
    term: LevelTerm | None
    case: LevelCase | None


def level_rows(reader: User, *, on: date) -> list[ListRow]:
    """By organisation and name, never by level; three statements."""
    people = people_for(reader, VIEW_RECORD, on=on)
    users = [one.user.pk for one in people]
    terms = {term.user_id: term for term in LevelTerm.objects.filter(user__in=users, ended_on=None)}
    running = LevelCase.objects.filter(user__in=users, state__in=sorted(RUNNING_LEVELS))
    cases = {case.user_id: case for case in running}
    return [ListRow(one, terms.get(one.user.pk), cases.get(one.user.pk)) for one in people]


def panel_for(case: LevelCase, *, on: date) -> list[Person]:
    """Who may sit on the panel: posts at the same general branch and above, and secretaries below it."""
    general = case.organisation.parent or case.organisation
    posts = Post.objects.at(on).filter(role__in=sorted(PANEL_ROLES))
    above = posts.filter(organisation__in=[general.pk, general.parent_id or general.pk])
    below = posts.filter(
        organisation__in=Organisation.objects.within(general),
        role__in=[Role.SECRETARY, Role.DEPUTY_SECRETARY],
    )
    return [one for one in _people(above | below) if one.user.pk != case.user_id]
