"""How many must be there and how many must agree: four kinds of vote with their own denominators."""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from branches.rules.basis import Basis, merged_sentence
from branches.rules.organisations import Refusal
from branches.rules.sources import source

MOST_PEOPLE = 100_000


class VoteKind(TextChoices):
    RESOLUTION = "resolution", "党员大会一般表决"
    COMMITTEE_DECISION = "committee_decision", "支委会议事"
    ADMISSION = "admission_or_conversion", "接收预备党员、转正"
    ELECTION = "election", "选举"


class VoteError(Refusal):
    """The numbers do not fit each other; the message says in Chinese what to correct."""


@dataclass(frozen=True, slots=True)
class VoteRule:
    """What the text says of one kind of vote."""

    kind: VoteKind
    quorum: str
    majority: str
    denominator: str
    secret: bool
    note: str
    basis: tuple[Basis, ...]

    @property
    def rests_on(self) -> str:
        return merged_sentence(self.basis)


@dataclass(frozen=True, slots=True)
class People:
    """A list of people who do not vote or need not be expected."""

    title: str
    items: tuple[str, ...]
    condition: str
    basis: tuple[Basis, ...]

    @property
    def rests_on(self) -> str:
        return merged_sentence(self.basis)


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote counted. `approving` includes written votes of absentees where they count."""

    kind: VoteKind
    eligible: int
    present: int
    approving: int
    present_needed: int
    approving_needed: int

    @property
    def quorate(self) -> bool:
        return self.present >= self.present_needed

    @property
    def enough(self) -> bool:
        """Whether the approving votes suffice, whatever the attendance."""
        return self.approving >= self.approving_needed

    @property
    def passed(self) -> bool:
        return self.quorate and self.enough

    @property
    def present_missing(self) -> int:
        return max(0, self.present_needed - self.present)

    @property
    def approving_missing(self) -> int:
        return max(0, self.approving_needed - self.approving)

    @property
    def denominator(self) -> int:
        """What the majority is taken of."""
        return self.present if self.kind is VoteKind.ELECTION else self.eligible


def least_present(kind: VoteKind, eligible: int) -> int:
    """The quorum: half is enough, more than half, or four fifths of those expected."""
    if kind is VoteKind.ELECTION:
        return -(-eligible * 4 // 5)
    if kind is VoteKind.ADMISSION:
        return eligible // 2 + 1
    return -(-eligible // 2)


def least_approving(kind: VoteKind, *, eligible: int, present: int) -> int:
    """More than half: of those present in an election, of those expected everywhere else."""
    return (present if kind is VoteKind.ELECTION else eligible) // 2 + 1


def ballot(kind: VoteKind | str, *, eligible: int, present: int, approving: int) -> Ballot:
    """Count one vote. Raises VoteError when more are there, or agree, than can be.

    Sources: 中国共产党支部工作条例（试行） 第十一条, 第十二条; 中国共产党基层组织选举工作条例;
    中国共产党发展党员工作细则（2026年修订） 第十九条, 第二十条, 第三十二条.
    """
    kind = VoteKind(kind)
    _refuse_impossible(kind, eligible, present, approving)
    return Ballot(
        kind,
        eligible,
        present,
        approving,
        least_present(kind, eligible),
        least_approving(kind, eligible=eligible, present=present),
    )


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a vote needs, as far as its numbers are known; `ballot` once it was held."""

    eligible: int
    present: int | None
    present_needed: int
    approving_needed: int
    ballot: Ballot | None

    @property
    def quorate(self) -> bool:
        """Whether enough are there; true while nobody knows who comes."""
        return self.present is None or self.present >= self.present_needed

    @property
    def present_missing(self) -> int:
        return 0 if self.present is None else max(0, self.present_needed - self.present)


def requirement(
    kind: VoteKind | str, *, eligible: int, present: int | None = None, approving: int | None = None
) -> Requirement:
    """Before the meeting: how many are needed; with all numbers: the vote counted. Raises VoteError.

    While nobody knows who comes, an election is reckoned with everybody there.
    """
    kind = VoteKind(kind)
    there = eligible if present is None else present
    _refuse_impossible(kind, eligible, there, 0)
    held = None
    if present is not None and approving is not None:
        held = ballot(kind, eligible=eligible, present=present, approving=approving)
    return Requirement(
        eligible,
        present,
        least_present(kind, eligible),
        least_approving(kind, eligible=eligible, present=there),
        held,
    )


def _refuse_impossible(kind: VoteKind, eligible: int, present: int, approving: int) -> None:
    if not 1 <= eligible <= MOST_PEOPLE:
        raise VoteError("应到会人数请填 1 或更大的整数。")
    if not 0 <= present <= eligible:
        raise VoteError(f"实到会人数应当在 0 至 {eligible} 之间，请核对。")
    # Who sent a written opinion before an admission is absent and still counted.
    most = eligible if kind is VoteKind.ADMISSION else present
    if not 0 <= approving <= most:
        whole = "应到会" if kind is VoteKind.ADMISSION else "实到会"
        raise VoteError(f"赞成票应当在 0 至 {most} 之间，不能多于{whole}人数，请核对。")


def least_candidates(seats: int) -> int:
    """For so many seats of a committee at least 20 % more candidates, rounded up."""
    if not 1 <= seats <= MOST_PEOPLE:
        raise VoteError("应选人数请填 1 或更大的整数。")
    return seats + -(-seats * SURPLUS_PERCENT // 100)


def _basis(rows: list[dict[str, Any]]) -> tuple[Basis, ...]:
    return tuple(Basis(r["document"], r["article"], r["verified"], r.get("note", "")) for r in rows)


def _rule(row: dict[str, Any]) -> VoteRule:
    return VoteRule(
        kind=VoteKind(row["code"]),
        quorum=row["quorum"],
        majority=row["majority"],
        denominator=row["denominator"],
        secret=row["secret"],
        note=row.get("note", ""),
        basis=_basis(row["basis"]),
    )


def _people(row: dict[str, Any]) -> People:
    return People(row["title"], tuple(row["items"]), row.get("condition", ""), _basis(row["basis"]))


_FILE = source("votes")
RULES: dict[VoteKind, VoteRule] = {VoteKind(row["code"]): _rule(row) for row in _FILE["kinds"]}
NO_VOTE = _people(_FILE["no_vote"])
NOT_EXPECTED = _people(_FILE["not_expected"])
STILL_COUNTED: str = _FILE["still_counted"]
STILL_COUNTED_BASIS = _basis(_FILE["still_counted_basis"])
SURPLUS_PERCENT: int = _FILE["candidates"]["surplus_percent"]
CANDIDATES_BASIS = _basis(_FILE["candidates"]["basis"])
