"""From the lines of a run to what is reported. Pure: no process, no clock.

A line is `start<TAB>page<TAB>status<TAB>milliseconds`; a status of 0 is a request that got no answer. Only
requests that began inside a span count for it: the ramp, with all its signing in, is shown apart.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Aims of the product at p95, in milliseconds; reported, never asserted.
AIM_QUIET, AIM_BUSY = 500, 800
ALL = "all pages"
# What the heavy work itself asks for is no page of those who wait beside it.
HEAVY = "heavy: "
STATIC = "static file"
# Sent once more, with what its form had asked for.
AGAIN = " again"


@dataclass(frozen=True)
class Request:
    start: float
    page: str
    status: int
    ms: float

    @property
    def failed(self) -> bool:
        """422 is an answer: a form that asks for more. Asked twice, the driver fills it in wrongly."""
        asks = self.status == 422 and not self.page.endswith(AGAIN)
        return self.status == 0 or (self.status >= 400 and not asks)

    @property
    def broke(self) -> bool:
        """The server's own fault: 5xx, or no answer at all."""
        return self.status == 0 or self.status >= 500


@dataclass(frozen=True)
class Span:
    name: str
    first: float
    last: float

    def __contains__(self, request: Request) -> bool:
        return self.first <= request.start < self.last


def read_rows(lines: Iterable[str]) -> list[Request]:
    """A last line cut off by the end of the run is left out."""
    found = []
    for line in lines:
        cells = line.rstrip("\n").split("\t")
        if len(cells) == 4 and line.endswith("\n"):
            found.append(Request(float(cells[0]), cells[1], int(cells[2]), float(cells[3])))
    return found


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The nearest rank: the smallest value that so large a share does not exceed."""
    return sorted_values[max(math.ceil(share * len(sorted_values)) - 1, 0)]


def summed(requests: Sequence[Request]) -> dict[str, Any]:
    times = sorted(each.ms for each in requests)
    if not times:
        return {"requests": 0, "failed": 0, "broke": 0}
    return {
        "requests": len(times),
        "failed": sum(each.failed for each in requests),
        "broke": sum(each.broke for each in requests),
        "p50": round(percentile(times, 0.50)),
        "p95": round(percentile(times, 0.95)),
        "p99": round(percentile(times, 0.99)),
        "most": round(times[-1]),
    }


def by_page(requests: Iterable[Request]) -> dict[str, dict[str, Any]]:
    """Every page, the slowest first; ALL has the pages without the heavy work and without static files."""
    pages: defaultdict[str, list[Request]] = defaultdict(list)
    for each in requests:
        pages[each.page].append(each)
    every = [
        each
        for page, found in pages.items()
        if not page.startswith(HEAVY) and page != STATIC
        for each in found
    ]
    told = {page: summed(found) for page, found in pages.items()}
    return {ALL: summed(every), **dict(sorted(told.items(), key=lambda pair: -pair[1]["p95"]))}


def figures(requests: Sequence[Request], spans: Sequence[Span]) -> dict[str, Any]:
    """What the end of the run itself cut off, after the last span, broke nothing."""
    measured = [each for each in requests if any(each in span for span in spans)]
    found: dict[str, Any] = {"spans": {}, "broke": sum(each.broke for each in measured)}
    for span in spans:
        inside = [each for each in requests if each in span]
        seconds = span.last - span.first
        found["spans"][span.name] = {
            "seconds": round(seconds, 1),
            "requests_per_second": round(len(inside) / seconds, 1),
            "pages": by_page(inside),
        }
    return found


def table(found: Mapping[str, Any]) -> str:
    """The figures for a reader: quiet beside busy, page by page."""
    spans = found["spans"]
    quiet, busy = spans["quiet"]["pages"], spans.get("busy", {}).get("pages", {})
    lines = [
        f"{'page':<34}{'requests':>9}{'p50':>7}{'p95':>7}{'p99':>7}{'failed':>8}{'busy p95':>10}{'ratio':>7}"
    ]
    for page in dict.fromkeys([*quiet, *busy]):
        lines.append(_line(page, quiet.get(page, {}), busy.get(page, {})))
    return "\n".join([*lines, "", *_verdicts(found)])


def _line(page: str, quiet: Mapping[str, Any], busy: Mapping[str, Any]) -> str:
    cells = [quiet.get("requests", 0), quiet.get("p50", ""), quiet.get("p95", ""), quiet.get("p99", "")]
    ratio = f"{busy['p95'] / quiet['p95']:.1f}" if busy.get("p95") and quiet.get("p95") else ""
    failed = quiet.get("failed", 0) + busy.get("failed", 0)
    return (
        f"{page[:33]:<34}{cells[0]:>9}{cells[1]:>7}{cells[2]:>7}{cells[3]:>7}"
        f"{failed:>8}{busy.get('p95', ''):>10}{ratio:>7}"
    )


def _verdicts(found: Mapping[str, Any]) -> list[str]:
    told = []
    for name, aim in (("quiet", AIM_QUIET), ("busy", AIM_BUSY)):
        span = found["spans"].get(name)
        if span and span["pages"][ALL]["requests"]:
            measured = span["pages"][ALL]["p95"]
            verdict = "within" if measured <= aim else "OVER"
            told.append(
                f"{name}: {span['requests_per_second']} requests/s, p95 {measured} ms,"
                f" {verdict} the aim {aim} ms"
            )
    return [*told, f"5xx or no answer: {found['broke']}"]
