"""The portal does not start on data that a killed restore left half."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from backups.marker import unfinished
from backups.rules import RestoreRefused


def no_restore_is_unfinished(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        begun = unfinished()
    except RestoreRefused as refusal:
        return [Error(str(refusal), id="backups.E002")]
    if begun is None:
        return []
    return [
        Error(
            f"上一次恢复没有做完（{begun.file}，{begun.at:%Y-%m-%d %H:%M} 开始），现在的数据不完整。",
            hint=f"请用同一份文件再恢复一次：manage.py restore {begun.file}",
            id="backups.E001",
        )
    ]
