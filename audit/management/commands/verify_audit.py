"""Check the hash chain of the audit log; exit 1 at the first broken place."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.queries import verify_chain


class Command(BaseCommand):
    help = "Verify the hash chain of the audit log and print its last seal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="a seal noted down earlier that must still be in the chain"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_chain(options["head"])
        if verdict.broken:
            raise CommandError(f"审计链不完整：{verdict.broken}")
        self.stdout.write(
            f"审计链完整：已封存 {verdict.sealed} 条，待封存 {verdict.unsealed} 条，最后封存值 {verdict.head}"
        )
