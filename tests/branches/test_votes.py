"""Votes: four kinds, their quorum, their denominators, and the numbers that cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branches.rules.sources import source
from branches.rules.votes import (
    NO_VOTE,
    NOT_EXPECTED,
    RULES,
    VoteError,
    VoteKind,
    ballot,
    least_approving,
    least_candidates,
    least_present,
)

RESOLUTION, COMMITTEE = VoteKind.RESOLUTION, VoteKind.COMMITTEE_DECISION
ADMISSION, ELECTION = VoteKind.ADMISSION, VoteKind.ELECTION


@pytest.mark.parametrize(
    ("kind", "eligible", "present", "approving"),
    [
        # Half is enough for a resolution, more than half of those expected must agree.
        (RESOLUTION, 10, 5, 6),
        (RESOLUTION, 11, 6, 6),
        (RESOLUTION, 3, 2, 2),
        (RESOLUTION, 1, 1, 1),
        (COMMITTEE, 5, 3, 3),
        (COMMITTEE, 4, 2, 3),
        # Admission: more than half must be there.
        (ADMISSION, 10, 6, 6),
        (ADMISSION, 11, 6, 6),
        (ADMISSION, 3, 2, 2),
        (ADMISSION, 4, 3, 3),
        (ADMISSION, 1, 1, 1),
    ],
)
def test_what_is_needed_of_those_expected(
    kind: VoteKind, eligible: int, present: int, approving: int
) -> None:
    assert least_present(kind, eligible) == present
    assert least_approving(kind, eligible=eligible, present=eligible) == approving


@pytest.mark.parametrize(
    ("eligible", "quorum", "present", "approving"),
    [
        (5, 4, 4, 3),
        (10, 8, 8, 5),
        (10, 8, 9, 5),
        (10, 8, 10, 6),
        (11, 9, 9, 5),
        (3, 3, 3, 2),
        (66, 53, 53, 27),
    ],
)
def test_an_election_counts_four_fifths_and_half_of_those_present(
    eligible: int, quorum: int, present: int, approving: int
) -> None:
    assert least_present(ELECTION, eligible) == quorum
    assert least_approving(ELECTION, eligible=eligible, present=present) == approving


def test_an_election_passes_where_a_resolution_would_not() -> None:
    election = ballot(ELECTION, eligible=10, present=8, approving=5)
    resolution = ballot(RESOLUTION, eligible=10, present=8, approving=5)
    assert (election.denominator, election.passed) == (8, True)
    assert (resolution.denominator, resolution.passed, resolution.approving_missing) == (10, False, 1)


def test_exactly_half_is_a_quorum_for_a_resolution_and_none_for_an_admission() -> None:
    assert ballot(RESOLUTION, eligible=10, present=5, approving=5).quorate is True
    admission = ballot(ADMISSION, eligible=10, present=5, approving=5)
    assert (admission.quorate, admission.present_missing, admission.approving_missing) == (False, 1, 1)


def test_written_opinions_count_in_an_admission_alone() -> None:
    # Six present and six agreeing, and two absentees who wrote that they agree.
    assert ballot(ADMISSION, eligible=10, present=6, approving=8).passed is True
    with pytest.raises(VoteError, match="不能多于实到会人数"):
        ballot(RESOLUTION, eligible=10, present=6, approving=8)


def test_votes_without_quorum_pass_nothing() -> None:
    absent = ballot(ADMISSION, eligible=10, present=5, approving=9)
    assert (absent.enough, absent.passed) == (True, False)


def test_three_full_members() -> None:
    found = ballot(ADMISSION, eligible=3, present=2, approving=2)
    assert (found.present_needed, found.approving_needed, found.passed) == (2, 2, True)


@pytest.mark.parametrize(
    ("eligible", "present", "approving", "sentence"),
    [
        (0, 0, 0, "应到会人数请填 1 或更大的整数。"),
        (-1, 0, 0, "应到会人数请填 1 或更大的整数。"),
        (5, 6, 0, "实到会人数应当在 0 至 5 之间，请核对。"),
        (5, -1, 0, "实到会人数应当在 0 至 5 之间，请核对。"),
        (5, 4, 5, "赞成票应当在 0 至 4 之间，不能多于实到会人数，请核对。"),
        (5, 4, -1, "赞成票应当在 0 至 4 之间，不能多于实到会人数，请核对。"),
    ],
)
def test_impossible_numbers(eligible: int, present: int, approving: int, sentence: str) -> None:
    with pytest.raises(VoteError) as refused:
        ballot(ELECTION, eligible=eligible, present=present, approving=approving)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("seats", "least"), [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 8), (7, 9), (10, 12), (11, 14)]
)
def test_at_least_a_fifth_more_candidates(seats: int, least: int) -> None:
    assert least_candidates(seats) == least


def test_the_example_of_the_file() -> None:
    example = source("votes")["candidates"]["example"]
    assert least_candidates(example["seats"]) == example["least"]


def test_no_seats_no_candidates() -> None:
    with pytest.raises(VoteError):
        least_candidates(0)


def test_every_kind_names_its_basis() -> None:
    assert list(RULES) == list(VoteKind)
    assert {kind: [b.sentence for b in rule.basis] for kind, rule in RULES.items()} == {
        RESOLUTION: ["《中国共产党支部工作条例（试行）》第十一条"],
        COMMITTEE: ["《中国共产党支部工作条例（试行）》第十二条"],
        ADMISSION: [
            "《中国共产党发展党员工作细则（2026年修订）》第十九条",
            "《中国共产党发展党员工作细则（2026年修订）》第二十条",
            "《中国共产党发展党员工作细则（2026年修订）》第三十二条",
        ],
        ELECTION: [
            "《中国共产党基层组织选举工作条例》第十三条",
            "《中国共产党基层组织选举工作条例》（待核实）",
        ],
    }
    assert {kind: rule.secret for kind, rule in RULES.items()} == {
        RESOLUTION: False,
        COMMITTEE: False,
        ADMISSION: True,
        ELECTION: True,
    }


def test_who_is_left_out_is_to_be_confirmed() -> None:
    assert len(NOT_EXPECTED.items) == 5
    assert [b.sentence for b in NOT_EXPECTED.basis] == ["行业、上级党委或本单位惯例（待核实）"]
    assert NO_VOTE.items[0] == "预备党员"


@given(st.sampled_from(VoteKind), st.integers(1, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_vote_against_naive_fractions(kind: VoteKind, eligible: int, present: int, approving: int) -> None:
    present = min(present, eligible)
    approving = min(approving, eligible if kind is ADMISSION else present)
    found = ballot(kind, eligible=eligible, present=present, approving=approving)
    quorate = {
        RESOLUTION: present * 2 >= eligible,
        COMMITTEE: present * 2 >= eligible,
        ADMISSION: present * 2 > eligible,
        ELECTION: present * 5 >= eligible * 4,
    }[kind]
    whole = present if kind is ELECTION else eligible
    assert found.passed == (quorate and approving * 2 > whole)
    assert found.quorate == (found.present_missing == 0)


@given(st.integers(1, 1000))
def test_candidates_are_never_fewer_than_a_fifth_more(seats: int) -> None:
    least = least_candidates(seats)
    assert least * 5 >= seats * 6 > (least - 1) * 5
