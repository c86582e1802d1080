"""Turns HTML into PDF in a process of its own: HTML on stdin, PDF on stdout, pages on stderr.

Run as `python -m ledgers.renderers.pdf_child --memory MB --cpu SECONDS --allow FOLDER …`.
It knows neither Django nor the database: hostile HTML finds nothing here but its own limits.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import weasyprint
from weasyprint.urls import URLFetcher, URLFetcherResponse

from ledgers.processes import limit

RESOURCE_TYPES = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
}


class RefusedAddressError(ValueError):
    """The document asked for something that is not ours."""


class OwnFilesFetcher(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Fetches our own style sheets, fonts and pictures, and data: URIs; nothing else, anywhere."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)
        self._folders = [folder.resolve() for folder in folders]

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        if parts.scheme != "file" or parts.netloc:
            raise RefusedAddressError(url)
        return self._own_file(Path(unquote(parts.path)), url)

    def _own_file(self, path: Path, url: str) -> URLFetcherResponse:
        real = path.resolve()
        mime = RESOURCE_TYPES.get(real.suffix.lower())
        if mime is None or not any(real.is_relative_to(folder) for folder in self._folders):
            raise RefusedAddressError(url)
        return URLFetcherResponse(url, real.read_bytes(), {"Content-Type": mime})


class PageReporter(logging.Handler):
    """Writes "page N" to stderr whenever another page is laid out, for the parent's progress."""

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage().rpartition("Page ")
        if words[1] and words[2].isdigit():
            sys.stderr.write(f"page {words[2]}\n")
            sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--cpu", type=int, required=True)
    parser.add_argument("--allow", type=Path, action="append", default=[])
    options = parser.parse_args()
    limit(memory=options.memory * 1024 * 1024, cpu=options.cpu)
    progress = logging.getLogger("weasyprint.progress")
    progress.setLevel(logging.INFO)
    progress.addHandler(PageReporter())
    html = weasyprint.HTML(
        string=sys.stdin.buffer.read().decode(),
        base_url=f"{options.allow[0].resolve().as_uri()}/",
        url_fetcher=OwnFilesFetcher(options.allow),
    )
    sys.stdout.buffer.write(html.write_pdf(presentational_hints=True))


if __name__ == "__main__":
    main()
