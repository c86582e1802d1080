from django.apps import AppConfig


class ErrorbankConfig(AppConfig):
    name = "errorbank"
    verbose_name = "错题库"
