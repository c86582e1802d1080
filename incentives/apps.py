from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = "激励"

    def ready(self) -> None:
        # A worker that only ends notices must know what follows for each subject.
        autodiscover_modules("registered")
