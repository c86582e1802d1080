"""Who looks at the pages of the matrix: each role and each kind of grant, seen from one branch."""

from datetime import date, timedelta

from accounts.models import User
from branches.models import AccessGrant, Organisation
from branches.rules import GrantKind, OrganisationKind, Role
from tests.factories.branches import make_holder, make_organisation, make_user

AS_OF = date(2025, 10, 31)
# In the order of the columns. own: the first branch; beside: another branch of the same general branch;
# foreign: another general branch and its branch. The last four hold nothing but a grant.
VIEWERS = (
    "stranger",
    "nobody",
    "own_worker",
    "own_secretary",
    "beside_secretary",
    "staff",
    "committee",
    "administrator",
    "recipient",
    "auditor",
    "foreign_worker",
    "foreign_staff",
    "own_deputy",
    "own_organisation",
    "own_publicity",
    "own_discipline",
    "inspecting",
    "standing_in",
    "leaver",
    "bonus_reader",
)
# Looked at in every run: those to whom nothing of the branch may open.
OUTSIDE = ("stranger", "beside_secretary", "foreign_worker", "foreign_staff")
_OF_THE_DEMO = {
    "own_worker": "worker01",
    "own_secretary": "secretary01",
    "beside_secretary": "secretary02",
    "staff": "staff",
    "committee": "committee",
    "administrator": "admin",
    "recipient": "box1",
}
_OWN_COMMITTEE = {
    "own_deputy": Role.DEPUTY_SECRETARY,
    "own_organisation": Role.ORGANISATION_COMMISSIONER,
    "own_publicity": Role.PUBLICITY_COMMISSIONER,
    "own_discipline": Role.DISCIPLINE_COMMISSIONER,
}
_GRANTS = {
    "inspecting": GrantKind.ROTATION,
    "standing_in": GrantKind.STAND_IN,
    "leaver": GrantKind.HANDOVER,
    "bonus_reader": GrantKind.BONUS,
}


def viewers(*, on: date) -> dict[str, User | None]:
    """Some of the demo, and those it has not."""
    committee = Organisation.objects.get(parent=None)
    foreign = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, name="外单位党总支", parent=committee)
    branch = make_organisation(parent=foreign, name="外单位党支部")
    own = Organisation.objects.get(code="BR01")
    found: dict[str, User | None] = {
        key: User.objects.get(username=name) for key, name in _OF_THE_DEMO.items()
    }
    found |= {key: make_holder(own, role) for key, role in _OWN_COMMITTEE.items()}
    found |= {key: _granted(own, kind, on) for key, kind in _GRANTS.items()}
    return found | {
        "stranger": None,
        "nobody": make_user(),
        "auditor": make_holder(committee, Role.AUDITOR),
        "foreign_worker": make_holder(branch, Role.WORKER),
        "foreign_staff": make_holder(foreign, Role.GENERAL_BRANCH_STAFF),
    }


def _granted(own: Organisation, kind: GrantKind, on: date) -> User:
    """Bonuses are those of a general branch, all else is of the own branch."""
    place = Organisation.objects.get(children=own) if kind == GrantKind.BONUS else own
    grant = AccessGrant.objects.create(
        user=make_user(),
        organisation=place,
        kind=kind,
        since=on.replace(day=1),
        until=on + timedelta(days=5),
        reason="按计划",
    )
    return grant.user
