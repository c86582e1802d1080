"""The measures a public answer may name: those of the newest issued list."""

from burden.models import MeasureEntry, MeasureList


def measure_choices() -> list[tuple[str, str]]:
    newest = MeasureList.objects.public().order_by("-year", "-version", "pk").first()
    entries = MeasureEntry.objects.filter(of_list=newest, adopted=True).order_by("position")
    return [(str(pk), name) for pk, name in entries.values_list("measure", "name")] if newest else []
