"""Reads all that the portal gives out and says which marks stand in it."""

import io
import zipfile
from typing import Any

from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from branches.models import Organisation
from tests.hardening.addresses import every_url
from tests.hardening.canaries import MARK, PAGES, PUBLIC, marks, rows_of
from tests.hardening.walking import name_of, sent

LEDGERS = {"ledgers:ledger_preview", "ledgers:ledger_export"}
FRAGMENT = {"HX-Request": "true"}


def words_of(response: Any) -> str:
    """All that can be read in an answer, unpacked."""
    return f"{response.headers} {read(response.whole)}"


def read(content: bytes) -> str:
    words = content.decode(errors="ignore")
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return words + "".join(parts.read(name).decode(errors="ignore") for name in parts.namelist())
    if content[:4] == b"%PDF":
        paper = PdfReader(io.BytesIO(content))
        return words + "".join(page.extract_text() for page in paper.pages).replace("\n", "")
    return words


def is_ledger(address: str) -> bool:
    """Every ledger as page and as workbook; papers hold the same rows, two of them are opened."""
    return name_of(address) in LEDGERS and ".pdf" not in address


def pages_of(place: Organisation) -> list[str]:
    """Addresses of its own rows, three of each kind."""
    found = []
    for name, label, way, value in PAGES:
        rows = rows_of(label, way, place.pk).exclude(**{value: None}).order_by("-pk")[:3]
        # The one place-holder of this address, whatever its name is.
        (holder,) = every_url()[name].pattern.converters
        found += [reverse(name, kwargs={holder: given}) for given in rows.values_list(value, flat=True)]
    facts = rows_of("incentives.LevelFact", "organisation", place.pk)
    for user, check in facts.values_list("user", "check_code"):
        found.append(reverse("incentives:level_evidence", args=[user, check, 0]))
    return list(dict.fromkeys(found))


class Search:
    """Collects which field's mark stands in which answer."""

    def __init__(self) -> None:
        self.known, self.found, self.read = marks(), dict[str, str](), 0

    def __call__(self, address: str, response: Any) -> None:
        self.words(address, words_of(response))

    def words(self, where: str, words: str) -> None:
        self.read += 1
        for mark in set(MARK.findall(words)) & self.known.keys():
            field = self.known[mark]
            if field not in PUBLIC or PUBLIC[field] not in where:
                self.found.setdefault(field, where)

    def ask(
        self, client: Client, theirs: dict[str, str], *, own: dict[str, str], place: Organisation
    ) -> None:
        """With the numbers of others, as a page and as a fragment; and what one's own forms answer."""
        for address in dict.fromkeys([*theirs.values(), *pages_of(place)]):
            for method in ("get", "post"):
                for headers in ({}, FRAGMENT):
                    self(f"{method} {address} {''.join(headers)}", sent(client, method, address, headers))
        for name, address in own.items():
            self(f"post {address}", sent(client, "post", address))
            if name in LEDGERS:
                narrowed = f"{address}?organisation={place.code}"
                self(narrowed, sent(client, "get", narrowed))
        # The page says again what was asked for: half a mark is asked for, a whole one would be an answer.
        for half in sorted({mark[:4] for mark in self.known}):
            self(f"search {half}", sent(client, "get", f"/w/search/?q={half}"))
