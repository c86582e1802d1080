"""What the actions of the catalogue are called, for the error bank below this floor."""

from collections.abc import Collection, Mapping

from errorbank.action_titles import register
from reminders.models import ActionVersion
from reminders.rules import ActionKind


@register
def titles(codes: Collection[str] | None) -> Mapping[str, str]:
    """The latest name of each, as it ships or as its owner added it."""
    rows = ActionVersion.objects.filter(organisation=None)
    if codes is None:
        rows = rows.filter(action__kind=ActionKind.STATUTORY)
    else:
        rows = rows.filter(action__code__in=codes)
    return dict(rows.order_by("valid_from", "pk").values_list("action__code", "name"))
