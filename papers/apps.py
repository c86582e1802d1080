from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PapersConfig(AppConfig):
    name = "papers"
    verbose_name = "公文模板"

    def ready(self) -> None:
        # Finds `<app>/papers.py`; this app has no such module, so it is passed over.
        autodiscover_modules("papers")
