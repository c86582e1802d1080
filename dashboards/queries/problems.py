"""What goes wrong again and again."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.charts import Bar
from dashboards.queries.frame import Frame
from errorbank.queries.board import categories, repeats
from errorbank.rules.figures import Span


@dataclass(frozen=True)
class CategoryLine:
    name: str
    found: int
    found_url: str
    repeated: int
    repeated_url: str


@dataclass(frozen=True)
class RepeatLine:
    """One error that was found more than once: how often, and in how many branches."""

    name: str
    times: int
    places: int
    url: str


@dataclass(frozen=True)
class Problems:
    """Of the twelve months that end with the one looked at; without what branches reported themselves."""

    found: int
    found_url: str
    repeated: int
    repeated_url: str
    categories: Sequence[CategoryLine]
    repeats: Sequence[RepeatLine]

    @property
    def bars(self) -> list[Bar]:
        return [Bar(line.name, line.found, line.repeated) for line in self.categories]


def problems_of(frame: Frame) -> Problems:
    """Two statements."""
    span, urls = Span.of(frame.month, on=frame.on), frame.addresses
    lines = [
        CategoryLine(
            one.name,
            one.found,
            urls.findings("found", category=one.category),
            one.repeated,
            urls.findings("repeated", category=one.category),
        )
        for one in categories(frame.places, span)
    ]
    return Problems(
        found=sum(line.found for line in lines),
        found_url=urls.findings("found"),
        repeated=sum(line.repeated for line in lines),
        repeated_url=urls.findings("repeated"),
        categories=lines,
        repeats=[
            RepeatLine(one.problem, one.times, one.branches, urls.findings("found", entry=one.entry_id))
            for one in repeats(frame.places, span)
        ],
    )
