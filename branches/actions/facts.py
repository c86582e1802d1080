"""Says that facts of organisations changed, so that their month lists are refreshed."""

from collections.abc import Iterable

from branches.models import Organisation


def mark_changed(organisations: Iterable[Organisation | int | None]) -> None:
    """Mark them stale; call it in the transaction that changes the fact."""
    keys = {item.pk if isinstance(item, Organisation) else item for item in organisations if item is not None}
    Organisation.objects.filter(pk__in=keys).update(facts_changed=True)
