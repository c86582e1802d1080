"""Where contributions come from: a registry of readers, each of what one app keeps. Leaf.

A reader yields every fact since a day. What it no longer yields is taken back by a counter-entry, so a
reader must yield the same fact under the same key as long as it stands.

An app above this one (training: sessions led, mentoring, contests, outputs reused) decorates its reader with
@source("session") in a module of its own that its AppConfig.ready imports, with the kind out of EntryKind and
keys such as "session:12". Nothing else is needed: the nightly run, the counter-entries and the pages read the
registry. A person's nomination for the same thing is then declined by whoever decides it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind
from errorbank.models import EntryVersion, Finding, Recheck
from errorbank.rules import RecheckState, VersionState
from incentives.rules.coefficients import Measured
from incentives.rules.contributions import EntryKind
from reminders.demand_rules import DemandState
from reminders.models import OutsideDemand, ReminderItem
from reminders.rules import Category, ItemState
from training.models import OutputUse, Pair, Session, Work
from training.rules.mentors import topic_names
from training.rules.outputs import OutputState

LONGEST = 200
# Elections, recruiting and what an inspection tour left to mend ask for more than routine does.
HARD = frozenset({Category.ORGANIZATION, Category.RECRUITMENT, Category.SPECIAL})


@dataclass(frozen=True)
class Fact:
    """One contribution as its source has it; `key` is unique over all sources."""

    key: str
    user: int
    organisation: int
    happened_on: date
    kind: EntryKind
    words: str
    url: str


Reader = Callable[[date], Iterator[Fact]]
SOURCES: dict[str, Reader] = {}


def source(name: str) -> Callable[[Reader], Reader]:
    """Register a reader; its keys begin with the name and a colon."""

    def register(reader: Reader) -> Reader:
        SOURCES[name] = reader
        return reader

    return register


def facts(since: date) -> Iterator[Fact]:
    """Everything that happened since that day, in the order of the registry."""
    for reader in SOURCES.values():
        yield from reader(since)


@source("item")
def closed_items(since: date) -> Iterator[Fact]:
    """Items closed by a person; those that a fact closed by itself are nobody's work of that day."""
    found = ReminderItem.objects.filter(
        state=ItemState.DONE, done_by__isnull=False, settled_by="", done_on__gte=since
    ).values_list(
        "pk", "done_by", "organisation", "done_on", "version__category", "version__name", "subject_name"
    )
    for pk, user, place, day, category, name, subject in found.order_by("pk").iterator():
        kind = EntryKind.HARD_ITEM if category in HARD else EntryKind.ITEM
        words = f"{name}（{subject}）" if subject else name
        yield Fact(
            f"item:{pk}",
            user,
            place,
            cast(date, day),
            kind,
            words,
            reverse("reminders:item_detail", args=[pk]),
        )


@source("recheck")
def passed_rechecks(since: date) -> Iterator[Fact]:
    """For whoever answered for the rectification."""
    found = (
        Recheck.objects.filter(state=RecheckState.PASSED, done_on__gte=since)
        .annotate(
            person=Coalesce("finding__responsible_post__user", "finding__responsible_post__member__user")
        )
        .exclude(person=None)
        .values_list(
            "pk", "person", "finding__organisation", "done_on", "finding", "finding__problem", "stage"
        )
    )
    for pk, user, place, day, finding, problem, stage in found.order_by("pk").iterator():
        words = f"第 {stage} 次复查通过：{problem}"[:LONGEST]
        url = reverse("errorbank:finding_detail", args=[finding])
        yield Fact(f"recheck:{pk}", user, place, cast(date, day), EntryKind.RECHECK, words, url)


@source("error_entry")
def adopted_entries(since: date) -> Iterator[Fact]:
    """Wordings of the organisation's own entries that a person wrote and another published."""
    found = (
        EntryVersion.objects.filter(
            state__in=[VersionState.PUBLISHED, VersionState.SUPERSEDED],
            entry__organisation__isnull=False,
            entry__retired_at=None,
            reviewed_at__date__gte=since,
            made_by__isnull=False,
        )
        .exclude(made_by=F("reviewed_by"))
        .values_list("pk", "made_by", "entry__organisation", "reviewed_at", "entry", "problem")
    )
    for pk, user, place, at, entry, problem in found.order_by("pk").iterator():
        url, day = reverse("errorbank:entry_detail", args=[entry]), timezone.localtime(at).date()
        yield Fact(f"error_entry:{pk}", user, place, day, EntryKind.ERROR_ENTRY, problem, url)


@source("session")
def led_sessions(since: date) -> Iterator[Fact]:
    """Sessions that were held, for the account of who led them."""
    found = Session.objects.held().filter(leader__isnull=False, held_on__gte=since)
    rows = found.values_list("pk", "leader", "organisation", "held_on", "title")
    for pk, user, place, day, title in rows.order_by("pk").iterator():
        url = reverse("training:session_detail", args=[pk])
        yield Fact(f"session:{pk}", user, place, day, EntryKind.SESSION, title, url)


@source("mentor")
def ended_pairs(since: date) -> Iterator[Fact]:
    """For the mentor once a pair that talked has ended; the pupil's name stays in the pair."""
    found = Pair.objects.filter(ended_on__gte=since, talks__isnull=False).distinct().order_by("pk")
    for pk, user, place, day, goals in found.values_list(
        "pk", "mentor", "organisation", "ended_on", "goals"
    ).iterator():
        words, url = f"结对帮带：{topic_names(goals)}", reverse("training:pair_detail", args=[pk])
        yield Fact(f"mentor:{pk}", user, place, cast(date, day), EntryKind.MENTORING, words, url)


@source("rotation")
def rotation_findings(since: date) -> Iterator[Fact]:
    """Findings written down by whoever inspected on rotation there that day."""
    held = AccessGrant.objects.filter(
        Q(organisation=OuterRef("organisation")) | Q(organisation=OuterRef("organisation__parent")),
        user=OuterRef("made_by"),
        kind=GrantKind.ROTATION,
        since__lte=OuterRef("found_on"),
        until__gte=OuterRef("found_on"),
    )
    found = Finding.objects.filter(Exists(held), found_on__gte=since, self_reported=False)
    rows = found.values_list("pk", "made_by", "organisation", "found_on", "problem")
    for pk, user, place, day, problem in rows.order_by("pk").iterator():
        url = reverse("errorbank:finding_detail", args=[pk])
        yield Fact(f"rotation:{pk}", user, place, day, EntryKind.ROTATION, problem, url)


@source("demand")
def adopted_demands(since: date) -> Iterator[Fact]:
    """What a person named as a burden and another took up; anonymous letters have no name and no entry."""
    found = (
        OutsideDemand.objects.filter(
            state=DemandState.STANDING, decided_by__isnull=False, follows=None, since__gte=since
        )
        .exclude(decided_by=F("made_by"))
        .values_list("pk", "made_by", "organisation", "since", "name")
    )
    for pk, user, place, day, name in found.order_by("pk").iterator():
        url = reverse("burden:demand_detail", args=[pk])
        yield Fact(f"demand:{pk}", user, place, day, EntryKind.DEMAND, name, url)


Held = Mapping[int, Measured]
MeasureReader = Callable[[Mapping[int, Organisation], int, date], Held]
MEASURES: dict[str, MeasureReader] = {}


def measure(name: str) -> Callable[[MeasureReader], MeasureReader]:
    """Register what is known of people from elsewhere in this app: "level", "satisfaction".

    A reader takes the people with their organisations, the year and its last day; whom it leaves out has no
    data and counts 1.00. For "level" the value is the coefficient and the words its name.
    """

    def register(reader: MeasureReader) -> MeasureReader:
        MEASURES[name] = reader
        return reader

    return register


def measured(name: str, people: Mapping[int, Organisation], year: int, until: date) -> Held:
    reader = MEASURES.get(name)
    return reader(people, year, until) if reader else {}


@source("output")
def used_outputs(since: date) -> Iterator[Fact]:
    """For the authors of what was published when another branch said what it changed; once a branch.

    An author of several versions is counted once for a branch: the key is the same.
    """
    rows = (
        OutputUse.objects.filter(
            said_on__gte=since,
            output__versions__reviewed_on__lte=F("said_on"),
            output__versions__state__in=[OutputState.PUBLISHED, OutputState.SUPERSEDED],
        )
        .values_list(
            "pk",
            "output__versions__authors__user",
            "output__organisation",
            "said_on",
            "output",
            "output__title",
            "said_by",
        )
        .distinct()
    )
    for use, user, place, day, output, title, said_by in rows.order_by(
        "pk", "output__versions__authors__user"
    ):
        # Nobody is credited for the own word.
        if user == said_by:
            continue
        url = reverse("training:output_detail", args=[output])
        yield Fact(f"output:{use}:{user}", user, place, day, EntryKind.OUTPUT, title, url)


@source("contest")
def awarded_works(since: date) -> Iterator[Fact]:
    """For every author of a work that was awarded, on the day the result was published."""
    rows = Work.objects.awarded().filter(contest__published_on__gte=since, authors__isnull=False)
    for pk, user, place, day, title, contest, key, rank in rows.order_by("pk", "authors__user").values_list(
        "pk",
        "authors__user",
        "organisation",
        "contest__published_on",
        "title",
        "contest__title",
        "key",
        "place",
    ):
        words = f"{contest}第 {rank} 名：{title}"[:LONGEST]
        url = reverse("training:work_detail", args=[key])
        yield Fact(f"contest:{pk}:{user}", user, place, cast(date, day), EntryKind.CONTEST, words, url)
