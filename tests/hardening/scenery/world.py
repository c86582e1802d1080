"""For whom the objects of the matrix are made: the branch that is one's own, and those who see it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from branches.models import Member, Organisation, Post
from branches.rules import Role

DAY = timedelta(days=1)
# URL name → what stands in its place-holders.
Places = dict[str, dict[str, Any]]


@dataclass
class World:
    on: date
    worker: User
    secretary: User
    staff: User
    # Has left the own branch, and reads the own handover.
    leaver: User
    branch: Organisation = field(init=False)
    general: Organisation = field(init=False)

    def __post_init__(self) -> None:
        self.branch = Post.objects.held_by(self.worker).get(role=Role.WORKER).organisation
        self.general = Organisation.objects.get(children=self.branch)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.on, datetime.min.time(), UTC) + timedelta(hours=2)

    @property
    def post(self) -> Post:
        return Post.objects.held_by(self.worker).get(organisation=self.branch, role=Role.WORKER)

    @property
    def member(self) -> Member:
        return Member.objects.in_branch(self.branch, on=self.on).order_by("pk")[0]


def at(pk: Any, *names: str, **more: Any) -> Places:
    """The same object behind several addresses."""
    return {name: {"pk": pk, **more} for name in names}
