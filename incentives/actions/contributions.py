"""Entries: pulled from their sources every night, taken back by counter-entries, named by people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from incentives.models import ContributionEntry, Nomination
from incentives.queries.policies import Policies
from incentives.rules.contributions import GONE, EntryKind, IncentiveRefused, NominationState
from incentives.sources import LONGEST, SOURCES, Fact, facts

BATCH = 500
BY_HAND = "nomination"


@dataclass(frozen=True)
class Pulled:
    """How many facts had no standing entry, and how many entries no fact any more."""

    new: int
    taken_back: int


@transaction.atomic
def pull_entries(*, on: date, now: datetime) -> Pulled:
    """Entries of this year and the last as their sources have them now.

    A second or concurrent run adds nothing: what is missing is computed from what stands, and the key with
    its turn and the one counter-entry of an entry are unique in the database.
    """
    since = date(on.year - 1, 1, 1)
    known = {fact.key: fact for fact in facts(since)}
    standing = {entry.source_key: entry for entry in _pulled(Q(happened_on__gte=since))}
    standing |= _older(known.keys() - standing.keys(), since)
    gone = [
        entry
        for key, entry in standing.items()
        if not entry.by_hand and not _same(entry, known.get(key))  # type: ignore[attr-defined]  # annotated
    ]
    missing = [fact for key, fact in known.items() if not _same(standing.get(key), fact)]
    _write(_counter(entry, reason=GONE, by=None, now=now) for entry in gone)
    _write(_entries(missing, now=now))
    return Pulled(len(missing), len(gone))


def _older(keys: Iterable[str], since: date) -> dict[str, ContributionEntry]:
    """What stands for these facts on a day before: it moved into these years and must not count twice."""
    asked = sorted(keys)
    found: dict[str, ContributionEntry] = {}
    for start in range(0, len(asked), BATCH):
        part = Q(source_key__in=asked[start : start + BATCH], happened_on__lt=since)
        found |= {entry.source_key: entry for entry in _pulled(part)}
    return found


def _pulled(which: Q) -> Iterable[ContributionEntry]:
    """The last turn of every fact of the registered sources; `by_hand`: a person took it back for good."""
    rows = ContributionEntry.objects.filter(which, corrects=None).filter(
        Q(counter_row=None) | Q(counter_row__made_by__isnull=False)
    )
    found = rows.annotate(by_hand=Q(counter_row__isnull=False)).order_by("turn")
    return (row for row in found if row.source_key.partition(":")[0] in SOURCES)


def _same(entry: ContributionEntry | None, fact: Fact | None) -> bool:
    if entry is None or fact is None:
        return False
    said = (entry.user_id, entry.organisation_id, entry.happened_on, entry.kind)
    return said == (fact.user, fact.organisation, fact.happened_on, fact.kind)


def _entries(missing: list[Fact], *, now: datetime) -> Iterable[ContributionEntry]:
    turns, paths = _turns([fact.key for fact in missing]), _paths()
    policies = Policies.read()
    for fact in missing:
        policy = policies.of(paths[fact.organisation], on=fact.happened_on)
        yield ContributionEntry(
            source_key=fact.key,
            turn=turns.get(fact.key, 0) + 1,
            user_id=fact.user,
            organisation_id=fact.organisation,
            happened_on=fact.happened_on,
            kind=fact.kind,
            words=fact.words[:LONGEST],
            url=fact.url,
            weight=policy.numbers.weight(fact.kind),
            policy=policy.row,
            made_at=now,
        )


def _turns(keys: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), BATCH):
        rows = ContributionEntry.objects.filter(source_key__in=keys[start : start + BATCH], corrects=None)
        found |= dict(rows.values("source_key").annotate(last=Max("turn")).values_list("source_key", "last"))
    return found


def _paths() -> dict[int, str]:
    return dict(Organisation.objects.values_list("pk", "path"))


def _write(rows: Iterable[ContributionEntry]) -> None:
    """What a run at the same moment wrote first is left as it is."""
    ContributionEntry.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _counter(entry: ContributionEntry, *, reason: str, by: User | None, now: datetime) -> ContributionEntry:
    """The opposite of an entry, on its own day, so that the same year's total is put right."""
    return ContributionEntry(
        source_key=entry.source_key,
        turn=entry.turn,
        user_id=entry.user_id,
        organisation_id=entry.organisation_id,
        happened_on=entry.happened_on,
        kind=entry.kind,
        words=entry.words,
        url=entry.url,
        weight=-entry.weight,
        policy_id=entry.policy_id,
        corrects=entry,
        reason=reason,
        made_by=by,
        made_at=now,
    )


@transaction.atomic
def take_back(entry: ContributionEntry, *, reason: str, by: User, now: datetime) -> ContributionEntry:
    """A counter-entry with the reason; the entry stays readable. Raises IncentiveRefused."""
    if not reason.strip():
        raise IncentiveRefused("请写明为什么冲销。")
    row = ContributionEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if row.corrects_id is not None:
        raise IncentiveRefused("这一条本身就是冲销记录，不能再冲销。")
    if ContributionEntry.objects.filter(corrects=row).exists():
        raise IncentiveRefused("这一条刚刚已经冲销过，请刷新页面查看。")
    if row.user_id == by.pk:
        raise IncentiveRefused("本人的记录请由其他党务干部冲销。")
    made = _counter(row, reason=reason.strip(), by=by, now=now)
    made.save()
    audit.record("incentives.entry_taken_back", by=by, target=row, detail={"reason": made.reason})
    return made


@dataclass(frozen=True)
class NominationData:
    nominee: User
    kind: EntryKind
    happened_on: date
    words: str
    evidence: str


@transaction.atomic
def nominate(place: Organisation, *, data: NominationData, by: User, on: date) -> Nomination:
    """Raises IncentiveRefused."""
    if data.happened_on > on:
        raise IncentiveRefused("还没有发生的，等做成了再提名。")
    if data.happened_on.year < on.year - 1:
        raise IncentiveRefused("只能提名今年和去年的贡献。")
    same = Nomination.objects.filter(nominee=data.nominee, kind=data.kind, happened_on=data.happened_on)
    if same.filter(words=data.words).exclude(state=NominationState.DECLINED).exists():
        raise IncentiveRefused("同一件事已经提名过，不用重复提。")
    made = Nomination.objects.create(
        organisation=place,
        nominee=data.nominee,
        kind=data.kind,
        happened_on=data.happened_on,
        words=data.words,
        evidence=data.evidence,
        made_by=by,
    )
    audit.record("incentives.entry_nominated", by=by, target=made, detail={"nominee": data.nominee.pk})
    return made


@transaction.atomic
def decide_nomination(
    nomination: Nomination, *, approve: bool, answer: str, by: User, on: date, now: datetime
) -> Nomination:
    """By somebody who neither named it nor is named. Raises IncentiveRefused."""
    row = Nomination.objects.select_for_update().get(pk=nomination.pk)
    if row.state != NominationState.WAITING:
        raise IncentiveRefused("这一条刚刚已经审核过，请刷新页面查看。")
    if by.pk in (row.made_by_id, row.nominee_id):
        raise IncentiveRefused("提名人和被提名人不能自己审核，请由其他人审核。")
    if not approve and not answer.strip():
        raise IncentiveRefused("不通过的，请写明原因，提名人和被提名人都能看到。")
    row.state = NominationState.APPROVED if approve else NominationState.DECLINED
    row.answer, row.decided_by, row.decided_on = answer.strip(), by, on
    row.save()
    if approve:
        fact = Fact(
            f"{BY_HAND}:{row.pk}",
            row.nominee_id,
            row.organisation_id,
            row.happened_on,
            EntryKind(row.kind),
            row.words,
            "",
        )
        for made in _entries([fact], now=now):
            made.made_by = by
            made.save()
    audit.record("incentives.nomination_decided", by=by, target=row, detail={"state": row.state})
    return row
