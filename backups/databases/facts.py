"""What a database says of itself, asked in plain SQL so that a copy of any version answers."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from backups.manifest import AuditHead, Facts
from backups.rules import BackupRefused

Ask = Callable[[str], Sequence[tuple[Any, ...]]]
_NEEDED = {"django_migrations", "audit_chainhead"}


def facts_of(ask: Ask, tables: Iterable[str]) -> Facts:
    """Raises BackupRefused where the tables of the portal are missing."""
    names = sorted(tables)
    if not set(names) >= _NEEDED:
        raise BackupRefused("数据库里还没有党务工作台的数据，没有可备份的内容。")
    head = list(ask("SELECT position, hash FROM audit_chainhead WHERE id = 1"))
    return Facts(
        migrations=tuple((app, name) for app, name in ask(_MIGRATIONS)),
        tables={name: _rows(ask, name) for name in names},
        audit=AuditHead(*head[0]) if head else AuditHead(0, ""),
    )


_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"


def _rows(ask: Ask, table: str) -> int:
    quoted = table.replace('"', '""')
    [(number,)] = ask(f'SELECT count(*) FROM "{quoted}"')  # noqa: S608 - a table's own name, quoted
    return int(number)
