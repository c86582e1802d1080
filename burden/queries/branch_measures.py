"""What the portal can say of branches for the measure list."""

from datetime import date
from decimal import Decimal

from branches.models import Organisation
from branches.queries.outlook import outlook_of
from branches.rules import OrganisationKind
from burden.rules.measured import Measured
from periods.months import Month

STRUCTURE = "/w/organisations/structure/"


def merge_branches(place: Organisation, month: Month, on: date) -> Measured | None:
    """Branches with fewer full members of their own department than a branch needs, at the month's end.

    Joint and temporary branches are left out: they are made of several departments, or for one task.
    """
    day = min(month.last, on)
    branches = Organisation.objects.within(place).active(on=day).filter(kind=OrganisationKind.BRANCH)
    outlooks = list(outlook_of(branches, on=day, months=1).values())
    if not outlooks:
        return None
    few = sum(each.own_department < each.least for each in outlooks)
    said = f"截至 {day:%Y-%m-%d}，{len(outlooks)} 个党支部中有 {few} 个本部门正式党员不足。"
    return Measured(Decimal(few), said, STRUCTURE)
