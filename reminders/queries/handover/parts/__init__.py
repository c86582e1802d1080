"""What a pack is made of: one function a part, each yielding its lines."""

from collections.abc import Callable, Iterable
from datetime import date

from reminders.handover_rules import Part
from reminders.models import Handover
from reminders.queries.handover.parts.branch import branch_lines
from reminders.queries.handover.parts.duties import item_lines, open_items, recruiting_lines
from reminders.queries.handover.parts.findings import finding_lines
from reminders.queries.handover.parts.foreseen import foreseen, foreseen_lines
from reminders.queries.handover.parts.helps import contact_lines, document_lines, material_lines
from reminders.queries.handover.parts.lines import Bundle, PackLine
from reminders.queries.handover.parts.traps import trap_lines

PackPart = Callable[[Bundle], Iterable[PackLine]]
# Every part in turn; a later app adds its own function here and nothing else changes.
PARTS: tuple[PackPart, ...] = (
    item_lines,
    foreseen_lines,
    recruiting_lines,
    finding_lines,
    branch_lines,
    trap_lines,
    material_lines,
    contact_lines,
    document_lines,
)

__all__ = ["PARTS", "PackLine", "pack_lines"]


def pack_lines(handover: Handover, *, on: date) -> list[PackLine]:
    """The lines as they are on that day, in the order of the page, each subject of a part once.

    A constant number of statements, whatever the number of lines.
    """
    bundle = Bundle(handover, on)
    bundle.items = open_items(bundle)
    bundle.foreseen = foreseen(bundle)
    found: dict[tuple[str, str], PackLine] = {}
    for part in PARTS:
        for line in part(bundle):
            found.setdefault((line.part, line.subject), line.fitted())
    order = list(Part)
    return sorted(found.values(), key=lambda line: order.index(line.part))
