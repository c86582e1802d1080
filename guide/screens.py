"""Leaf: the screens of the portal by their URL names, and who may open each."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from branches.access import permission_of
from branches.roles import all_permissions
from guide.rules import type_of_holder


def views_below(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """(URL name, view) of every address below a resolver."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from views_below(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{namespace}{entry.name}", entry.callback


@cache
def _views() -> dict[str, Any]:
    return dict(views_below(get_resolver()))


def may_open(screen: str, holdings: frozenset[type_of_holder]) -> bool:
    """Whether somebody with these roles and grants gets this page at all.

    A page without a permission of its own, or one that looks at more than the role, is everybody's.
    """
    holders = all_permissions().get(permission_of(_views().get(screen)) or "")
    return holders is None or bool(holders & holdings)
