"""Migrates and is killed on the way: python -m tests.upgrade.killing MODE KILLS SEED.

Each run is a child of its own that is killed with SIGKILL, then the next begins where it left. MODE is
`borders` (on either side of each commit in turn), `anywhere`, `theirs`: with Django's own executor, or
`control`: the same, killed between its work and its note, after which it cannot be run again.
Prints what was seen as JSON.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from random import Random
from typing import Any

import django

FAR = 10**9
SLOWEST = 3.0  # seconds into a run for a kill at a moment


class Killer:
    """Dies at the nth statement after so many commits, or on either side of the commit that follows them."""

    def __init__(
        self, commits: int, *, statement: int = FAR, before: bool = False, after: bool = False
    ) -> None:
        self.commits, self.statement, self.before, self.after = commits, statement, before, after

    def watch(self, connection: Any) -> None:
        connection.execute_wrappers.append(self._statement)
        commit = connection._commit

        def counted() -> None:
            self._die(self.before)
            commit()
            self._die(self.after)
            self.commits -= 1

        connection._commit = counted

    def _die(self, wanted: bool) -> None:
        if wanted and self.commits == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def _statement(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        if self.commits <= 0:
            self._die_of_statement()
        return execute(*arguments)

    def _die_of_statement(self) -> None:
        self.statement -= 1
        if self.statement <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def drawn(chance: Random, mode: str, passed: int) -> Killer:
    if mode == "borders":
        return Killer(0, before=passed % 3 == 0, after=passed % 3 != 0)
    commits = chance.randint(0, 14)
    return chance.choice(
        [
            Killer(commits, before=True),
            Killer(commits, after=True),
            Killer(commits, statement=chance.randint(1, 30)),
        ]
    )


def run(migrate: Callable[[], object], killer: Killer | None, moment: float = 0) -> int:
    """The code of the child's end; negative when it was killed."""
    from django.db import connection  # noqa: PLC0415 - needs the settings

    connection.close()
    child = os.fork()
    if not child:
        if killer:
            killer.watch(connection)
        code = 1
        try:
            migrate()
            code = 0
        finally:
            os._exit(code)
    if moment:
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(mode: str, kills: int, seed: str) -> dict[str, int]:
    django.setup()
    from django.core.management import call_command, get_commands  # noqa: PLC0415 - needs the apps
    from django.core.management.commands import migrate  # noqa: PLC0415 - the same
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - the same

    get_commands()
    if mode in {"control", "theirs"}:
        import_module("partyaffairs.management.commands.migrate")  # its own executor is put in first
        vars(migrate)["MigrationExecutor"] = (
            dying(MigrationExecutor) if mode == "control" else MigrationExecutor
        )

    def go() -> None:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)

    if mode == "control":
        return counted([run(go, None), run(go, None)])
    return counted([*killed_runs(go, mode, kills, Random(seed)), run(go, None)])


def dying(executor: Any) -> Any:
    """Dies where a migration is done and that it is done will be another transaction."""

    class Dying(executor):  # type: ignore[misc]  # a class is handed in
        def record_migration(self, migration: Any) -> None:
            if not self.connection.in_atomic_block:
                os.kill(os.getpid(), signal.SIGKILL)
            super().record_migration(migration)

    return Dying


def killed_runs(go: Callable[[], object], mode: str, kills: int, chance: Random) -> Iterator[int]:
    """Until one comes to its end unharmed."""
    for passed in range(kills):
        if mode == "anywhere" and passed % 4 == 3:
            code = run(go, None, moment=chance.uniform(0.3, SLOWEST))
        else:
            code = run(go, drawn(chance, mode, passed))
        yield code
        if code == 0:
            return


def counted(codes: Iterable[int]) -> dict[str, int]:
    """killed, failed: runs that ended so; a failed one says that the portal is stuck."""
    ends = list(codes)
    return {"killed": ends.count(-signal.SIGKILL), "failed": sum(code > 0 for code in ends)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
