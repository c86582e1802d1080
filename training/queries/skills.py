"""One person's map: what was done, attended and practised in each category, and what helps with the gaps.

A new kind of evidence is one function in READERS. The map of a pupil leaves practice out: that is one's own.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import User
from errorbank.models import PracticeCard, Recheck
from errorbank.rules import ErrorCategory, RecheckState
from training.models import Session
from training.queries.cards import drills_passed
from training.queries.mentors import Helper, helpers_by_topic
from training.rules.skills import LOOKS_BACK, Evidence, Seen, SkillState

# Suggestions beyond these are found on the pages they come from.
MOST_SUGGESTED = 3
Reader = Callable[[User, date], Counter[str]]


def _passed_rechecks(user: User, on: date) -> Counter[str]:
    """Of findings that this person answered for."""
    mine = Q(finding__responsible_post__user=user) | Q(finding__responsible_post__member__user=user)
    passed = Recheck.objects.filter(
        mine, state=RecheckState.PASSED, done_on__gt=on - LOOKS_BACK, done_on__lte=on
    )
    return Counter(passed.order_by().values_list("finding__category", flat=True))


def _sessions(user: User, on: date) -> Counter[str]:
    there = Session.objects.held().filter(
        branches__record__attendances__member__user=user,
        branches__record__attendances__present=True,
        held_on__gt=on - LOOKS_BACK,
        held_on__lte=on,
    )
    rows = there.order_by().distinct().values_list("pk", "categories")
    return Counter(category for _, categories in rows for category in set(categories))


def _practice(user: User, on: date) -> Counter[str]:
    """Entries seen that need not be seen again yet."""
    cards = PracticeCard.objects.filter(user=user, seen_on__lte=on, due_on__gte=on)
    return Counter(cards.order_by().values_list("entry__published__category", flat=True))


def _drills(user: User, on: date) -> Counter[str]:
    begun = on - LOOKS_BACK
    return Counter(drill.category for drill in drills_passed(user) if begun < drill.passed_on <= on)


READERS: tuple[tuple[Evidence, Reader], ...] = (
    (Evidence.RECHECK, _passed_rechecks),
    (Evidence.SESSION, _sessions),
    (Evidence.DRILL, _drills),
    (Evidence.PRACTICE, _practice),
)


@dataclass(frozen=True)
class Skill:
    category: ErrorCategory
    seen: Seen
    sessions: tuple[Session, ...] = ()
    helpers: tuple[Helper, ...] = ()

    @property
    def state(self) -> SkillState:
        return self.seen.state

    @property
    def is_gap(self) -> bool:
        return self.state == SkillState.GAP

    @property
    def has_suggestion(self) -> bool:
        return bool(self.sessions or self.helpers)


@dataclass(frozen=True)
class SkillMap:
    person: User
    is_own: bool
    skills: tuple[Skill, ...]

    @property
    def gaps(self) -> tuple[Skill, ...]:
        return tuple(skill for skill in self.skills if skill.is_gap)


def skill_map(user: User, *, on: date) -> SkillMap:
    """One's own, with what helps with each gap. Nine statements."""
    seen = _seen(user, on, practice=True)
    coming = list(
        Session.objects.visible_to(user, on=on).planned().filter(held_on__gte=on).order_by("held_on", "pk")
    )
    helpers = helpers_by_topic(user, on=on)
    return SkillMap(user, True, tuple(_helped(Skill(c, seen[c]), coming, helpers) for c in ErrorCategory))


def pupil_map(pupil: User, *, on: date) -> SkillMap:
    """As the mentor sees it: without practice. Two statements."""
    seen = _seen(pupil, on, practice=False)
    return SkillMap(pupil, False, tuple(Skill(category, seen[category]) for category in ErrorCategory))


def _seen(user: User, on: date, *, practice: bool) -> dict[ErrorCategory, Seen]:
    found = {kind: read(user, on) for kind, read in READERS if practice or kind != Evidence.PRACTICE}
    none = Counter[str]()
    return {
        category: Seen(
            rechecks=found.get(Evidence.RECHECK, none)[category],
            sessions=found.get(Evidence.SESSION, none)[category],
            drills=found.get(Evidence.DRILL, none)[category],
            practised=found.get(Evidence.PRACTICE, none)[category],
        )
        for category in ErrorCategory
    }


def _helped(skill: Skill, coming: list[Session], helpers: dict[str, list[Helper]]) -> Skill:
    if not skill.is_gap:
        return skill
    sessions = [session for session in coming if skill.category in session.categories]
    free = [h for h in helpers.get(skill.category, ()) if not (h.is_full or h.is_self)]
    return Skill(skill.category, skill.seen, tuple(sessions[:MOST_SUGGESTED]), tuple(free[:MOST_SUGGESTED]))
