"""Read a backup from end to end and say whether it could be restored with this program and these keys."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backups.actions import verify
from backups.rules import MEDIA, BackupRefused, RestoreRefused


class Command(BaseCommand):
    help = "Check a backup from end to end without touching any data."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--new-secret-key", action="store_true", help="SECRET_KEY was changed on purpose")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = verify(options["file"], new_secret_key=options["new_secret_key"])
        except (BackupRefused, RestoreRefused) as refusal:
            raise CommandError(str(refusal)) from None
        facts = manifest.facts
        self.stdout.write(
            f"备份完整，现有密钥能打开：{manifest.made_at:%Y-%m-%d %H:%M} 由 {manifest.portal} 版做成，"
            f"{manifest.engine}，{len(facts.tables)} 张表 {facts.rows} 行，"
            f"{len(manifest.files(MEDIA))} 个上传文件；审计链封存到第 {facts.audit.position} 条，"
            f"封存值 {facts.audit.hash}"
        )
