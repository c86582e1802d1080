"""Leaf: the drawings of a brief, made of its stored figures alone: the same on the page and on paper."""

from django.utils.safestring import SafeString

from dashboards.board_charts import problem_chart, rate_chart
from dashboards.charts import Bar, amount_chart
from dashboards.rules.brief_facts import Facts
from dashboards.rules.brief_words import BriefSection


def drawings_of(facts: Facts) -> dict[str, SafeString]:
    """By section; one without anything to draw is not there."""
    drawn = {}
    if any(month.rate is not None for month in facts.months):
        months, rates = [month.of for month in facts.months], [month.rate for month in facts.months]
        drawn[BriefSection.WHOLE.value] = rate_chart(months, rates, target=facts.target)
    if facts.categories:
        bars = [Bar(line.name, line.items, line.part) for line in facts.categories]
        drawn[BriefSection.PROBLEMS.value] = problem_chart(bars)
    if facts.askers:
        drawn[BriefSection.LOAD.value] = _load(facts)
    return drawn


def _load(facts: Facts) -> SafeString:
    said = "；".join(f"{one.name} {one.minutes} 分钟" for one in facts.askers)
    return amount_chart(
        [Bar(one.name, one.minutes, 0) for one in facts.askers],
        unit="分钟",
        title=f"{facts.of.label}各来源要求的用时",
        description=f"{said}。",
        uid="load",
    )
