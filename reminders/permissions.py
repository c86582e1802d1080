"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

BRANCH_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
STAFF = frozenset({Role.GENERAL_BRANCH_STAFF})
OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})

PERMISSIONS = {
    "reminders.view_item": BRANCH_ROLES | OVERSEERS | {GrantKind.ROTATION, GrantKind.STAND_IN},
    "reminders.close_item": frozenset(
        {Role.WORKER, Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.GENERAL_BRANCH_STAFF, GrantKind.STAND_IN}
    ),
    "reminders.return_item": STAFF,
    "reminders.view_overview": OVERSEERS,
    "reminders.view_catalogue": BRANCH_ROLES | OVERSEERS,
    "reminders.edit_catalogue": STAFF,
    "reminders.send_task": STAFF,
    "reminders.view_pack": BRANCH_ROLES | OVERSEERS | {GrantKind.ROTATION, GrantKind.STAND_IN},
    "reminders.edit_pack": STAFF,
    # Branches become one: people, posts and open items move for good.
    "reminders.carry_out_joint": STAFF,
    # A leaver's grant opens one's own handover and no list: Handover.objects.visible_to says which.
    "reminders.list_handovers": BRANCH_ROLES | OVERSEERS,
    "reminders.view_handover": BRANCH_ROLES | OVERSEERS | {GrantKind.HANDOVER},
    "reminders.open_handover": STAFF,
    "reminders.witness_handover": STAFF,
    # Of an office's own posts: its only member of staff may be the one who leaves.
    "reminders.witness_office_handover": OVERSEERS,
    "reminders.view_stand_in": BRANCH_ROLES | OVERSEERS,
    "reminders.arrange_stand_in": frozenset(
        {Role.WORKER, Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.GENERAL_BRANCH_STAFF}
    ),
    # For somebody else, who may be ill already.
    "reminders.arrange_any_stand_in": STAFF,
    "reminders.use_feed": BRANCH_ROLES | STAFF | {GrantKind.STAND_IN},
}
