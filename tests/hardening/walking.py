"""Finds a real address for every URL of the portal by following links, as people of the demo would."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.urls.resolvers import RoutePattern, URLPattern

from accounts.models import User
from tests.hardening.addresses import ADMIN, address_of, every_url

LINK = re.compile(r'(?:href|action|hx-get|hx-post|formaction)="([^"#]+)"')
# So many pages behind one URL name are opened: a draft links elsewhere than what is published.
PAGES_EACH = 2
# Signing in and out would end the walk.
LEFT_OUT = {"accounts:login", "accounts:logout"}


def name_of(address: str) -> str | None:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def sent(client: Client, method: str, address: str, headers: Mapping[str, str] | None = None) -> Any:
    """The answer, read to its end; whatever the request wrote is taken back."""
    point = transaction.savepoint()
    try:
        response: Any = getattr(client, method)(address, headers=headers)
        if response.streaming:
            response.whole = b"".join(response.streaming_content)
        else:
            response.whole = response.content
        _closed(response)
        return response
    finally:
        transaction.savepoint_rollback(point)


def _closed(response: Any) -> None:
    """Its files; Django would close the database besides, which is the test's."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
        client.get("/w/account/")  # stamps the session once, not within what is taken back
    return client


def walked(
    users: Iterable[User],
    look: Callable[[str, Any], None] = lambda address, response: None,
    every: Callable[[str], bool] = lambda address: False,
) -> dict[str, str]:
    """URL name → a real address that one of these people is led to; `look` is shown every answer.

    `every`: addresses that are opened however many of the same name there are.
    """
    found: dict[str, str] = {}
    opened: Counter[str] = Counter()
    for user in users:
        seen, paths, waiting, client = set[str](), set[str](), ["/w/"], client_of(user)
        while waiting:
            address = waiting.pop(0)
            name = name_of(address)
            if name is None or address in seen or name in LEFT_OUT or name.startswith(f"{ADMIN}:"):
                continue
            seen.add(address)
            path = urlsplit(address).path
            # A paper and a workbook of one ledger are two kinds of page.
            kind = name + PurePosixPath(path).suffix
            enough = path in paths if every(address) else opened[kind] >= PAGES_EACH
            if enough and address != "/w/":
                continue
            paths.add(path)
            opened[kind] += 1
            response = sent(client, "get", address)
            look(address, response)
            if response.status_code not in (403, 404):
                found.setdefault(name, path)
                waiting += _onwards(response, address)
    return found


def _onwards(response: Any, address: str) -> Iterator[str]:
    if "Location" in response.headers:
        yield response.headers["Location"]
    elif response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html"):
        for link in LINK.findall(response.content.decode()):
            whole = urlsplit(urljoin(address, unescape(link)))
            if not whole.netloc and whole.path.startswith("/w/"):
                yield whole.path + (f"?{whole.query}" if whole.query else "")


def real_addresses(users: Iterable[User], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """URL name → address: found by walking, else with the numbers of the nearest page that was found.

    `known`: what these people have walked already.
    """
    found, urls = dict(known or walked(users)), every_url()
    places = {name: resolve(address).kwargs for name, address in found.items()}
    for name, entry in urls.items():
        if name not in found and (address := _filled(name, entry, places) or address_of(name, entry)):
            found[name] = address
    return found


def _filled(name: str, entry: URLPattern, places: dict[str, dict[str, Any]]) -> str | None:
    """“contests/<pk>/close/” with the number of the contest whose page was found."""
    wanted = entry.pattern.converters if isinstance(entry.pattern, RoutePattern) else {}
    near = [other for other, kwargs in places.items() if wanted and wanted.keys() <= kwargs.keys()]
    near = [other for other in near if _subject(other) == _subject(name)]
    if not near:
        return None
    kwargs = places[min(near, key=lambda other: (len(places[other]), other))]
    return reverse(name, kwargs={key: kwargs[key] for key in wanted})


def _subject(name: str) -> str:
    """“training:contest” of “training:contest_close”."""
    return name.rpartition("_")[0]
