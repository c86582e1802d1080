from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LedgersConfig(AppConfig):
    name = "ledgers"
    verbose_name = "台账"

    def ready(self) -> None:
        # Finds `<app>/ledgers.py`; this app has no such module, so it is passed over.
        autodiscover_modules("ledgers")
