from django.apps import AppConfig
from django.core.checks import register

from notices.checks import ways_out_are_well_named


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        register(ways_out_are_well_named)
