"""Django's command with our executor; it leaves a database alone that a newer program has written."""

from typing import Any

from django.core.management.commands import migrate

from partyaffairs.migrating import WholeExecutor
from partyaffairs.tables import refuse_newer

# The command takes its executor from its own module; there is no other place to hand it one.
vars(migrate)["MigrationExecutor"] = WholeExecutor


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_newer()
        super().handle(*args, **options)
