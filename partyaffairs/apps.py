from django.apps import AppConfig
from django.core.checks import Tags, register

from partyaffairs.checks import database_is_not_newer, hosts_are_named, no_demo_accounts_in_production
from partyaffairs.logs import leave_visits_out


class PartyAffairsConfig(AppConfig):
    name = "partyaffairs"
    verbose_name = "党务工作台"

    def ready(self) -> None:
        register(hosts_are_named, Tags.security)
        register(no_demo_accounts_in_production, Tags.database)
        register(database_is_not_newer, Tags.database)
        leave_visits_out()
