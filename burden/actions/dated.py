"""What versions from a day on have in common: where a new one may stand, and what it replaces."""

from datetime import date, datetime
from typing import TypeVar

from django.db.models import QuerySet

from burden.models.schemes import Dated
from burden.rules.schemes import VersionRefused

D = TypeVar("D", bound=Dated)


def make_room(standing: QuerySet[D], *, since: date, now: datetime) -> None:
    """A new version may begin with the latest one's day, which it then replaces, or later.

    Raises VersionRefused.
    """
    latest = standing.order_by("-since").first()
    if latest is not None and since < latest.since:
        raise VersionRefused(
            f"最新的一版自 {latest.since:%Y-%m-%d} 起执行，请选这一天或以后的日期，以前的版本不再改动。"
        )
    standing.filter(since=since).update(replaced_at=now)
