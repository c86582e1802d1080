"""The house most tests here stand in: one general branch, BR03 and BR04, and their people."""

from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import User
from branches.models import Member, Organisation
from branches.rules import OrganisationKind, Role
from tests.factories.branches import make_holder, make_member, make_organisation


@dataclass
class House:
    committee: Organisation
    general: Organisation
    br03: Organisation
    br04: Organisation
    ours: Member
    theirs: Member
    staff: User
    administrator: User
    overseer: User
    worker: User


@pytest.fixture
def house(db: None) -> House:
    committee = make_organisation("DW01", kind=OrganisationKind.COMMITTEE, name="上级党委")
    general = make_organisation(
        "DZ01", kind=OrganisationKind.GENERAL_BRANCH, parent=committee, name="分公司党总支"
    )
    br03 = make_organisation("BR03", parent=general, name="红土坡党支部")
    br04 = make_organisation("BR04", parent=general, name="松林口党支部")
    return House(
        committee=committee,
        general=general,
        br03=br03,
        br04=br04,
        ours=make_member(br03, name="雷彩霞", code="M003"),
        theirs=make_member(br04, name="谢建平", code="M004"),
        staff=make_holder(general, Role.GENERAL_BRANCH_STAFF),
        administrator=make_holder(committee, Role.ADMINISTRATOR),
        overseer=make_holder(committee, Role.COMMITTEE_STAFF),
        worker=make_holder(br03, Role.WORKER),
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
