"""Everything that can be said of a backup from the file and the keys alone."""

from pathlib import Path

from backups.archive import Archive, opened
from backups.manifest import Manifest, is_sealed_here, own_prints
from backups.rules import (
    DATABASE,
    MEDIA,
    SPOOL,
    BrokenBackup,
    NewerBackup,
    RestoreRefused,
    unknown_migrations,
)


def verify(file: Path, *, new_secret_key: bool = False) -> Manifest:
    """Read the whole file. Raises BrokenBackup, NewerBackup, RestoreRefused."""
    with opened(file) as archive:
        check(archive, new_secret_key=new_secret_key)
        return archive.manifest


def check(archive: Archive, *, new_secret_key: bool) -> None:
    _refuse_strange_keys(archive.manifest, new_secret_key=new_secret_key)
    if not is_sealed_here(archive.manifest):
        raise BrokenBackup("清单被改动过")
    _refuse_newer(archive.manifest)
    _refuse_parts(archive.manifest)
    archive.check_members()


def _refuse_strange_keys(manifest: Manifest, *, new_secret_key: bool) -> None:
    own = own_prints()
    if not set(manifest.keys.personal) <= set(own.personal):
        raise RestoreRefused(
            "个人信息密钥（PERSONAL_DATA_KEYS）不是做这份备份时的那些，没有动任何数据。"
            "请把当时的密钥都写进去（embedded 方式是数据目录里的 personal_data_key 文件），再试。"
        )
    if manifest.keys.secret != own.secret and not new_secret_key:
        raise RestoreRefused(
            "SECRET_KEY 不是做这份备份时的那一个，没有动任何数据。请换回当时的（embedded 方式是数据目录里的 "
            "secret_key 文件）；确实要换新的，请加上 --new-secret-key，所有人要重新登录。"
        )


def _refuse_newer(manifest: Manifest) -> None:
    if unknown_migrations(manifest.facts.migrations):
        raise NewerBackup(manifest.portal)


def _refuse_parts(manifest: Manifest) -> None:
    names = [one.name for one in manifest.members]
    if names.count(DATABASE) != 1 or any(
        name not in {DATABASE, SPOOL} and not name.startswith(MEDIA) for name in names
    ):
        raise BrokenBackup("内容与清单不一致")
