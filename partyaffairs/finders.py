"""Where static files come from, besides static/ and the apps."""

from collections.abc import Iterable, Iterator
from typing import Any

from bootstrap_wrapper import get_bootstrap_css_dir
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

PREFIX = "bootstrap"
USED = ("bootstrap.min.css", "bootstrap.min.css.map")


class BootstrapFinder(FileSystemFinder):
    """The one stylesheet we use out of the wheel; compressing all thirty takes half a minute."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        folder = str(get_bootstrap_css_dir())
        self.locations = [(PREFIX, folder)]
        self.storage = FileSystemStorage(location=folder)
        # Read by collectstatic to place the files.
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]  # the stubs do not know it
        self.storages = {folder: self.storage}

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for name in USED:
            yield name, self.storage
