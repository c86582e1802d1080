"""The permissions of this app and the roles that carry them."""

from branches.rules import COMMITTEE_ROLES, GrantKind, Role

BRANCH_ROLES = frozenset({Role.WORKER, *COMMITTEE_ROLES})
STAFF = frozenset({Role.GENERAL_BRANCH_STAFF})
OVERSEERS = frozenset({Role.GENERAL_BRANCH_STAFF, Role.COMMITTEE_STAFF})
EVERYBODY = BRANCH_ROLES | OVERSEERS

PERMISSIONS = {
    "training.view_session": EVERYBODY,
    "training.run_session": STAFF,
    "training.view_mentor": EVERYBODY,
    "training.keep_mentor": STAFF,
    "training.ask_help": BRANCH_ROLES,
    "training.play_card": EVERYBODY | {GrantKind.ROTATION, GrantKind.STAND_IN},
    "training.edit_card": STAFF,
    "training.view_rotation": EVERYBODY,
    "training.plan_rotation": STAFF,
    "training.view_contest": EVERYBODY,
    "training.submit_work": BRANCH_ROLES | STAFF,
    # Judges are named for one contest; this opens the page where they find what is theirs to judge.
    "training.judge_work": EVERYBODY,
    "training.run_contest": STAFF,
    "training.view_output": EVERYBODY,
    "training.submit_output": BRANCH_ROLES | STAFF,
    "training.review_output": STAFF,
    # One's own map, and that of a pupil to the mentor while the pair lasts.
    "training.view_skill": EVERYBODY,
}
