"""Entries as their pages show them: the list with its filters, one entry, what waits for review."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from branches.access import may
from branches.models import Organisation
from errorbank.action_titles import titles_of
from errorbank.models import EntryAction, EntryVersion, ErrorEntry, Finding
from errorbank.rules import UNSETTLED_STATES, ErrorCategory, Severity, Source, VersionState
from errorbank.rules.searching import words_of

VIEW, PROPOSE, PUBLISH = "errorbank.view_entry", "errorbank.propose_entry", "errorbank.publish_entry"
OWN, SHIPPED = "own", "shipped"
SCOPES = ((OWN, "本单位增加的"), (SHIPPED, "随系统提供的"))
UNREVIEWED = "unreviewed"
_IN_WORK = (VersionState.PROPOSED, VersionState.RETURNED)
_COMPARED = (
    "category",
    "source",
    "severity",
    "problem",
    "why_wrong",
    "wrong_example",
    "right_example",
    "measure",
    "recheck_method",
    "basis",
    "action_codes",
)


@dataclass(frozen=True)
class EntryFilter:
    """What the address asks for; a word nobody knows asks for nothing."""

    question: str = ""
    category: str = ""
    source: str = ""
    severity: str = ""
    action: str = ""
    scope: str = ""
    examples: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "EntryFilter":
        return cls(
            question=asked.get("q", "").strip()[:60],
            category=_known(asked.get("category", ""), ErrorCategory.values),
            source=_known(asked.get("source", ""), Source.values),
            severity=_known(asked.get("severity", ""), Severity.values),
            action=asked.get("action", "")[:60],
            scope=_known(asked.get("scope", ""), [scope for scope, _ in SCOPES]),
            examples=_known(asked.get("examples", ""), [UNREVIEWED]),
        )

    @property
    def is_narrowed(self) -> bool:
        return self != EntryFilter()

    @property
    def is_special(self) -> bool:
        """Whether one of the filters behind “more” is set."""
        return bool(self.source or self.action or self.scope or self.examples)

    def narrow(self, rows: QuerySet[ErrorEntry]) -> QuerySet[ErrorEntry]:
        for word in words_of(self.question):
            rows = rows.filter(published__search_text__contains=word)
        wanted = {"category": self.category, "source": self.source, "severity": self.severity}
        rows = rows.filter(**{f"published__{name}": value for name, value in wanted.items() if value})
        if self.action:
            linked = EntryAction.objects.filter(entry=OuterRef("pk"), action_code=self.action)
            rows = rows.filter(Exists(linked))
        if self.scope:
            rows = rows.filter(organisation__isnull=self.scope == SHIPPED)
        return rows.filter(published__examples_reviewed=False) if self.examples else rows


def _known(word: str, words: Collection[str]) -> str:
    return word if word in words else ""


def entries_of(user: User, asked: EntryFilter, *, on: date) -> QuerySet[ErrorEntry]:
    """What readers see: the published wordings, shipped ones first, each group by its code."""
    rows = asked.narrow(ErrorEntry.objects.reaching(user, VIEW, on=on).in_use())
    return rows.select_related("published", "organisation").order_by("organisation__path", "code")


def readable_entries(user: User, *, on: date) -> QuerySet[ErrorEntry]:
    """Published ones that reach the user; others for who reviews them or made a wording of them."""
    reached = ErrorEntry.objects.reaching(user, VIEW, on=on)
    mine = Exists(EntryVersion.objects.filter(entry=OuterRef("pk"), made_by=user))
    open_to_all = Q(published__isnull=False) | Q(mine)
    if may(user, PUBLISH, on=on):
        decided = ErrorEntry.objects.decided_by(user, on=on).values("pk")
        open_to_all |= Q(pk__in=decided)
    return reached.filter(open_to_all).select_related("published", "organisation")


def reviewable_versions(user: User, *, on: date) -> QuerySet[EntryVersion]:
    """Wordings people made that this person decides on, whatever became of them."""
    entries = ErrorEntry.objects.decided_by(user, on=on).values("pk")
    rows = EntryVersion.objects.filter(entry__in=entries)
    return rows.exclude(made_by=None).select_related("entry__published", "entry__organisation", "made_by")


def waiting_versions(user: User, *, on: date) -> QuerySet[EntryVersion]:
    """Wordings this person may publish or return, the oldest first."""
    rows = reviewable_versions(user, on=on).filter(state=VersionState.PROPOSED)
    return rows.order_by("made_at", "pk")


def own_proposals(user: User) -> QuerySet[EntryVersion]:
    """What this person proposed and is not decided, or came back."""
    rows = user.entry_versions.filter(state__in=_IN_WORK)
    return rows.select_related("entry").order_by("-made_at", "-pk")


def exported_entries(user: User, *, on: date) -> list[ErrorEntry]:
    """Everything this person may see and publish, as one sheet."""
    rows = ErrorEntry.objects.reaching(user, PUBLISH, on=on).in_use()
    return list(rows.select_related("published", "organisation").order_by("organisation__path", "code"))


def exporter_name(user: User, *, on: date) -> str:
    """The organisation that stands above a sheet."""
    first = Organisation.objects.permitted_to(user, PUBLISH, on=on).in_tree_order().first()
    return first.name if first else ""


def decides(entry: ErrorEntry, user: User, *, on: date) -> bool:
    """Whether this person publishes and retires what the entry says."""
    decided = ErrorEntry.objects.decided_by(user, on=on).filter(pk=entry.pk, retired_at=None)
    return may(user, PUBLISH, on=on) and decided.exists()


def wording_to_change(entry: ErrorEntry, user: User) -> EntryVersion:
    """What somebody begins with: their own wording that came back, else what readers see."""
    returned = entry.versions.filter(state=VersionState.RETURNED, made_by=user).first()
    return returned or entry.published or entry.versions.order_by("-number")[0]


@dataclass(frozen=True)
class Change:
    """One thing that two wordings say differently."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class VersionRow:
    version: EntryVersion
    changes: list[Change]


@dataclass(frozen=True)
class Seen:
    """How often the reader's organisations had it."""

    total: int
    own: int
    unsettled: int


@dataclass(frozen=True)
class EntryPage:
    """`shown` is the wording on the page: the published one, else the one in work."""

    shown: EntryVersion
    in_work: EntryVersion | None
    actions: list[tuple[str, str]]
    versions: list[VersionRow]
    seen: Seen


def entry_page(entry: ErrorEntry, user: User, *, on: date) -> EntryPage:
    versions = list(entry.versions.select_related("made_by", "reviewed_by").order_by("number"))
    in_work = next((v for v in versions if v.state in _IN_WORK), None)
    if in_work and not _shows(in_work, user, on=on):
        versions.remove(in_work)
        in_work = None
    shown = entry.published or in_work or versions[-1]
    titles = titles_of({code for version in versions for code in version.action_codes})
    told = [version for version in versions if version.state != VersionState.DRAFT]
    rows = [VersionRow(first, []) for first in told[:1]]
    rows += [VersionRow(new, changes_between(old, new, titles)) for old, new in pairwise(told)]
    return EntryPage(
        shown=shown,
        in_work=in_work,
        actions=[(code, titles[code]) for code in shown.action_codes if code in titles],
        versions=rows[::-1],
        seen=seen_by(entry, user, on=on),
    )


def _shows(version: EntryVersion, user: User, *, on: date) -> bool:
    """What is not decided yet is between who proposed it and who decides."""
    if version.made_by == user:
        return True
    return may(user, PUBLISH, on=on) and reviewable_versions(user, on=on).filter(pk=version.pk).exists()


def seen_by(entry: ErrorEntry, user: User, *, on: date) -> Seen:
    """Only of organisations whose findings the reader may see; one statement."""
    found = Finding.objects.visible_to(user, on=on).filter(entry=entry)
    counts = found.aggregate(
        total=Count("pk"),
        own=Count("pk", filter=Q(self_reported=True)),
        unsettled=Count("pk", filter=Q(state__in=sorted(UNSETTLED_STATES))),
    )
    return Seen(**counts)


def changes_between(
    old: EntryVersion | None, new: EntryVersion, titles: Mapping[str, str] | None = None
) -> list[Change]:
    """What `new` says otherwise; against nothing, all that it says."""
    names = titles or {}
    fields = {field.name: str(field.verbose_name) for field in EntryVersion._meta.fields}
    pairs = ((fields[name], _words(old, name, names), _words(new, name, names)) for name in _COMPARED)
    return [Change(*pair) for pair in pairs if pair[1] != pair[2]]


def _words(version: EntryVersion | None, name: str, titles: Mapping[str, str]) -> str:
    if version is None:
        return ""
    if name == "basis":
        return "；".join(basis_words(basis) for basis in version.basis)
    if name == "action_codes":
        return "、".join(titles.get(code, code) for code in version.action_codes)
    label = getattr(version, f"get_{name}_display", None)
    return str(label() if label else getattr(version, name))


def basis_words(basis: Mapping[str, Any]) -> str:
    """“《……》第十一条”, and what stands beside it."""
    words = f"{basis['document']}{basis.get('article', '')}"
    return f"{words}（{basis['note']}）" if basis.get("note") else words
