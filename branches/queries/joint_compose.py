"""Groups somebody composes by hand, with the figures and checks a proposal would have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from branches.models import Organisation
from branches.planning.checks import Checked, check_group, refused
from branches.planning.facts import Preferences
from branches.planning.plan import assess
from branches.planning.report import comparison, group_report, objective_report, places_report
from branches.queries.joint import Scene, composed_question, trouble_report


@dataclass(frozen=True)
class ComposedGroup:
    figures: Mapping[str, Any]
    checks: Sequence[Checked]


@dataclass(frozen=True)
class Composed:
    """What the groups come to; `refusal` says what the documents do not allow."""

    groups: Sequence[ComposedGroup]
    figures: dict[str, Any]
    refusal: str


def compose(scene: Scene, together: Sequence[Sequence[Organisation]], preferences: Preferences) -> Composed:
    """Figures and checks of these groups on the day of the scene."""
    branches = [branch for group in together for branch in group]
    question = composed_question(scene, branches, preferences)
    numbers = {site.key: n for n, site in enumerate(question.sites)}
    groups = assess(question, [[numbers[branch.pk] for branch in group] for group in together])
    made = [ComposedGroup(group_report(question, g), check_group(question, g)) for g in groups]
    said = [(one.figures["name"], refused(list(one.checks))) for one in made]
    alternative = {
        "rank": None,
        "gap": None,
        "behind": "",
        "objective": objective_report(question, groups),
        "groups": [one.figures for one in made],
        "alone": [],
        "comparison": comparison(question, groups),
    }
    figures = {
        "as_of": f"{scene.on:%Y-%m-%d}",
        "horizon_months": scene.horizon_months,
        "in_trouble": trouble_report(scene),
        "places": places_report(question),
        "status": "composed",
        "status_text": "自行组合，未作优劣比较。",
        "unplaced": [],
        "alternative": alternative,
        "origin": "hand",
    }
    return Composed(made, figures, "".join(f"“{name}”：{words}" for name, words in said if words))
