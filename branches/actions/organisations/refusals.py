"""Why something on the tree is refused, and the checks that several actions share."""

from typing import Any

from branches.models import Organisation
from branches.rules import CHILD_KINDS, DEEPEST_LEVEL, ROOT_KINDS, OrganisationKind, Refusal

EDITABLE = frozenset(
    {
        "code",
        "name",
        "industry_line",
        "latitude",
        "longitude",
        "party_day",
        "established_on",
        "approves_members",
    }
)


class CodeTaken(Refusal):
    """Another organisation has this code."""


class NameTaken(Refusal):
    """An active organisation of this name stands there already."""


class WrongPlace(Refusal):
    """This kind of organisation cannot stand there in the tree."""


class StillInUse(Refusal):
    """The organisation has members or lower organisations."""


class AlreadyDissolved(Refusal):
    """The organisation was dissolved before."""


def locked(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


def lock_roots() -> None:
    """Let one change of the tree happen at a time.

    Two crossing moves would make a circle; a node added below a moving one would keep the old path.
    """
    list(Organisation.objects.select_for_update().filter(level=0).order_by("pk"))


def refuse_place(kind: str, above: Organisation | None, *, height: int = 0) -> None:
    label = OrganisationKind(kind).label
    if above is None:
        if kind not in ROOT_KINDS:
            raise WrongPlace(f"{label}须有上级组织，请选择上级组织。")
        return
    if above.dissolved_on:
        raise WrongPlace(f"上级组织“{above.name}”已撤销，请另选上级组织。")
    if kind not in CHILD_KINDS[above.kind]:
        raise WrongPlace(f"{label}不能设在{above.get_kind_display()}“{above.name}”之下，请另选上级组织。")
    if above.level + 1 + height > DEEPEST_LEVEL:
        raise WrongPlace("组织层级过深，请另选上级组织。")


def refuse_code(code: str | None) -> None:
    if code is not None and Organisation.objects.filter(code=code).exists():
        raise code_taken(code)


def code_taken(code: str) -> CodeTaken:
    return CodeTaken(f"编号“{code}”已被其他组织使用，请换一个编号。")


def refuse_name(name: str, above: Organisation | None) -> None:
    """A second submit of the same form finds its own work here."""
    if Organisation.objects.filter(parent=above, name=name, dissolved_on=None).exists():
        where = f"“{above.name}”之下" if above else "最上级"
        raise NameTaken(f"{where}已有“{name}”，如确需同名，请先为其中一个改名。")


def refuse_approval(kind: str, fields: dict[str, Any]) -> None:
    """Source: 中国共产党发展党员工作细则 第二十二条: a general branch reviews and does not approve."""
    if fields.get("approves_members") and kind != OrganisationKind.COMMITTEE:
        raise Refusal("只有具有审批权限的基层党委可以审批预备党员，党总支、党支部请不要勾选。")


def known_fields(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - EDITABLE:
        raise TypeError(f"Not editable here: {', '.join(sorted(unknown))}.")
    return fields
