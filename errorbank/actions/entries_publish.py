"""Making a wording the one readers see."""

from datetime import datetime

from accounts.models import User
from errorbank.models import EntryAction, EntryVersion
from errorbank.rules import VersionState
from errorbank.rules.searching import normalised


def make_current(version: EntryVersion, *, at: datetime, by: User | None) -> None:
    """Publish one wording; the last one is superseded. Call it in a transaction with the entry locked."""
    entry = version.entry
    entry.versions.filter(state=VersionState.PUBLISHED).update(state=VersionState.SUPERSEDED)
    version.state, version.reviewed_by, version.reviewed_at = VersionState.PUBLISHED, by, at
    version.search_text = search_text(version)
    version.save()
    entry.published = version
    entry.save(update_fields=["published"])
    EntryAction.objects.filter(entry=entry).exclude(action_code__in=version.action_codes).delete()
    rows = [EntryAction(entry=entry, action_code=code) for code in version.action_codes]
    EntryAction.objects.bulk_create(rows, ignore_conflicts=True)


def search_text(version: EntryVersion) -> str:
    return normalised(
        [
            version.entry.code,
            version.get_category_display(),
            version.problem,
            version.why_wrong,
            version.wrong_example,
            version.right_example,
            version.measure,
            version.recheck_method,
            *(basis["document"] for basis in version.basis),
        ]
    )
