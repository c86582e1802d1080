"""A sketch of where the branches lie and which of them would become one; no map, only their coordinates.

Every group has a tone, a shape and a number, so that neither colour nor shape alone carries it. The seat
wears a ring, lines lead to it. A scale bar and an arrow to the north stand below.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, pi, radians, sin
from typing import Any

from django.utils.safestring import SafeString

from ledgers.charts import SMALL, circle, frame, group, line, path, text

Point = tuple[float, float]
Box = tuple[float, float, float, float]
NARROWEST, WIDEST, LOWEST, HIGHEST = 340.0, 720.0, 220.0, 460.0
# Room for words beside the outermost marks, above and below them, and for the scale.
ASIDE, ABOVE, FOOT = 86.0, 48.0, 44.0
KM_PER_DEGREE = 111.195
MARK, RING = 10.0, 14.5
TONES = ("blue", "green", "amber", "ink", "sub")
# Corners of each shape and the angle of the first one; none is a circle.
SHAPES = ((0, 0.0), (4, 45.0), (3, -90.0), (4, 0.0), (6, 0.0), (5, -90.0))
BARS_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500)
# Where a label may stand beside its mark: shift, anchor.
SPOTS = (
    ((19.0, 4.0), "start"),
    ((-19.0, 4.0), "end"),
    ((0.0, -19.0), "middle"),
    ((0.0, 29.0), "middle"),
)


@dataclass
class _Plane:
    """The projection, and the boxes already taken by words and marks."""

    to_point: Mapping[str, Point]
    width: float
    height: float
    pixels_per_km: float
    taken: list[Box] = field(default_factory=list)

    def is_free(self, box: Box) -> bool:
        left, top, right, _ = box
        inside = left >= 0 and right <= self.width and top >= 0
        return inside and not any(_overlap(box, other) for other in self.taken)


def _overlap(one: Box, other: Box) -> bool:
    return one[2] > other[0] and one[0] < other[2] and one[3] > other[1] and one[1] < other[3]


def joint_sketch(
    places: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], *, uid: str
) -> SafeString | None:
    """The drawing of one alternative; None where fewer than two branches have coordinates.

    `places` and `groups` are those of the report (branches.planning.report).
    """
    known = [place for place in places if place["latitude"] is not None]
    grouped = {code for one in groups for code in one["branches"]}
    if len(known) < 2:
        return None
    plane = _plane(known)
    labels = {place["code"]: place["label"] for place in known}
    body = [
        *(_ways(plane, one, n) for n, one in enumerate(groups)),
        *_others(plane, [code for code in labels if code not in grouped]),
        *(_mark(plane, code, n, one, labels) for n, one in enumerate(groups) for code in one["branches"]),
        *_labels(plane, labels, grouped, _ways_out(plane, groups)),
        *_foot(plane),
    ]
    return frame(
        (plane.width, plane.height + FOOT),
        title="联合支部示意图",
        description=_description(groups, labels),
        body=body,
        uid=uid,
    )


def _description(groups: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    said = (
        f"第 {n} 组：{'、'.join(labels.get(code, code) for code in one['branches'])}，"
        f"集中地点{one['seat_name']}，最远两处相距 {one['diameter_km']} 公里"
        for n, one in enumerate(groups, 1)
    )
    return "；".join(said) + "。" if groups else "没有联合的支部。"


def _plane(known: Sequence[Mapping[str, Any]]) -> _Plane:
    """Kilometres to the east and north, fitted into the width; degrees of longitude shrink to the north."""
    middle = radians(sum(place["latitude"] for place in known) / len(known))
    east = {p["code"]: p["longitude"] * cos(middle) * KM_PER_DEGREE for p in known}
    north = {p["code"]: p["latitude"] * KM_PER_DEGREE for p in known}
    wide = max(max(east.values()) - min(east.values()), 0.5)
    high = max(max(north.values()) - min(north.values()), 0.5)
    scale = min((WIDEST - 2 * ASIDE) / wide, (HIGHEST - 2 * ABOVE) / high)
    height = max(high * scale + 2 * ABOVE, LOWEST)
    width = max(wide * scale + 2 * ASIDE, NARROWEST)
    left = (width - wide * scale) / 2 - min(east.values()) * scale
    top = (height - high * scale) / 2 + max(north.values()) * scale
    points = {code: (left + east[code] * scale, top - north[code] * scale) for code in east}
    plane = _Plane(points, width, height, scale)
    plane.taken = [(x - RING, y - RING, x + RING, y + RING) for x, y in points.values()]
    return plane


def _tone(n: int) -> str:
    return TONES[n % len(TONES)]


def _ways(plane: _Plane, one: Mapping[str, Any], n: int) -> SafeString:
    """From every branch to the seat."""
    seat = plane.to_point.get(one["seat"])
    ends = [plane.to_point[code] for code in one["branches"] if code in plane.to_point]
    lines = [line(seat, end, tone=_tone(n), width=1.5) for end in ends if seat and end != seat]
    return group(one["name"], *lines)


def _mark(plane: _Plane, code: str, n: int, one: Mapping[str, Any], labels: Mapping[str, str]) -> SafeString:
    if code not in plane.to_point:
        return SafeString("")
    x, y = plane.to_point[code]
    seat = code == one["seat"]
    ring = [circle((x, y), RING, fill="card", stroke=_tone(n))] if seat else []
    words = f"{labels[code]}，第 {n + 1} 组{'，集中地点' if seat else ''}"
    number = text(x, y + 4, n + 1, tone="card", anchor="middle", size=SMALL, bold=True)
    return group(words, *ring, _shape((x, y), n), number)


def _shape(centre: Point, n: int) -> SafeString:
    corners, first = SHAPES[n % len(SHAPES)]
    if not corners:
        return circle(centre, MARK, fill=_tone(n), stroke=_tone(n))
    radius = MARK * (1.35 if corners == 3 else 1.2)
    angles = [radians(first) + 2 * pi * k / corners for k in range(corners)]
    points = [(centre[0] + radius * cos(a), centre[1] + radius * sin(a)) for a in angles]
    return path(points, fill=_tone(n), stroke=_tone(n), closed=True)


def _others(plane: _Plane, codes: Iterable[str]) -> list[SafeString]:
    return [circle(plane.to_point[code], 4, fill="card", stroke="sub") for code in codes]


def _ways_out(plane: _Plane, groups: Sequence[Mapping[str, Any]]) -> dict[str, Point]:
    """By branch, the direction in which the lines of its group leave its mark."""
    ways: dict[str, Point] = {}
    for one in groups:
        points = {code: plane.to_point[code] for code in one["branches"] if code in plane.to_point}
        seat = points.get(one["seat"])
        for code, (x, y) in points.items():
            ends = list(points.values()) if code == one["seat"] else [seat or (x, y)]
            ways[code] = (sum(end[0] - x for end in ends), sum(end[1] - y for end in ends))
    return ways


def _labels(
    plane: _Plane, labels: Mapping[str, str], grouped: set[str], ways: Mapping[str, Point]
) -> list[SafeString]:
    """Names beside the marks, away from the lines; those of other branches only where there is room."""
    drawn = []
    for code in sorted(labels, key=lambda code: (code not in grouped, code)):
        drawn += _label(plane, code, labels[code], ways.get(code, (0.0, 0.0)), must=code in grouped)
    return drawn


def _label(plane: _Plane, code: str, words: str, way: Point, *, must: bool) -> list[SafeString]:
    x, y = plane.to_point[code]
    spots = sorted(SPOTS, key=lambda spot: spot[0][0] * way[0] + spot[0][1] * way[1] > 0)
    boxes = [(spot, _box((x + spot[0][0], y + spot[0][1]), spot[1], words)) for spot in spots]
    free = [one for one in boxes if plane.is_free(one[1])]
    if not free and not must:
        return []
    (shift, anchor), box = (free or boxes)[0]
    plane.taken.append(box)
    tone = "ink" if must else "sub"
    return [text(x + shift[0], y + shift[1], words, tone=tone, anchor=anchor, size=SMALL)]


def _box(at: Point, anchor: str, words: str) -> Box:
    """What a line of words covers; a Chinese character is as wide as it is high."""
    width = sum(SMALL if ord(letter) > 255 else SMALL * 0.6 for letter in words)
    left = at[0] - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return left, at[1] - SMALL, left + width, at[1] + 3


def _foot(plane: _Plane) -> list[SafeString]:
    fitting = [km for km in BARS_KM if km * plane.pixels_per_km <= plane.width / 4] or [BARS_KM[0]]
    y, east, right = plane.height + 20, plane.width - 24, 16 + fitting[-1] * plane.pixels_per_km
    arrow = [(east - 6, y + 8), (east, y - 14), (east + 6, y + 8), (east, y + 3)]
    return [
        line((16, y), (right, y), tone="ink", width=2),
        line((16, y - 5), (16, y + 5), tone="ink", width=2),
        line((right, y - 5), (right, y + 5), tone="ink", width=2),
        text(right + 8, y + 4, f"{fitting[-1]} 公里", size=SMALL),
        path(arrow, fill="ink", stroke="ink", width=1, closed=True),
        text(east - 16, y + 4, "北", tone="ink", anchor="end", size=SMALL, bold=True),
    ]
