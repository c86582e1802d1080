"""A life in a process of its own, with its own database and data folder.

python -m tests.faults.life begin | live DAYS plain|killed SEED | control DAYS plain|killed SEED VARIANT
                          | gap HOURS plain|off SEED

The driver advances the day that is given to jobs (tests.faults.living). Rows (tests.faults.rows) and how many
kills each target had go into VAR_DIR/lived.json.
"""

import json
import sys
from pathlib import Path
from random import Random

import django


def main(command: str, days: str = "0", kills: str = "", seed: str = "0", variant: str = "") -> None:
    django.setup()
    # Only now: models need the apps.
    from django.conf import settings  # noqa: PLC0415

    from tests.faults.breaking import DAILY  # noqa: PLC0415
    from tests.faults.living import Life  # noqa: PLC0415
    from tests.faults.office import begin  # noqa: PLC0415

    if command == "begin":
        begin()
        return
    life = Life(int(days), kills != "plain", Random(int(seed)))
    if command == "live":
        life.live()
    elif command == "gap":
        life.gap(int(days))
    else:
        life.control(DAILY[variant])
    lived = {"killed": life.killer.seen, "rows": life.rows(days=command != "gap")}
    (Path(settings.VAR_DIR) / "lived.json").write_text(json.dumps(lived))


if __name__ == "__main__":
    main(*sys.argv[1:])
