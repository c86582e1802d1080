"""Branches that live on borrowed members, counted for the measure list."""

from datetime import date
from decimal import Decimal

import pytest

from branches.models import Organisation
from branches.rules import OrganisationKind
from burden.measured import measured
from periods.months import Month
from tests.factories.branches import make_member, make_organisation, make_tree

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 18)


def fill(branch: Organisation, members: int) -> None:
    for _ in range(members):
        make_member(branch)


def test_branches_with_too_few_members_of_their_own_are_counted() -> None:
    committee, general, (first, second) = make_tree()
    joint = make_organisation(kind=OrganisationKind.JOINT_BRANCH, parent=general)
    foreign = make_organisation(parent=committee)
    for branch, members in ((first, 3), (second, 2), (joint, 1), (foreign, 1)):
        fill(branch, members)
    found = measured("merge_branches", general, Month(2026, 11), on=ON)
    assert found is not None
    assert found.value == Decimal(1)
    assert found.evidence == "截至 2026-11-18，2 个党支部中有 1 个本部门正式党员不足。"
    alone = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=committee)
    assert measured("merge_branches", alone, Month(2026, 11), on=ON) is None
