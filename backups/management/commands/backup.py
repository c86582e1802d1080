"""Write one backup of everything into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backups.actions import make_backup
from backups.actions.making import own_folders
from backups.rules import BackupRefused, RestoreRefused, size_label


class Command(BaseCommand):
    help = "Back up database, uploaded files and waiting letters into one file; see docs/operations.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=Path(settings.BACKUP_DIR))
        parser.add_argument(
            "--box-keys",
            type=Path,
            default=own_folders()[1],
            help="another folder for the latest copy of the anonymous channel's keys; usually BACKUP_BOX_DIR",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_backup(options["folder"], now=timezone.localtime(), box_keys=options["box_keys"])
        except (BackupRefused, RestoreRefused) as refusal:
            raise CommandError(str(refusal)) from None
        facts = made.manifest.facts
        self.stdout.write(
            f"备份已做好：{made.file}（{size_label(made.size)}）\n"
            f"{len(facts.tables)} 张表 {facts.rows} 行；审计链封存到第 {facts.audit.position} 条，"
            f"封存值 {facts.audit.hash}\n文件校验值 {made.sha256}\n"
            "密钥不在里面，请另外保管：SECRET_KEY、PERSONAL_DATA_KEYS，以及减负直通车的 key 和 keys。"
        )
        if options["box_keys"] is None:
            self.stdout.write(
                "没有设置 BACKUP_BOX_DIR，也没有用 --box-keys 指定目录：直通车的钥匙没有另存，"
                "只凭这份备份打不开还没有公开的来信。"
            )
