"""Reading the catalogue: who may see which organisation's, what is in force there, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import zip_longest

from django.db.models import Q

from accounts.models import User
from branches.models import Organisation
from branches.rules import BRANCH_KINDS, OrganisationKind
from periods.rules import rule_label
from reminders.frequency import CENTRAL, yearly_times
from reminders.models import Action, ActionVersion, Adoption
from reminders.queries.effective import EffectiveAction, Standing, effective_catalogue
from reminders.queries.facts import conditions, read_limits
from reminders.rules import Category, conditions_label
from reminders.wording import basis_line

_WHY_SUGGESTED = {
    CENTRAL: "中央规定有此要求，是否由本系统提醒由党总支决定",
    "central_no_frequency": "中央规定有此要求，但没有写明频次",
    "central_no_article": "属中央要求，具体条款待核实",
    "central_notice": "出自中央部门通知，请先对照本单位实际",
    "plan": "出自全国规划，请先对照上级安排",
    "local_frequency": "频次是惯例或上级要求，中央规定没有写明",
    "company_practice": "属于本单位做法，不是中央规定",
}

# Who works with the catalogue: the first of these kinds of which a person has one.
WORKING_KINDS = (
    frozenset({OrganisationKind.GENERAL_BRANCH}),
    frozenset({OrganisationKind.COMMITTEE}),
    BRANCH_KINDS,
)


@dataclass(frozen=True)
class CatalogueRow:
    """One action as it stands for one organisation, in words."""

    effective: EffectiveAction

    @property
    def action(self) -> Action:
        return self.effective.action

    @property
    def version(self) -> ActionVersion:
        return self.effective.version

    @property
    def standing(self) -> Standing:
        return self.effective.standing

    @property
    def is_adopted(self) -> bool:
        return self.effective.is_adopted

    @property
    def is_suggested(self) -> bool:
        return self.standing is Standing.SUGGESTED

    @property
    def is_off(self) -> bool:
        return self.standing is Standing.OFF

    @property
    def is_central(self) -> bool:
        """Whether a central rule sets the frequency, so that less is not allowed."""
        return self.version.basis_level == CENTRAL

    @cached_property
    def rule_words(self) -> str:
        return rule_label(self.version.due_rule)

    @cached_property
    def condition_words(self) -> str:
        return conditions_label(self.version.applies_when)

    @cached_property
    def basis_words(self) -> str:
        return basis_line(self.version.legal_basis)

    @property
    def why_suggested(self) -> str:
        if self.version.burden_candidate:
            return "属于可以减负的事项，由党总支决定是否需要"
        return _WHY_SUGGESTED.get(self.version.basis_level, _WHY_SUGGESTED["company_practice"])

    @property
    def yearly_minutes(self) -> int | None:
        """Minutes one branch spends on it in a year; None when events decide how often."""
        times = yearly_times(self.version.due_rule)
        return None if times is None else times * self.version.minutes


def places(user: User, permission: str, *, on: date) -> list[Organisation]:
    """Organisations whose catalogue this user works with: general branches, else what else they hold."""
    mine = list(Organisation.objects.permitted_to(user, permission, on=on).active(on=on).in_tree_order())
    for kinds in WORKING_KINDS:
        if found := [place for place in mine if place.kind in kinds]:
            return found
    return []


def line_paths(organisation: Organisation) -> list[str]:
    """Paths of the organisation and of everything above it."""
    keys = organisation.path.rstrip("/").split("/")
    return ["/".join(keys[:n]) + "/" for n in range(1, len(keys) + 1)]


def catalogue_rows(organisation: Organisation, *, on: date) -> list[CatalogueRow]:
    """Every catalogue action that reaches the organisation, in the order of the categories. Two queries."""
    order = list(Category)
    found = [CatalogueRow(effective) for effective in effective_catalogue(organisation, on)]
    return sorted(found, key=lambda row: (order.index(Category(row.version.category)), row.action.pk))


def catalogue_row(action: Action, organisation: Organisation, *, on: date) -> CatalogueRow | None:
    """How the organisation stands to this action; None when the action does not reach it."""
    rows = catalogue_rows(organisation, on=on)
    return next((row for row in rows if row.action.pk == action.pk), None)


def reached_branches(row: CatalogueRow, organisation: Organisation, *, on: date) -> int:
    """How many active organisations in the scope fulfil the action's conditions on that day."""
    known = conditions(read_limits(on))
    facts = [known[code](on) for code in row.version.applies_when if code in known]
    return len({found[0] for fact in facts for found in fact.select("", within=organisation)})


def grouped(found: Sequence[CatalogueRow]) -> list[tuple[Category, list[CatalogueRow]]]:
    groups: dict[Category, list[CatalogueRow]] = {}
    for row in found:
        groups.setdefault(Category(row.version.category), []).append(row)
    return list(groups.items())


def action_choices(organisation: Organisation, *, on: date) -> list[tuple[str, str]]:
    """Catalogue actions as choices of a form."""
    return [(str(row.action.pk), row.version.name) for row in catalogue_rows(organisation, on=on)]


@dataclass(frozen=True)
class VersionLine:
    """One version in the history, with what it changed against the one before it."""

    version: ActionVersion
    changes: list[str]


def version_history(action: Action, organisation: Organisation) -> list[VersionLine]:
    """All versions that reach the organisation, the latest first, future ones included."""
    here = Q(organisation=None) | Q(organisation__path__in=line_paths(organisation))
    found = list(
        action.versions.filter(here).select_related("organisation", "made_by").order_by("-valid_from", "-pk")
    )
    return [
        VersionLine(version, what_changed(version, before))
        for version, before in zip_longest(found, found[1:])
        if version
    ]


def what_changed(new: ActionVersion, old: ActionVersion | None) -> list[str]:
    """The differences of two versions in words; none against nothing."""
    if old is None:
        return []
    found = []
    if (was := rule_label(old.due_rule)) != (now := rule_label(new.due_rule)):
        found.append(f"时限：{was} → {now}")
    if new.minutes != old.minutes:
        found.append(f"每次用时：{old.minutes} 分钟 → {new.minutes} 分钟")
    words = {"name": "名称", "steps": "步骤", "applies_when": "适用条件", "legal_basis": "依据"}
    found += [f"{word}有调整" for name, word in words.items() if getattr(new, name) != getattr(old, name)]
    return found


def adoption_history(action: Action, organisation: Organisation) -> list[Adoption]:
    rows = action.adoptions.filter(organisation__path__in=line_paths(organisation))
    return list(rows.select_related("organisation", "made_by").order_by("-valid_from", "-pk"))
