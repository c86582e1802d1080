"""What the public pages of the channel read: words that may give somebody away, and what was answered."""

from accounts.models import User
from branches.models import CoveredUnit, Member, Organisation

# A branch is called by a part of its name: “第一党支部” is “第一支部” in what people write.
SHORTER = (("党支部", "支部"), ("中共", ""), ("委员会", ""))


def names_of_people() -> set[str]:
    """Of members and of accounts together, so that a hit does not tell which of the two somebody is."""
    members = Member.objects.values_list("name", flat=True)
    return set(members.union(User.objects.values_list("name", flat=True)))


def names_of_places() -> set[str]:
    """Organisations and the units they cover, also in the short form people use."""
    organisations = Organisation.objects.values_list("name", flat=True)
    names = set(organisations.union(CoveredUnit.objects.values_list("name", flat=True)))
    return names | {name.replace(long, short) for name in names for long, short in SHORTER}
