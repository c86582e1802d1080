"""Problems change hands with the post that answers for them."""

from branches.models import Post
from errorbank.models import Finding


def pass_on(old: Post, new: Post) -> int:
    """Unsettled findings of one post become the other's; returns how many. Call it in a transaction."""
    mine = Finding.objects.unsettled().filter(organisation=new.organisation_id, responsible_post=old)
    keys = list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    found = Finding.objects.filter(pk__in=keys)
    return found.update(responsible_post=new, responsible_name=new.holder_name)
