"""Writes on the organisation tree and on the facts of one organisation."""

from branches.actions.organisations.ending import close, dissolve_organisation, reopen
from branches.actions.organisations.facts import (
    SeasonData,
    edit_organisation,
    set_busy_seasons,
    set_units,
    update_organisation,
)
from branches.actions.organisations.refusals import (
    EDITABLE,
    AlreadyDissolved,
    CodeTaken,
    NameTaken,
    StillInUse,
    WrongPlace,
    lock_roots,
)
from branches.actions.organisations.tree import (
    add_organisation,
    add_organisations,
    move_organisation,
    rehang,
)

__all__ = [
    "EDITABLE",
    "AlreadyDissolved",
    "CodeTaken",
    "NameTaken",
    "SeasonData",
    "StillInUse",
    "WrongPlace",
    "add_organisation",
    "add_organisations",
    "close",
    "dissolve_organisation",
    "edit_organisation",
    "lock_roots",
    "move_organisation",
    "rehang",
    "reopen",
    "set_busy_seasons",
    "set_units",
    "update_organisation",
]
