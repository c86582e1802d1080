"""Reads of outputs: the library, one output with what this person may do, and what goes into a booklet."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from branches.models import Organisation, Post
from branches.models.organisation import OrganisationQuerySet
from branches.rules import EXCLUSIVE_ROLES
from periods.months import Month
from training.models import Output, OutputAuthor, OutputPick, OutputUse, OutputVersion
from training.models.outputs import REVIEW_OUTPUT, SUBMIT_OUTPUT, VIEW_OUTPUT, OutputQuerySet
from training.rules.outputs import UNDECIDED, OutputKind, OutputState

# Words of a search beyond these narrow nothing further.
MOST_WORDS = 5


@dataclass(frozen=True)
class Asked:
    """What the library is asked for; empty narrows nothing."""

    question: str = ""
    kind: str = ""
    topic: str = ""
    year: int | None = None


def library_of(user: User, asked: Asked, *, on: date) -> OutputQuerySet:
    """The latest first, with how many branches use each."""
    found = matching(Output.objects.in_library(user, on=on), asked)
    listed = found.select_related("organisation", "published").prefetch_related("published__authors__user")
    return listed.annotate(use_count=Count("uses")).order_by("-first_published_on", "-pk")


def matching(found: OutputQuerySet, asked: Asked) -> OutputQuerySet:
    """Every word of the question stands in the name, the text, or is an author's name."""
    found = found.filter(kind=asked.kind) if asked.kind else found
    found = found.filter(topic=asked.topic) if asked.topic else found
    found = found.filter(first_published_on__year=asked.year) if asked.year else found
    for word in asked.question.split()[:MOST_WORDS]:
        by_name = OutputAuthor.objects.filter(user__name__icontains=word).values("version")
        text = Q(published__summary__icontains=word) | Q(published__body__icontains=word)
        found = found.filter(text | Q(title__icontains=word) | Q(published__in=by_name))
    return found


def picks_of(user: User, *, on: date) -> list[OutputPick]:
    """The pick of this month, one for each library the person reads."""
    shown = Output.objects.in_library(user, on=on)
    picks = OutputPick.objects.filter(month=on.replace(day=1), output__in=shown)
    return list(picks.select_related("output__organisation", "library").order_by("library__code"))


def own_undecided(user: User) -> list[OutputVersion]:
    """What the person writes or is named in and is not decided yet."""
    mine = Output.objects.written_by(user)
    rows = OutputVersion.objects.filter(output__in=mine, state__in=sorted(UNDECIDED))
    return list(rows.select_related("output").order_by("-made_at", "-pk"))


def versions_to_review(user: User, *, on: date) -> list[OutputVersion]:
    places = Output.objects.to_review(user, on=on)
    rows = OutputVersion.objects.filter(output__in=places, state=OutputState.REVIEW)
    return list(rows.select_related("output__organisation").order_by("made_at", "pk"))


def users_places(output: Output, user: User, *, on: date) -> OrganisationQuerySet:
    """Branches of the library for which the person may say that they use it."""
    places = Organisation.objects.permitted_to(user, SUBMIT_OUTPUT, on=on).active(on=on).branches()
    return places.within(output.library).exclude(pk=output.organisation_id).in_tree_order()


@dataclass
class OutputPage:
    output: Output
    # The text that is shown, and the one in the making, which authors and reviewers alone see.
    shown: OutputVersion
    undecided: OutputVersion | None
    authors: list[OutputAuthor]
    uses: list[OutputUse]
    draft_authors: list[OutputAuthor] = field(default_factory=list)
    past: list[OutputVersion] = field(default_factory=list)
    is_author: bool = False
    may_review: bool = False
    may_pick: bool = False
    may_use: bool = False
    own_places: frozenset[int] = frozenset()

    @property
    def is_own_draft(self) -> bool:
        return self.is_author and self.undecided is not None and self.undecided.is_writable

    @property
    def is_used(self) -> bool:
        """By every branch this person answers for."""
        return bool(self.own_places) and self.own_places <= {use.organisation_id for use in self.uses}

    def asks(self, user: User) -> bool:
        """Whether this author is asked to agree now."""
        waits = self.undecided is not None and self.undecided.waits_for_authors
        return waits and any(row.user_id == user.pk and not row.agreed_on for row in self.draft_authors)


def output_page(output: Output, user: User, *, on: date) -> OutputPage:
    """One output as this person may see it."""
    versions = list(output.versions.select_related("made_by", "reviewed_by").order_by("-number"))
    rows = OutputAuthor.objects.filter(version__output=output).select_related("user").order_by("pk")
    names = list(rows)
    is_author = any(author.user_id == user.pk for author in names)
    reviews = (
        Organisation.objects.permitted_to(user, REVIEW_OUTPUT, on=on).filter(pk=output.library_id).exists()
    )
    undecided = next((row for row in versions if row.state in UNDECIDED), None)
    seen = undecided if is_author or (reviews and undecided and undecided.waits_for_review) else None
    shown = next((row for row in versions if row.pk == output.published_id), versions[0])
    own = frozenset(users_places(output, user, on=on).values_list("pk", flat=True))
    return OutputPage(
        output=output,
        shown=shown,
        undecided=seen,
        authors=[author for author in names if author.version_id == shown.pk],
        draft_authors=[author for author in names if seen and author.version_id == seen.pk],
        uses=list(output.uses.select_related("organisation").order_by("since", "pk")),
        past=[row for row in versions if row.state == OutputState.SUPERSEDED],
        is_author=is_author,
        may_review=bool(reviews and not is_author and seen),
        may_pick=reviews and output.published_id is not None,
        may_use=bool(own) and output.published_id is not None,
        own_places=own,
    )


def possible_authors(library: QuerySet[Organisation], *, on: date) -> QuerySet[User]:
    """Everybody who holds a post of party work in these organisations, by name."""
    held = Post.objects.at(on).filter(organisation__in=library).exclude(role__in=sorted(EXCLUSIVE_ROLES))
    mine = Q(pk__in=held.values("user")) | Q(member__pk__in=held.values("member"))
    return User.objects.filter(mine, is_active=True).order_by("name", "pk")


def libraries_of(user: User, *, on: date) -> OrganisationQuerySet:
    """General branches whose library the person reads."""
    places = Organisation.objects.permitted_to(user, VIEW_OUTPUT, on=on)
    kept = Output.objects.filter(published__isnull=False).values("library")
    return Organisation.objects.filter(
        Q(pk__in=places) | Q(pk__in=places.values("parent")), pk__in=kept
    ).in_tree_order()


@dataclass(frozen=True)
class Chapter:
    number: int
    kind: OutputKind
    outputs: list[Output]


def chapters_of(library: Organisation, *, year: int | None, topic: str) -> list[Chapter]:
    """The published outputs of a booklet by kind, in the order they came into the library."""
    found = matching(
        Output.objects.filter(library=library, published__isnull=False), Asked("", "", topic, year)
    )
    rows = found.select_related("organisation", "published").prefetch_related(
        "published__authors__user", "uses__organisation"
    )
    by_kind: dict[str, list[Output]] = defaultdict(list)
    for output in rows.order_by("first_published_on", "pk"):
        by_kind[output.kind].append(output)
    kinds = [kind for kind in OutputKind if by_kind[kind]]
    return [Chapter(number, kind, by_kind[kind]) for number, kind in enumerate(kinds, 1)]


@dataclass(frozen=True)
class BriefFacts:
    pick: OutputPick | None
    added: list[Output]
    uses: list[OutputUse]

    @property
    def is_empty(self) -> bool:
        return not (self.pick or self.added or self.uses)


def brief_facts(library: Organisation, month: Month) -> BriefFacts:
    """What a month brought to a library: the pick, what came in, who began to use what."""
    days = (month.first, month.last)
    picks = OutputPick.objects.filter(library=library, month=month.first)
    added = Output.objects.filter(library=library, first_published_on__range=days)
    uses = OutputUse.objects.filter(output__library=library, since__range=days)
    return BriefFacts(
        picks.select_related("output__organisation", "output__published").first(),
        list(
            added.select_related("organisation", "published")
            .prefetch_related("published__authors__user")
            .order_by("first_published_on", "pk")
        ),
        list(uses.select_related("organisation", "output").order_by("since", "pk")),
    )
