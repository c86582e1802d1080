"""The first organisation of an empty installation."""

from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from audit import actions as audit
from branches.actions.accounts import Slip, open_account
from branches.actions.organisations import add_organisation
from branches.actions.posts import give_post
from branches.models import Organisation
from branches.rules import OrganisationKind, Refusal, Role

SETUP_SALT = "branches.setup_code"
COMMITTEE_CODE, GENERAL_BRANCH_CODE, BRANCH_PREFIX = "DW01", "DZ01", "BR"


def setup_code() -> str:
    """The code of the public start page: only who can run commands on the host can read it.

    Derived from the installation's secret, so nothing is stored and nothing can be left behind.
    """
    digest = salted_hmac(SETUP_SALT, "", algorithm="sha256").digest()
    spelled = b32encode(digest[:10]).decode("ascii")
    return "-".join(spelled[n : n + 4] for n in range(0, len(spelled), 4))


def same_code(typed: str, expected: str) -> bool:
    """Compare in constant time."""
    return constant_time_compare(typed.replace(" ", ""), expected)


class AlreadyStarted(Refusal):
    """There are organisations already."""

    def __str__(self) -> str:
        return "系统里已有组织，不能再次初始化；请登录后在“支部”页面新增。"


@dataclass(frozen=True)
class Started:
    """What was set up, with the first account's slip."""

    general_branch: Organisation
    branches: list[Organisation]
    slip: Slip


@transaction.atomic
def start_organisation(
    *,
    committee_name: str | None,
    general_branch_name: str,
    staff_username: str,
    staff_name: str,
    branches: Iterable[str],
    on: date,
    by: User | None,
) -> Started:
    """Set up committee (where named), general branch, branches and the first account.

    The first account is general-branch staff and, because nobody else is there yet, administrator.
    Raises AlreadyStarted, Refusal.
    """
    if Organisation.objects.exists():
        raise AlreadyStarted
    names = _checked_names(general_branch_name, branches)
    committee = _add(COMMITTEE_CODE, committee_name, OrganisationKind.COMMITTEE, None, by)
    general = _add(GENERAL_BRANCH_CODE, names[0], OrganisationKind.GENERAL_BRANCH, committee, by)
    if general is None or not staff_name.strip():
        raise Refusal("请填写党总支名称和党务干部姓名。")
    below = [
        made
        for number, name in enumerate(names[1:], start=1)
        if (made := _add(f"{BRANCH_PREFIX}{number:02d}", name, OrganisationKind.BRANCH, general, by))
    ]
    user, password = open_account(username=staff_username, name=staff_name.strip(), by=by)
    give_post(general, role=Role.GENERAL_BRANCH_STAFF, user=user, since=on, by=by)
    give_post(committee or general, role=Role.ADMINISTRATOR, user=user, since=on, by=by)
    audit.record("branches.organisation_started", by=by, target=general, detail={"branches": len(below)})
    return Started(general, below, Slip(user, password))


def _add(
    code: str, name: str | None, kind: OrganisationKind, parent: Organisation | None, by: User | None
) -> Organisation | None:
    if not (name and name.strip()):
        return None
    return add_organisation(code=code, name=name.strip(), kind=kind, parent=parent, by=by)


def _checked_names(general_branch_name: str, branches: Iterable[str]) -> list[str]:
    names = [name.strip() for name in [general_branch_name, *branches]]
    if not all(names):
        raise Refusal("组织名称不能为空，请补充。")
    if long := next((name for name in names if len(name) > 80), None):
        raise Refusal(f"组织名称最长 80 字，请缩短：{long[:20]}…")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Refusal(f"“{twice}”重复了，请每个党支部只写一次。")
    return names
