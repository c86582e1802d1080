from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ErrorbankConfig(AppConfig):
    name = "errorbank"
    verbose_name = "错题库"

    def ready(self) -> None:
        # Floors above say what their actions are called, and which are to be done, and what
        # stands on the page of an entry.
        autodiscover_modules("action_titles", "open_actions", "entry_offers")
