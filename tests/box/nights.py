"""What a portal does at night, in a process of its own: python -m tests.box.nights recipients|run|open …"""

import json
import sys
from collections.abc import Callable
from datetime import date

import django


def main(what: str, *arguments: str) -> None:
    django.setup()
    # Only now: models need the apps.
    from django.utils import timezone  # noqa: PLC0415

    from burden.box.actions import beat, tick  # noqa: PLC0415
    from burden.box.desk import open_desk  # noqa: PLC0415
    from burden.box.limits import Level  # noqa: PLC0415
    from burden.models import BoxRecipient  # noqa: PLC0415
    from burden.tasks import box_beat, box_tick  # noqa: PLC0415
    from notices.tasks import deliver_notices  # noqa: PLC0415
    from tests.box.recipients import PASSPHRASE, add_recipients  # noqa: PLC0415

    def recipients() -> None:
        """Two of the own level."""
        add_recipients(Level.OWN, Level.OWN)

    def run(*days: str) -> None:
        """These nights, with a beat before and after each tick, and messages to the worker."""
        for day in days:
            beat()
            tick(date.fromisoformat(day))
            beat()
            deliver_notices()
        box_beat.delay()
        box_tick.delay()

    def opened(word: str) -> None:
        """Print how many letters a recipient reads that hold the word."""
        desk = open_desk(BoxRecipient.objects.all()[0], PASSPHRASE, on=timezone.localdate())
        print(json.dumps(sum(word in sheet.text for sheet in desk.sheets) + desk.more))

    known: dict[str, Callable[..., None]] = {"recipients": recipients, "run": run, "open": opened}
    known[what](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
