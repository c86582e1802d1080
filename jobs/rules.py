"""What went wrong with work, told from the error alone."""

import errno
from collections.abc import Iterator

FULL_DISK = "服务器的磁盘空间不够，文件没有生成，请告诉系统管理员；清理以后可以重新开始。"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Full, and an I/O error: where SQLite finds no room even for the index of its log, it says the latter.
_SQLITE_FULL, _POSTGRES_FULL = {13, 10}, "53100"


def is_disk_full(error: BaseException | None) -> bool:
    """Whether files or the database could not be written; wrapped errors are looked into."""
    return any(_says_full(one) for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    of_sqlite = getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_FULL
    return of_sqlite or getattr(error, "sqlstate", None) == _POSTGRES_FULL
