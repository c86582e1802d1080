"""Django's command with our executor."""

from django.core.management.commands import migrate

from partyaffairs.migrating import WholeExecutor

# The command takes its executor from its own module; there is no other place to hand it one.
vars(migrate)["MigrationExecutor"] = WholeExecutor


class Command(migrate.Command):
    pass
