"""Seventy made-up people with presence patterns, and their letters; minutes count from a Monday 0:00."""

from dataclasses import dataclass
from random import Random

DAY, WEEK = 24 * 60, 7 * 24 * 60
PEOPLE = 70
LEAVE = 0.06  # of the weeks


@dataclass(frozen=True)
class Session:
    """Somebody signed in for so long; the sign-in log and the times of what they did say so."""

    person: int
    start: int
    end: int


@dataclass(frozen=True)
class Written:
    """A letter: who, in which minute. Only the referee knows the person."""

    person: int
    minute: int


def sessions_of(person: int, weeks: int, chance: Random) -> list[Session]:
    """Office people from Monday to Friday, shift workers two days in three, field workers on three days."""
    found = []
    for week in range(weeks):
        if chance.random() < LEAVE:
            continue
        for day in _days(person, week, chance):
            for _ in range(chance.randint(1, 3)):
                start = week * WEEK + day * DAY + chance.randint(7 * 60, 19 * 60)
                found.append(Session(person, start, start + chance.randint(5, 40)))
    return found


def _days(person: int, week: int, chance: Random) -> list[int]:
    if person % 7 < 4:
        return [day for day in range(5) if chance.random() < 0.95]
    if person % 7 < 6:
        return [day for day in range(7) if (week * 7 + day + person) % 6 < 4]
    return chance.sample(range(7), 3)


def office(weeks: int, chance: Random) -> list[Session]:
    return [session for person in range(PEOPLE) for session in sessions_of(person, weeks, chance)]


def letters(sessions: list[Session], weeks: int, a_week: int, chance: Random) -> list[Written]:
    """`a_week` letters each week, the writer anybody alike, in one of their sessions of that week."""
    found = []
    for week in range(weeks):
        there = [one for one in sessions if one.start // WEEK == week]
        for _ in range(a_week):
            # Everybody's own sessions alike; whoever is on leave writes none.
            person = chance.choice(sorted({one.person for one in there}))
            session = chance.choice([one for one in there if one.person == person])
            found.append(Written(person, chance.randint(session.start, session.end - 1)))
    return sorted(found, key=lambda one: one.minute)
