"""Every address of the portal with something in its place-holders, and a middleware that breaks a view."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

# A row nobody has, and words nobody gave a name.
FILLING = {"int": 999_999_937, "uuid": "00000000-0000-4000-8000-000000000000"}
ADMIN = "admin"


def entries(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Name → entry; where somebody forgot the name, the route stands in its place."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            below = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from entries(entry, below)
        elif isinstance(entry, URLPattern):
            yield ":".join((*namespaces, entry.name or str(entry.pattern))), entry


def is_of_admin(name: str) -> bool:
    """The admin site's own pages are Django's, its front page stands for all; test_addresses.py asks them."""
    return name.startswith(f"{ADMIN}:") and name != f"{ADMIN}:index"


def every_url() -> dict[str, URLPattern]:
    """URL name → pattern."""
    found = {name: entry for name, entry in entries(get_resolver()) if not is_of_admin(name)}
    return dict(sorted(found.items()))


def unfit_names(resolver: URLResolver) -> list[str]:
    """Entries without a name, which no test would ask for, and names that hide one entry behind another."""
    found = [(name, entry.name) for name, entry in entries(resolver) if not is_of_admin(name)]
    often = Counter(name for name, _ in found)
    return sorted({name for name, given in found if not given or often[name] > 1})


def address_of(name: str, entry: URLPattern) -> str | None:
    """None where a place-holder of its own kind refuses what we put in."""
    route = entry.pattern
    converters = route.converters if isinstance(route, RoutePattern) else {}
    filled = {key: FILLING.get(_kind(converter), "2026-01") for key, converter in converters.items()}
    try:
        return reverse(name, kwargs=filled)
    except NoReverseMatch:
        return None


def _kind(converter: Any) -> str:
    return type(converter).__name__.removesuffix("Converter").lower()


def all_addresses() -> dict[str, str]:
    """URL name → address."""
    found = {name: address_of(name, entry) for name, entry in every_url().items()}
    return {name: address for name, address in found.items() if address}


class Broken:
    """Stands last: every view fails before it begins."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        raise RuntimeError("broken on purpose")


def finished(response: Any) -> None:
    """Read a streamed file to its end, which closes it."""
    if response.streaming:
        b"".join(response.streaming_content)
