"""Two people who left on one day: one stands in ledgers, the other nowhere but in the roster."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import User
from branches.models import Member, MemberEvent, Membership, Organisation
from branches.rules import EventKind, MemberStatus, OrganisationKind, Role
from branches.sealed import digest, seal
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.notices import make_channel, make_message
from tests.factories.records import make_held

LEFT = date(2024, 11, 20)
DUE = date(2026, 11, 20)
NUMBERS = ("532501199001011239", "110101199003078830")


@dataclass
class Leaving:
    branch: Organisation
    kept: Member
    nameless: Member
    staying: Member
    staff: User


def make_leaver(branch: Organisation, number: str, **fields: Any) -> Member:
    account = make_user(name=fields["name"])
    member = make_member(branch, birth_on=date(1990, 1, 1), home_department="运检部", user=account, **fields)
    Member.objects.filter(pk=member.pk).update(id_number_sealed=seal(number), id_number_digest=digest(number))
    make_channel(account)
    make_message(account, now=timezone.now())
    leave(member, branch)
    member.refresh_from_db()
    return member


def leave(member: Member, branch: Organisation, on: date = LEFT) -> None:
    MemberEvent.objects.create(
        member=member, kind=EventKind.MOVED_OUT, on=on, organisation=branch, note="转往外省"
    )
    Membership.objects.filter(member=member).update(until=on)


def make_leaving() -> Leaving:
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="分公司党总支")
    branch = make_organisation(parent=general, name="红土坡党支部")
    kept = make_leaver(branch, NUMBERS[0], name="雷彩霞", code="M003")
    nameless = make_leaver(branch, NUMBERS[1], name="谢建平", code="M004", status=MemberStatus.APPLICANT)
    make_held(branch, on=date(2023, 6, 1), title="六月支部党员大会", present=(kept,))
    make_post(branch, Role.SECRETARY, member=kept, until=LEFT)
    staying = make_member(branch, name="龙在田", code="M005", user=make_user(name="龙在田"))
    return Leaving(branch, kept, nameless, staying, make_holder(general, Role.GENERAL_BRANCH_STAFF))
