"""Distances between branches: great circles, in whole hundreds of metres so that sums are exact."""

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

from branches.planning.facts import Site

EARTH_KM = 6371.0088
Place = tuple[float, float]


def great_circle_km(one: Place, other: Place) -> float:
    """Kilometres along the surface between (latitude, longitude) pairs in degrees (haversine)."""
    north, south = radians(one[0]), radians(other[0])
    rise, run = sin((south - north) / 2), sin(radians(other[1] - one[1]) / 2)
    return 2 * EARTH_KM * asin(min(1.0, sqrt(rise * rise + cos(north) * cos(south) * run * run)))


def distances_hm(sites: Sequence[Site]) -> list[list[int | None]]:
    """Hundreds of metres between every two sites; None where a place is not known."""
    table: list[list[int | None]] = [[None] * len(sites) for _ in sites]
    for n, site in enumerate(sites):
        table[n][n] = 0
        for m in range(n):
            table[n][m] = table[m][n] = _hm(site.place, sites[m].place)
    return table


def _hm(one: Place | None, other: Place | None) -> int | None:
    return None if one is None or other is None else round(great_circle_km(one, other) * 10)


def km_label(hm: int) -> str:
    """“16.6 公里”."""
    return f"{hm / 10:.1f} 公里"
