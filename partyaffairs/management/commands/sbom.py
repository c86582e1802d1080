"""Print which packages the portal is made of, as CycloneDX JSON."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from packaging.version import Version

from partyaffairs.bill import LEAST, PINS, bill_of, read_least, read_pins

PROJECT = PINS.parent.parent / "pyproject.toml"


class Command(BaseCommand):
    help = "Print the bill of materials made from requirements/base.txt, as CycloneDX 1.6 JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="write into this file instead")
        parser.add_argument("--check", action="store_true", help="compare with requirements/least_safe.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        pins = read_pins(PINS.read_text("utf-8"))
        if options["check"]:
            self._check({pin.name: pin.version for pin in pins})
            return
        project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
        bill = bill_of(pins, name=project["name"], version=project["version"])
        text = json.dumps(bill, indent=2, ensure_ascii=False) + "\n"
        if options["output"]:
            options["output"].write_text(text, "utf-8")
        else:
            self.stdout.write(text, ending="")

    def _check(self, pinned: dict[str, str]) -> None:
        least = read_least(LEAST.read_text("utf-8"))
        old = [one for one in least if Version(pinned[one.name]) < Version(one.version)]
        for one in old:
            self.stderr.write(f"{one.name} {pinned[one.name]} is older than {one.version}: {one.why}")
        if old:
            sys.exit(1)
        self.stdout.write(f"{len(least)} packages are at or above their least safe version.")
