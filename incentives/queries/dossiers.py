"""What stands in the evidence file of a person: texts only, as of a day."""

from datetime import date
from typing import Any

from accounts.models import User
from branches.models import Organisation
from incentives.models import ContributionEntry, HonourCase, LevelTerm, LevelYear, Recommendation
from incentives.queries.levels import lines_for, posts_of, standard_of, term_of
from incentives.rules.levels import LevelCode, next_code, plain

MOST_ENTRIES = 300


def snapshot_of(user: User, place: Organisation, *, on: date) -> dict[str, Any]:
    """Cover, facts, contributions, honours, levels."""
    return {
        "name": user.name,
        "organisation": place.name,
        "on": on.isoformat(),
        "posts": _posts(user, on),
        "facts": _facts(user, place, on),
        "contributions": _contributions(user, on),
        "honours": _honours(user, on),
        "levels": _levels(user, on),
        "years": [
            {"year": row.year, "met": "达标" if row.met else "未达标"}
            for row in LevelYear.objects.filter(user=user).order_by("year")
        ],
        "recommendations": [
            {
                "on": r.made_on.isoformat(),
                "purpose": r.purpose,
                "criterion": r.criterion,
                "evidence": r.evidence,
            }
            for r in Recommendation.objects.filter(user=user, made_on__lte=on).order_by("made_on", "pk")
        ],
    }


def _posts(user: User, on: date) -> list[dict[str, str]]:
    return [
        {
            "organisation": post.organisation.name,
            "role": post.get_role_display(),
            "since": post.since.isoformat(),
            "until": post.until.isoformat() if post.until and post.until <= on else "至今",
        }
        for post in posts_of(user, on=on).select_related("organisation").order_by("since", "pk")
    ]


def _facts(user: User, place: Organisation, on: date) -> list[dict[str, str]]:
    """The numbers against the next level; at the highest against that one."""
    term = term_of(user, on=on)
    held = term.level if term else ""
    code = next_code(held) or LevelCode(held)
    level = standard_of(place, on=on).levels[code]
    found = lines_for(user, level, on=on)
    return [{"label": line.criterion.check.label, "data": line.data} for line in found]


def _contributions(user: User, on: date) -> list[dict[str, str]]:
    rows = ContributionEntry.objects.standing().filter(user=user, happened_on__lte=on)
    return [
        {
            "on": row.happened_on.isoformat(),
            "kind": row.get_kind_display(),
            "words": row.words,
            "weight": plain(row.weight),
        }
        for row in rows.order_by("-happened_on", "-pk")[:MOST_ENTRIES]
    ]


def _honours(user: User, on: date) -> list[dict[str, str]]:
    found = HonourCase.objects.awarded().filter(nominee=user, ended_on__lte=on).select_related("call")
    return [
        {
            "on": case.ended_on.isoformat() if case.ended_on else "",
            "name": str(case.call),
            "number": case.number,
        }
        for case in found.order_by("ended_on", "pk")
    ]


def _levels(user: User, on: date) -> list[dict[str, str]]:
    return [
        {
            "level": term.get_level_display(),
            "origin": term.get_origin_display(),
            "since": term.since.isoformat(),
            "until": term.until.isoformat(),
            "ended": term.ended_on.isoformat() if term.ended_on else "",
        }
        for term in LevelTerm.objects.filter(user=user, since__lte=on).order_by("since", "pk")
    ]
