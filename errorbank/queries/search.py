"""Finding entries of the bank and problems of branches by words.

Each kind begins with what its model lets the reader see; dashboards asks them in one statement with others.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Case, F, IntegerField, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from branches.access import may
from branches.models import Organisation
from branches.queries.search import NO_TEXT, Hit, HitKind, Line, Sought, holding, nearest_first, written
from branches.rules.search import Word, excerpt
from errorbank.models import ErrorEntry, Finding
from errorbank.queries.entries import VIEW as VIEW_ENTRY
from errorbank.queries.findings import DONE_STATES, FindingRow
from errorbank.queries.findings import VIEW as VIEW_FINDING
from errorbank.rules import ErrorCategory, FindingState

ENTRIES = HitKind("errors", "错题", "book-check")
FINDINGS = HitKind("findings", "问题", "clipboard-check")


def sought_in_errors(user: User, words: Sequence[Word], on: date) -> Iterator[Sought]:
    """Published entries and findings: those the reader may see."""
    if may(user, VIEW_FINDING, on=on):
        yield _findings(user, words, on)
    if may(user, VIEW_ENTRY, on=on):
        yield _entries(user, words, on)


def _entries(user: User, words: Sequence[Word], on: date) -> Sought:
    """By its code, what goes wrong and what to do; the bank's own page looks into every word of it."""
    own = written("code", "published__problem", "published__measure")
    seen = ErrorEntry.objects.reaching(user, VIEW_ENTRY, on=on).in_use()
    return Sought(
        kind=ENTRIES,
        rows=seen.filter(holding(words, own)),
        order=(nearest_first(words, "code"), "organisation__path", "code"),
        hit=lambda line: _entry_hit(line, words),
        title="published__problem",
        key="code",
        place=Coalesce(F("organisation__name"), NO_TEXT),
        state=F("published__category"),
        text=F("published__measure"),
    )


def _entry_hit(line: Line, words: Sequence[Word]) -> Hit:
    measure = excerpt(line.text, words)
    return Hit(
        title=line.title,
        url=reverse("errorbank:entry_detail", args=[line.pk]),
        note=f"{line.key}，措施：{measure}" if measure else line.key,
        place=line.place,
        fact=ErrorCategory(line.state).label,
    )


def _place(word: Word) -> Q:
    return Q(organisation__in=Organisation.objects.filter(written("name")(word)))


def _findings(user: User, words: Sequence[Word], on: date) -> Sought:
    """What is to be done first, by its deadline; then what is done, the latest first."""
    seen = Finding.objects.visible_to(user, on=on)
    done = Q(state__in=sorted(DONE_STATES))
    return Sought(
        kind=FINDINGS,
        rows=seen.filter(holding(words, written("problem", "detail"), _place)),
        order=(
            Case(When(done, then=1), default=0, output_field=IntegerField()),
            Case(When(done, then=None), default=F("deadline_on")),
            "-found_on",
            "-pk",
        ),
        hit=lambda line: _finding_hit(line, words, on),
        title="problem",
        key="category",
        place=F("organisation__name"),
        state=F("state"),
        day=Coalesce(F("closed_on"), F("accepted_until"), F("deadline_on")),
        text=F("detail"),
    )


def _finding_hit(line: Line, words: Sequence[Word], on: date) -> Hit:
    stands = _stands(FindingState(line.state), line.day or on)
    row = FindingRow(stands, on)
    return Hit(
        title=line.title,
        url=reverse("errorbank:finding_detail", args=[line.pk]),
        note=excerpt(line.text, words) or row.when,
        place=line.place,
        fact=f"已逾期 {row.late_days} 天" if row.late_days else str(FindingState(line.state).label),
        tone=row.tone,
    )


def _stands(state: FindingState, day: date) -> Finding:
    """As far as a row of a list needs it; `day` is the one that counts in that state."""
    return Finding(
        state=state,
        deadline_on=day,
        closed_on=day if state in DONE_STATES else None,
        accepted_until=day if state == FindingState.ACCEPTED else None,
    )
