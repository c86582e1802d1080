"""Every address of the portal with something in its place-holders, and a middleware that breaks a view."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

# A row nobody has, and words nobody gave a name.
FILLING = {"int": 999_999_937, "uuid": "00000000-0000-4000-8000-000000000000"}
ADMIN = "admin"


def patterns(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            below = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from patterns(entry, below)
        elif isinstance(entry, URLPattern) and entry.name:
            yield ":".join((*namespaces, entry.name)), entry


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
    """URL name → address; the admin site's own pages are Django's, one of them stands for all."""
    found = {}
    for name, entry in patterns(get_resolver()):
        if name.startswith(f"{ADMIN}:") and name != "admin:index":
            continue
        if address := address_of(name, entry):
            found[name] = address
    return found


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
