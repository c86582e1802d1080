"""Bring a backup back into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backups.actions import Choices, Restored, restore
from backups.rules import MEDIA, BackupRefused, RestoreRefused


class Command(BaseCommand):
    help = "Restore a backup into an empty database, with the portal stopped; see docs/operations.md."
    # A restore that was interrupted is itself what the check complains of.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--box-keys", type=Path, help="copy of the anonymous channel's keys, or its folder"
        )
        parser.add_argument(
            "--without-box", action="store_true", help="the channel's keys are lost: give its letters up"
        )
        parser.add_argument("--new-secret-key", action="store_true", help="SECRET_KEY was changed on purpose")

    def handle(self, *args: Any, **options: Any) -> None:
        choices = Choices(options["box_keys"], options["without_box"], options["new_secret_key"])
        try:
            restored = restore(options["file"], now=timezone.localtime(), choices=choices)
        except (BackupRefused, RestoreRefused) as refusal:
            raise CommandError(str(refusal)) from None
        for line in _told(restored):
            self.stdout.write(line)


def _told(restored: Restored) -> list[str]:
    facts = restored.manifest.facts
    lines = ["上一次恢复没有做完，这次已从头做完。"] if restored.again else []
    lines.append(
        f"已恢复 {restored.manifest.made_at:%Y-%m-%d %H:%M} 的备份："
        f"{len(facts.tables)} 张表 {facts.rows} 行，"
        f"{len(restored.manifest.files(MEDIA))} 个上传文件，行数与清单一致。"
    )
    if restored.audited:
        lines.append(f"审计链完整，封存到第 {facts.audit.position} 条，封存值 {facts.audit.hash}")
    else:
        lines.append("备份来自较早的版本：请先运行 migrate，再运行 verify_audit 核对审计链。")
    if restored.letters_dropped:
        lines.append(f"减负直通车的 {restored.letters_dropped} 份信件没有钥匙可开，已放下；直通车从头开始。")
    return lines
