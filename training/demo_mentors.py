"""Mentors of the demo: who helps with what, a pair that ended, one that runs, one near its end, requests."""

from collections.abc import Sequence
from datetime import timedelta

from branches.demo import DemoTree
from errorbank.rules import ErrorCategory
from training.actions.mentors import (
    PairData,
    ask_help,
    close_help,
    end_pair,
    make_pair,
    note_talk,
    offer_topics,
)
from training.models import MentorTopic, Pair
from training.rules.mentors import PRESSURE

OFFERS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("BR01", (ErrorCategory.MEETINGS, ErrorCategory.ORGANIZATION_SETUP), 3),
    ("BR02", (ErrorCategory.MEETINGS, ErrorCategory.DUES), 2),
    ("BR03", (ErrorCategory.ORGANIZATIONAL_LIFE, PRESSURE), 2),
    ("BR04", (ErrorCategory.RECRUITMENT, ErrorCategory.FORMALISM_RECTIFICATION), 2),
    ("BR05", (ErrorCategory.RECRUITMENT,), 1),
    ("BR07", (ErrorCategory.MEMBER_MANAGEMENT, PRESSURE), 2),
)
# Mentor, pupil, goals, days of the as-of day on which it begins and ends, days between talks.
PAIRS: tuple[tuple[str, str, tuple[str, ...], int, int, int], ...] = (
    ("BR02", "BR09", (ErrorCategory.MEETINGS, ErrorCategory.DUES), -300, -120, 30),
    ("BR01", "BR08", (ErrorCategory.MEETINGS,), -170, 10, 28),
    ("BR04", "BR10", (ErrorCategory.RECRUITMENT,), -60, 120, 20),
)
# Asker, helper, topic, so many days ago, talked about since.
HELPS: tuple[tuple[str, str, str, int, bool], ...] = (
    ("BR06", "BR04", ErrorCategory.RECRUITMENT, 90, True),
    ("BR11", "BR05", ErrorCategory.RECRUITMENT, 50, True),
    ("BR12", "BR04", ErrorCategory.RECRUITMENT, 20, True),
    ("BR13", "BR01", ErrorCategory.MEETINGS, 2, False),
)


def load(tree: DemoTree) -> None:
    for code, topics, most in OFFERS:
        offer_topics(tree.workers[code], topics=[str(topic) for topic in topics], most=most)
    for mentor, pupil, goals, first, last, every in PAIRS:
        _pair(tree, mentor, pupil, goals, first, last, every)
    for asker, helper, topic, days, closed in HELPS:
        _help(tree, asker, helper, topic, days, closed=closed)


def _pair(
    tree: DemoTree, mentor: str, pupil: str, goals: Sequence[str], first: int, last: int, every: int
) -> Pair:
    since, until = tree.as_of + timedelta(days=first), tree.as_of + timedelta(days=last)
    data = PairData(tree.workers[mentor], tree.workers[pupil], [str(goal) for goal in goals], since, until)
    pair = make_pair(tree.general, data=data, by=tree.staff, on=since)
    day = since + timedelta(days=7)
    while day <= min(until, tree.as_of):
        note_talk(pair, held_on=day, by=data.mentor, on=day)
        day += timedelta(days=every)
    return end_pair(pair, by=tree.staff, on=until) if until < tree.as_of else pair


def _help(tree: DemoTree, asker: str, helper: str, topic: str, days: int, *, closed: bool) -> None:
    on = tree.as_of - timedelta(days=days)
    offer = MentorTopic.objects.get(user=tree.workers[helper], topic=str(topic))
    request = ask_help(offer, by=tree.workers[asker], on=on)
    if closed:
        close_help(request, by=tree.workers[helper], on=on + timedelta(days=4))
