"""Files people send and fetch: there whole or not at all."""

from contextlib import suppress
from typing import Any

from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        """A full disk leaves no half of a file."""
        try:
            return str(super()._save(name, content))  # type: ignore[misc]  # the stubs leave it out
        except OSError:
            with suppress(OSError):
                self.delete(name)
            raise
