"""The two doors: what a person may read and write, on which day; BR03 never meets BR04."""

from base64 import b64encode
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import resolve
from django.utils import timezone

from accounts.access import CONFIRMED
from audit.models import AuditEvent
from branches.access import may, permission_of, requires
from branches.actions.joint import GroupData, draft_plan
from branches.actions.members import add_event
from branches.models import AccessGrant, ElectionStep, Member, Organisation, Post, RosterImport
from branches.roles import UnknownPermission, all_permissions, holders_of
from branches.rules import EventKind, GrantKind, OrganisationKind, Role, RosterImportState
from branches.sealed import seal_json
from branches.urls import urlpatterns
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_member, make_organisation, make_post, make_user
from tests.factories.development import make_case
from tests.factories.rosters import book

ON = date(2026, 11, 22)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)


def grant(house: House, kind: GrantKind, *, since: date = ON, until: date = ON) -> AccessGrant:
    return AccessGrant.objects.create(
        user=house.worker,
        organisation=house.br04,
        kind=kind,
        since=since,
        until=until,
        reason="轮训",
        granted_by=house.staff,
    )


def seen(user: Any, on: date = ON) -> list[str]:
    return list(Organisation.objects.visible_to(user, on=on).order_by("code").values_list("code", flat=True))


def test_a_post_opens_what_is_below_it(house: House) -> None:
    assert seen(house.worker) == ["BR03"]
    assert seen(house.staff) == ["BR03", "BR04", "DZ01"]
    assert seen(house.overseer) == ["BR03", "BR04", "DW01", "DZ01"]
    assert seen(make_user()) == []


def test_a_post_that_ended_yesterday_opens_nothing(house: House) -> None:
    Post.objects.filter(user=house.worker).update(until=YESTERDAY)
    assert (seen(house.worker), seen(house.worker, YESTERDAY)) == ([], ["BR03"])
    assert may(house.worker, "branches.view_organisation", on=ON) is False


def test_a_post_of_tomorrow_opens_nothing_today(house: House) -> None:
    user = make_holder(house.br03, since=TOMORROW)
    assert (seen(user), seen(user, TOMORROW)) == ([], ["BR03"])


def test_a_closed_account_opens_nothing(house: House) -> None:
    house.worker.is_active = False
    assert seen(house.worker) == []
    assert may(house.worker, "branches.view_organisation", on=ON) is False
    assert Organisation.objects.administered_by(house.worker, on=ON).count() == 0


def test_a_post_through_the_member_counts(house: House) -> None:
    user = make_user()
    Member.objects.filter(pk=house.ours.pk).update(user=user)
    make_post(house.br03, Role.SECRETARY, member=house.ours)
    assert seen(user) == ["BR03"]


def test_grants_open_on_their_days_only(house: House) -> None:
    grant(house, GrantKind.ROTATION, since=ON, until=TOMORROW)
    assert [seen(house.worker, day) for day in (YESTERDAY, ON, TOMORROW, TOMORROW + timedelta(days=1))] == [
        ["BR03"],
        ["BR03", "BR04"],
        ["BR03", "BR04"],
        ["BR03"],
    ]


def test_a_rotation_grant_reads_no_members_and_writes_nothing(house: House) -> None:
    grant(house, GrantKind.ROTATION)
    assert list(Member.objects.visible_to(house.worker, on=ON)) == [house.ours]
    for permission in ("branches.edit_member", "branches.edit_organisation", "branches.edit_post"):
        assert Organisation.objects.permitted_to(house.worker, permission, on=ON).count() == 0


def test_committee_staff_read_only_and_the_administrator_sees_no_member(house: House) -> None:
    writing = [name for name in all_permissions() if name.startswith("branches.") and "view" not in name]
    # The committee enters its own decisions on cases; everything else it only reads.
    its_own = ["branches.record_superior_step", "branches.use_calculator"]
    assert [name for name in writing if may(house.overseer, name, on=ON)] == its_own
    assert Member.objects.visible_to(house.overseer, on=ON).count() == 2
    assert Member.objects.visible_to(house.administrator, on=ON).count() == 0
    assert may(house.administrator, "branches.edit_member", on=ON) is False


def test_a_member_who_moved_belongs_to_the_new_branch_alone(house: House) -> None:
    add_event(house.ours, kind=EventKind.MOVED_IN, on=ON, organisation=house.br04, by=None)
    assert list(Member.objects.visible_to(house.worker, on=ON)) == []
    assert list(Member.objects.visible_to(house.worker, on=YESTERDAY)) == [house.ours]


def test_who_left_belongs_to_the_last_branch(house: House) -> None:
    add_event(house.ours, kind=EventKind.RETIRED, on=YESTERDAY, by=None)
    newcomer = make_member(house.br03, since=TOMORROW)
    assert set(Member.objects.visible_to(house.worker, on=ON)) == {house.ours, newcomer}
    assert list(Member.objects.in_branch(house.br03, on=ON)) == []


def test_an_undeclared_permission_is_an_error() -> None:
    with pytest.raises(UnknownPermission):
        holders_of("branches.veiw_member")


def test_the_guard_names_its_permission() -> None:
    @requires("branches.view_member")
    def view(request: Any) -> Any:
        raise AssertionError

    assert permission_of(view) == "branches.view_member"
    assert permission_of(print) is None


# Every page of BR04 by its id, which anybody can guess.
FOREIGN = [
    ("organisation", "{br04}/"),
    ("organisation", "{br04}/edit/"),
    ("organisation", "{br04}/move/"),
    ("organisation", "{br04}/dissolve/"),
    ("organisation", "{br04}/members/add/"),
    ("organisation", "{br04}/posts/add/"),
    ("organisation", "{br04}/grants/add/"),
    ("organisation", "{br04}/terms/add/"),
    ("organisation", "{br04}/groups/add/"),
    ("member", "members/{theirs}/"),
    ("member", "members/{theirs}/edit/"),
    ("member", "members/{theirs}/events/add/"),
    ("event", "events/{event}/correct/"),
    ("post", "posts/{post}/end/"),
    ("grant", "grants/{grant}/end/"),
    ("term", "terms/{term}/extend/"),
    ("group", "groups/{group}/edit/"),
    ("group", "groups/{group}/end/"),
    ("term", "elections/{term}/"),
    ("fact", "facts/{fact}/correct/"),
    ("organisation", "{br04}/outlook/"),
    ("organisation", "{br04}/roster/"),
    ("roster", "roster/{roster}/"),
    ("roster", "roster/{roster}/progress/"),
    ("roster", "roster/{roster}/errors/"),
    ("development", "development/{case}/"),
    ("development", "development/{case}/earlier/"),
    ("development", "development/{case}/steps/2/"),
    ("development", "development/{case}/steps/4/"),
    ("development", "development/{case}/close/"),
    ("development", "development/{case}/reopen/"),
    ("development", "development/{case}/dossier.pdf"),
    ("development", "development/steps/{step}/correct/"),
    ("joint", "joint/plans/{plan}/"),
    ("joint", "joint/plans/{plan}/steps/1/"),
    ("joint", "joint/plans/{plan}/discard/"),
    ("joint", "joint/groups/{joined}/edit/"),
    ("election", "elections/{term}/notice/"),
    ("policy", "rules/{dz01}/joint_distance_km/"),
    ("account", "accounts/{account}/disable/"),
    ("account", "accounts/{account}/enable/"),
]


# What is only posted: by nobody of another general branch either.
POSTED = [
    "members/{theirs}/id-number/",
    "roster/{roster}/commit/",
    "roster/{roster}/again/",
    "roster/{roster}/restart/",
    "roster/{roster}/discard/",
    "election-steps/{election_step}/take-back/",
]
# Pages that workers may open at all: the foreign one is not found.
READABLE = {"{br04}/", "{br04}/outlook/", "members/{theirs}/", "elections/{term}/"}
READABLE |= {pattern for kind, pattern in FOREIGN if kind == "development"}
BASE = "/w/organisations/"


def ids_of_br04(house: House) -> dict[str, int]:
    term = house.br04.terms.create(elected_on=date(2025, 1, 1), ends_on=date(2028, 1, 1))
    given = AccessGrant.objects.create(
        user=make_user(),
        organisation=house.br04,
        kind=GrantKind.ROTATION,
        since=date(2020, 1, 1),
        until=date(2190, 1, 1),
        reason="轮训",
        granted_by=house.staff,
    )
    return {
        **ids_of_cases_and_plans(house),
        "election_step": ElectionStep.objects.create(term=term, kind="notice", done_on=ON).pk,
        "grant": given.pk,
        "br04": house.br04.pk,
        "theirs": house.theirs.pk,
        "event": house.theirs.events.get().pk,
        "fact": house.br04.events.create(kind="set_up", on=date(2020, 1, 1)).pk,
        "post": make_post(house.br04).pk,
        "term": term.pk,
        "group": house.br04.party_groups.create(name="一组", since=date(2025, 1, 1)).pk,
        "account": make_holder(house.br04).pk,
    }


def ids_of_cases_and_plans(house: House) -> dict[str, int]:
    people = [house.theirs, make_member(house.br04), make_member(house.br04)]
    case = make_case(house.br04, upto=1, committee=house.committee, people=people)
    group = GroupData("联合党支部", [house.br03, house.br04], house.br04)
    plan = draft_plan(house.general, groups=[group], as_of=ON, parameters={}, figures={}, by=house.staff)
    return {
        "dz01": house.general.pk,
        "case": case.pk,
        "step": case.steps.get().pk,
        "plan": plan.pk,
        "joined": plan.groups.get().pk,
        "roster": a_roster_of_br04(house).pk,
    }


def a_roster_of_br04(house: House) -> RosterImport:
    """One that waits for its decision."""
    shown: dict[str, list[str]] = {"problems": [], "rows": [], "missing": [], "dropped": [], "notices": []}
    kept = {"content": b64encode(book()).decode(), "heading_rows": {"名册": 1}, "shown": shown, "rows": []}
    return RosterImport.objects.create(
        organisation=house.br04,
        state=RosterImportState.PREVIEWED,
        file_name="名册.xlsx",
        roster_day=ON,
        payload=seal_json(kept),
        counts={"new": 0, "changed": 0, "unchanged": 0, "error": 0},
        made_by=house.staff,
    )


def test_every_page_with_an_id_is_in_the_foreign_list() -> None:
    names = {p.name for p in urlpatterns if "<int:" in str(p.pattern)}
    ones: dict[str, int] = defaultdict(lambda: 1)
    paths = [BASE + pattern.format_map(ones) for pattern in [*POSTED, *(pattern for _, pattern in FOREIGN)]]
    # The calendar belongs to everybody who may edit it; a reset asks for the password first.
    assert names - {resolve(path).url_name for path in paths} == {"calendar_remove", "account_reset"}


@pytest.mark.parametrize("pattern", POSTED)
def test_what_is_posted_reaches_nothing_of_another_general_branch(house: House, pattern: str) -> None:
    other = make_organisation(kind=OrganisationKind.GENERAL_BRANCH, parent=house.committee)
    stranger = signed_in(make_holder(other, Role.GENERAL_BRANCH_STAFF))
    session = stranger.session
    session[CONFIRMED] = timezone.now().timestamp()
    session.save()
    url = BASE + pattern.format(**ids_of_br04(house))
    events = AuditEvent.objects.count()
    assert stranger.post(url).status_code == 404
    assert signed_in(house.worker).post(url).status_code == 403
    assert signed_in(house.overseer).post(url).status_code == 403
    assert signed_in(house.staff).get(url).status_code == 405
    assert AuditEvent.objects.count() == events
    assert RosterImport.objects.get().state == RosterImportState.PREVIEWED


@pytest.mark.parametrize(("kind", "pattern"), FOREIGN, ids=[pattern for _, pattern in FOREIGN])
def test_staff_of_another_general_branch_get_404_by_id(house: House, kind: str, pattern: str) -> None:
    other = Organisation.objects.create(
        code="DZ02", name="另一党总支", kind="general_branch", parent=house.committee, path="other/", level=1
    )
    stranger = signed_in(make_holder(other, Role.GENERAL_BRANCH_STAFF))
    ids = ids_of_br04(house)
    url = BASE + pattern.format(**ids)
    assert stranger.get(url).status_code == 404
    owner = signed_in(house.staff)
    assert owner.get(url).status_code == 200


@pytest.mark.parametrize(("kind", "pattern"), FOREIGN, ids=[pattern for _, pattern in FOREIGN])
def test_a_worker_of_br03_gets_nothing_of_br04(house: House, kind: str, pattern: str) -> None:
    url = BASE + pattern.format(**ids_of_br04(house))
    answer = signed_in(house.worker).get(url)
    assert answer.status_code == (404 if pattern in READABLE else 403)
    assert "谢建平" not in answer.content.decode()


@pytest.mark.parametrize("path", ["", "accounts/", "calendar/", "{br03}/"])
def test_a_post_that_ended_yesterday_opens_no_page(house: House, path: str) -> None:
    user = make_holder(
        house.general, Role.GENERAL_BRANCH_STAFF, until=timezone.localdate() - timedelta(days=1)
    )
    assert signed_in(user).get("/w/organisations/" + path.format(br03=house.br03.pk)).status_code == 403


def test_counts_and_lists_of_br03_know_nothing_of_br04(house: House) -> None:
    answer = signed_in(house.worker).get("/w/organisations/")
    assert answer.headers["Location"] == f"/w/organisations/{house.br03.pk}/"
    own = signed_in(house.worker).get(f"/w/organisations/{house.br03.pk}/").content.decode()
    assert [word for word in ("松林口", "BR04", "谢建平", "分公司党总支") if word in own] == []
