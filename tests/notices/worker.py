"""A worker of its own process: sends what is due to the fake robot on the given port.

python -m tests.notices.worker PORT
"""

import sys
from functools import partial

import django


def main(port: str) -> None:
    django.setup()
    # Only now: models need the apps.
    from notices.actions.delivery import deliver_due  # noqa: PLC0415
    from notices.rules import ROBOTS  # noqa: PLC0415
    from notices.senders import Provider, send  # noqa: PLC0415
    from tests.notices.robots import HOST, is_this_machine  # noqa: PLC0415

    place = Provider(HOST, "http", int(port), may_reach=is_this_machine)
    deliver_due(send=partial(send, providers=dict.fromkeys(ROBOTS, place)))


if __name__ == "__main__":
    main(sys.argv[1])
