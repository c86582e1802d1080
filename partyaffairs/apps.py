from django.apps import AppConfig


class PartyAffairsConfig(AppConfig):
    name = "partyaffairs"
    verbose_name = "党务工作台"
