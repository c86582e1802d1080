"""Seal everything that is sealed with the first of PERSONAL_DATA_KEYS: id numbers, roster files, addresses,
what the desk of the anonymous channel noted.

Put the new key in front, restart, run this, and take the old key out once it says that nothing is left.
Each batch is one transaction; it may be stopped and run again at any time.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from branches.actions.personal_data import rotate_batch, write_down_rotation
from branches.sealed import SealRefused
from branches.sealed_columns import SealedRows, all_sealed_rows, reasons_to_keep, seal_files_anew


class Command(BaseCommand):
    help = "Seal all personal data with the first key of PERSONAL_DATA_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = [(rows, *_rotate(rows)) for rows in all_sealed_rows()]
            seal_files_anew()
        except SealRefused as refusal:
            self.stderr.write(f"没有全部完成：{refusal}")
            sys.exit(1)
        if any(changed for _, changed, _ in found):
            write_down_rotation({rows.code: changed for rows, changed, _ in found if rows.counted}, by=None)
        for rows, changed, kept in found:
            self.stdout.write(_said(rows, changed, kept))
        for reason in reasons_to_keep():
            self.stdout.write(f"旧密钥请先留着：{reason}")


def _said(rows: SealedRows, changed: int, kept: int) -> str:
    if not rows.counted:
        return f"{rows.label}：都已是新密钥。"
    return f"{rows.label}：重新加密 {changed} {rows.unit}，已是新密钥 {kept} {rows.unit}。"


def _rotate(rows: SealedRows) -> tuple[int, int]:
    changed, kept = 0, 0
    after: Any = None
    while True:
        done = rotate_batch(rows, after=after)
        changed, kept = changed + done.changed, kept + done.kept
        if done.last is None:
            return changed, kept
        after = done.last
