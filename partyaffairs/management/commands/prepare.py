"""Everything between "the packages are there" and "the server may start", in one process."""

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command

from partyaffairs.checks import demo_account_names
from partyaffairs.tables import refuse_newer


def _fingerprints() -> Iterable[str]:
    for finder in get_finders():
        for path, storage in finder.list(None):
            state = Path(storage.path(path)).stat()
            yield f"{path} {state.st_size} {state.st_mtime_ns}"


def static_fingerprint() -> str:
    """Return a digest that changes with any static source file (path, size or time)."""
    return hashlib.sha256("\n".join(sorted(_fingerprints())).encode()).hexdigest()


# What comes with the program and lies in rows; an organisation that starts here needs it at once.
SHIPPED = ("load_catalogue", "load_rules", "load_entries", "load_cards")


class Command(BaseCommand):
    help = "Migrate, collect static files, load demo (if asked) and all that is shipped, sweep stale jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", choices=["yes", "no"], default="no")
        parser.add_argument("--static", choices=["yes", "no"], default="yes", help="no: an image has them")
        parser.add_argument(
            "--note", type=Path, help="file that says after the run whether the demo is loaded"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"] == "yes" and settings.PRODUCTION:
            raise CommandError("生产模式不装演示数据。")
        refuse_newer()
        # With the checks: in production demo accounts stop it here.
        call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
        if options["static"] == "yes":
            self.collect_static()
        if options["demo"] == "yes":
            self.load_demo()
        for name in (*SHIPPED, "sweep_jobs"):
            call_command(name, verbosity=0, stdout=StringIO())  # nobody asked for their figures
        if options["note"]:
            options["note"].write_text("demo\n" if demo_account_names(first_only=True) else "")

    def collect_static(self) -> None:
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        wanted = static_fingerprint()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(wanted)

    def load_demo(self) -> None:
        if get_user_model().objects.exists():
            return
        self.stdout.write("» 数据库是空的，正在装入演示数据")
        self.stdout.flush()
        call_command("load_demo")
