"""What the planner is told: the branches as sites, who could lead, and what the organisation prefers."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Leader:
    """A member of the branch's own department who stays, with standing enough for a secretary."""

    key: int
    code: str
    name: str
    standing_since: date
    # 0 secretary, 1 deputy, 2 another office, 3 none: experience first.
    rank: int = 3


@dataclass(frozen=True, slots=True)
class Site:
    """One branch as the planner sees it.

    `own_after`: full members of its own department who are left once everybody borrowed has returned and
    everybody known to leave has left. `full_after` and `members_after` count who is left with the borrowed
    ones still there; `members_now` everybody of today, for the upper limit of a branch's size.
    """

    key: int
    code: str
    name: str
    line: str
    place: tuple[float, float] | None
    full_now: int
    members_now: int
    own_after: int
    full_after: int
    members_after: int
    units: int = 1
    leaders: tuple[Leader, ...] = ()
    # A healthy branch that may take others in, but needs no change itself.
    host: bool = False

    @property
    def stem(self) -> str:
        """The unit behind the name: “翠坪烟站” of “翠坪烟站党支部”."""
        return self.name.removesuffix("联合党支部").removesuffix("党支部") or self.name


@dataclass(frozen=True, slots=True)
class Preferences:
    """Limits and wishes; the numbers come from the rules of the organisation or from the page.

    Limits hold for every proposed group: distance, members, units, own full members, a secretary.
    Wishes cost points: `preferred_low` to `preferred_high` full members, `preferred_units`.
    """

    distance_km: float = 40
    preferred_low: int = 6
    preferred_high: int = 20
    preferred_units: int = 3
    most_units: int = 5
    most_members: int = 50
    least_own: int = 3
    same_line: bool = False
    hosts: bool = True
    # Whether a branch that keeps enough full members may stay as it is.
    alone: bool = True

    @property
    def distance_hm(self) -> int:
        return round(self.distance_km * 10)


@dataclass(frozen=True, slots=True)
class Weights:
    """What one thing more costs, in person-kilometres of one meeting.

    They weigh the last of the ordered aims only: who stays below the least number, mixed lines and
    changes of healthy branches are settled before, whatever the points say.
    """

    branch: int = 30
    person_off_size: int = 10
    unit_over: int = 10
    no_buffer: int = 15


WEIGHTS = Weights()


@dataclass(frozen=True)
class Question:
    """What is asked: sites in the order of their codes, to be placed or (host) optional."""

    sites: tuple[Site, ...]
    preferences: Preferences = field(default_factory=Preferences)

    @property
    def to_place(self) -> list[int]:
        return [n for n, site in enumerate(self.sites) if not site.host]
