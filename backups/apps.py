from django.apps import AppConfig
from django.core.checks import register

from backups.checks import no_restore_is_unfinished


class BackupsConfig(AppConfig):
    name = "backups"
    verbose_name = "备份"

    def ready(self) -> None:
        register(no_restore_is_unfinished)
