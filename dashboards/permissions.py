"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})

PERMISSIONS = {
    # What is found is what the person may see anyway; who may see nothing has nothing to look for.
    "dashboards.search": frozenset(
        {
            Role.WORKER,
            *COMMITTEE_ROLES,
            Role.GENERAL_BRANCH_STAFF,
            Role.COMMITTEE_STAFF,
            Role.ADMINISTRATOR,
            GrantKind.ROTATION,
            GrantKind.STAND_IN,
            GrantKind.HANDOVER,
        }
    ),
    # Of a branch only who holds a post on it, of the whole only who answers for it: queries.scope says which.
    "dashboards.view_board": frozenset({Role.WORKER, *COMMITTEE_ROLES, *OVERSEERS}),
    "dashboards.oversee_board": frozenset({*COMMITTEE_ROLES, *OVERSEERS}),
    # Released briefs are for everybody below the organisation too: models.BriefQuerySet says whose.
    "dashboards.view_brief": frozenset({Role.WORKER, *COMMITTEE_ROLES, *OVERSEERS}),
    "dashboards.release_brief": OVERSEERS,
}
