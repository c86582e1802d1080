"""What the actions of the catalogue are called, told by the floor above that keeps them.

An app that keeps actions has a module of this name, which calls `register`; found at start.
"""

from collections.abc import Callable, Collection, Mapping

# Names by code, of all offered ones (None) or of the asked codes; codes nobody knows are left out.
Titles = Callable[[Collection[str] | None], Mapping[str, str]]

_sources: list[Titles] = []


def register(source: Titles) -> Titles:
    if source not in _sources:
        _sources.append(source)
    return source


def titles_of(codes: Collection[str]) -> dict[str, str]:
    """One statement for all codes, none without codes."""
    return _asked(codes) if codes else {}


def offered_titles() -> dict[str, str]:
    """Every action that ships with the portal."""
    return _asked(None)


def _asked(codes: Collection[str] | None) -> dict[str, str]:
    return {code: title for source in _sources for code, title in source(codes).items()}
