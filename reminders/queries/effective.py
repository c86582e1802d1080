"""Which actions are in effect for an organisation on a day, in which version, and who decided so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from django.db.models import TextChoices

from branches.models import Organisation
from reminders.models import Action, ActionVersion, Adoption
from reminders.rules import ActionKind

# Long texts the refresh never reads.
_TEXTS = ("legal_basis", "minimal_record", "steps", "common_mistakes")
_ROOT = ""


class Standing(TextChoices):
    ADOPTED = "adopted", "已采纳"
    SUGGESTED = "suggested", "建议"
    OFF = "off", "已停用"


@dataclass(frozen=True, slots=True)
class EffectiveAction:
    """One action as it stands for one organisation on one day.

    decided_by: the organisation whose adoption decides; None when nobody decided and the default holds.
    versioned_by: the organisation whose version holds; None for the shipped one.
    reason, made_by: what the deciding adoption says, and the user who made it.
    """

    action: Action
    version: ActionVersion
    standing: Standing
    decided_by: Organisation | None
    reason: str = ""
    made_by: int | None = None

    @property
    def code(self) -> str:
        return self.action.code

    @property
    def versioned_by(self) -> Organisation | None:
        return self.version.organisation

    @property
    def is_adopted(self) -> bool:
        return self.standing == Standing.ADOPTED


class _Dated(Protocol):
    valid_from: date

    @property
    def organisation(self) -> Organisation | None: ...


D = TypeVar("D", bound=_Dated)


class Catalogue:
    """All actions with their versions and adoptions, read once; every answer after that is a calculation.

    Special tasks are not part of it: they are sent to organisations, not adopted by them.
    """

    def __init__(self, versions: Iterable[ActionVersion], adoptions: Iterable[Adoption]) -> None:
        self._versions: dict[int, list[ActionVersion]] = defaultdict(list)
        self._adoptions: dict[int, list[Adoption]] = defaultdict(list)
        self.actions: dict[int, Action] = {}
        for version in versions:
            self.actions[version.action_id] = version.action
            self._versions[version.action_id].append(version)
        for adoption in adoptions:
            self._adoptions[adoption.action_id].append(adoption)

    def deciders(self) -> dict[int, Organisation]:
        """Every organisation that owns a version or an adoption, by id."""
        rows: list[ActionVersion | Adoption] = [v for some in self._versions.values() for v in some]
        rows += [a for some in self._adoptions.values() for a in some]
        return {row.organisation.pk: row.organisation for row in rows if row.organisation}

    def versions(self) -> Iterator[ActionVersion]:
        """Every version there is, whoever it holds for."""
        return (version for some in self._versions.values() for version in some)

    def decide(self, action: int, path: str, on: date) -> EffectiveAction | None:
        """The action as it stands at that place of the tree; None where it does not exist (yet)."""
        version = _nearest(self._versions[action], path, on)
        if version is None:
            return None
        adoption = _nearest(self._adoptions[action], path, on)
        standing = _standing(version, adoption)
        if adoption is None:
            return EffectiveAction(self.actions[action], version, standing, None)
        by, reason, made_by = adoption.organisation, adoption.reason, adoption.made_by_id
        return EffectiveAction(self.actions[action], version, standing, by, reason, made_by)

    def turns(self, action: int, path: str, since: date, until: date) -> list[EffectiveAction]:
        """What the action says at `since` and after every change up to `until`, each version once."""
        rows: list[_Dated] = [*self._versions[action], *self._adoptions[action]]
        changes = {row.valid_from for row in rows if since < row.valid_from <= until}
        found = (self.decide(action, path, day) for day in sorted({since} | changes))
        return list({each.version.pk: each for each in found if each and each.is_adopted}.values())


def read_catalogue(*, with_texts: bool = False) -> Catalogue:
    """Two queries, whatever the size of the tree."""
    versions = ActionVersion.objects.exclude(action__kind=ActionKind.SPECIAL_TASK)
    if not with_texts:
        versions = versions.defer(*_TEXTS)
    return Catalogue(
        versions.select_related("action", "organisation").order_by("action__kind", "pk"),
        Adoption.objects.select_related("organisation").order_by("pk"),
    )


def effective_catalogue(scope: Organisation | None, on: date) -> list[EffectiveAction]:
    """Every action that exists for this organisation on that day (None: for nobody in particular)."""
    catalogue = read_catalogue(with_texts=True)
    path = scope.path if scope else _ROOT
    found = (catalogue.decide(action, path, on) for action in catalogue.actions)
    return [each for each in found if each]


def _nearest(rows: Sequence[D], path: str, on: date) -> D | None:
    """The row of the nearest organisation at or above, and of that the latest valid on the day."""
    reaching = (row for row in rows if row.valid_from <= on and path.startswith(_path_of(row)))
    return max(reaching, key=lambda row: (len(_path_of(row)), row.valid_from), default=None)


def _path_of(row: _Dated) -> str:
    return row.organisation.path if row.organisation else _ROOT


def _standing(version: ActionVersion, adoption: Adoption | None) -> Standing:
    if adoption is None:
        return Standing.ADOPTED if version.default_adopted else Standing.SUGGESTED
    return Standing.ADOPTED if adoption.adopted else Standing.OFF
