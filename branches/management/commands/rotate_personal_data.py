"""Seal every id number and every waiting roster file with the first of PERSONAL_DATA_KEYS.

Put the new key in front, restart, run this, and take the old key out once it says that nothing is left.
Each batch is one transaction; it may be stopped and run again at any time.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from branches.actions.personal_data import rotate_batch, write_down_rotation
from branches.models import Member, RosterImport
from branches.sealed import SealRefused


class Command(BaseCommand):
    help = "Seal all personal data with the first key of PERSONAL_DATA_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            members, kept_members = _rotate(Member)
            imports, kept_imports = _rotate(RosterImport)
        except SealRefused as refusal:
            self.stderr.write(f"没有全部完成：{refusal}")
            sys.exit(1)
        if members or imports:
            write_down_rotation({"members": members, "imports": imports}, by=None)
        self.stdout.write(f"身份证号：重新加密 {members} 个，已是新密钥 {kept_members} 个。")
        self.stdout.write(f"名册文件：重新加密 {imports} 份，已是新密钥 {kept_imports} 份。")


def _rotate(model: type[Member] | type[RosterImport]) -> tuple[int, int]:
    changed, kept, after = 0, 0, 0
    while True:
        done = rotate_batch(model, after=after)
        changed, kept = changed + done.changed, kept + done.kept
        if done.last is None:
            return changed, kept
        after = done.last
