"""The tour: shown once a visit until it is put away, one's own alone, and for one statement at most."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from branches.models import AccessGrant
from branches.rules import GrantKind, OrganisationKind, Role
from guide.actions import put_away
from guide.models import TourSeen
from guide.queries import all_tours, due_tour
from tests.factories.branches import make_holder, make_organisation, make_post, make_user
from tests.guide.conftest import signed_in

Counter = Callable[[int], AbstractContextManager[object]]
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TOUR = "/w/help/tour/worker/"
MONTH = "/w/reminders/"


def home(client: Client) -> str:
    return str(client.get("/w/").headers["Location"])


def test_the_first_visit_begins_with_the_tour_and_goes_on_without_it(worker: User) -> None:
    client = signed_in(worker)
    assert home(client) == TOUR
    assert "认识一下工作台" in client.get(TOUR).content.decode()
    assert home(client) == MONTH
    assert TourSeen.objects.count() == 0


def test_the_next_visit_offers_it_again_until_it_is_put_away(worker: User) -> None:
    signed_in(worker).get(TOUR)
    client = signed_in(worker)
    assert home(client) == TOUR
    assert client.post(f"{TOUR}done/").headers["Location"] == "/w/"
    assert home(client) == MONTH
    assert home(signed_in(worker)) == MONTH
    assert signed_in(worker).get(TOUR).status_code == 200


def test_putting_it_away_twice_keeps_the_first_moment(worker: User) -> None:
    tour = next(tour for tour in all_tours() if tour.code == "worker")
    first = put_away(tour, user=worker, now=NOW)
    again = put_away(tour, user=worker, now=datetime(2026, 12, 1, tzinfo=UTC))
    assert (again.pk, again.at, TourSeen.objects.count()) == (first.pk, NOW, 1)


def test_home_costs_one_statement_more_at_most(worker: User, django_assert_num_queries: Counter) -> None:
    client = signed_in(worker)
    with django_assert_num_queries(4):  # session, account, what one holds, the tours seen
        client.get("/w/")
    client.get(TOUR)
    with django_assert_num_queries(3):
        client.get("/w/")
    client.post(f"{TOUR}done/")
    with django_assert_num_queries(3):
        client.get("/w/")
    fresh = signed_in(worker)
    with django_assert_num_queries(4):
        fresh.get("/w/")


def test_the_tour_page_asks_little_and_nothing_for_being_seen_again(
    worker: User, django_assert_num_queries: Counter
) -> None:
    client = signed_in(worker)
    client.get(TOUR)
    with django_assert_num_queries(3):
        client.get(TOUR)


@pytest.mark.parametrize("code", [tour.code for tour in all_tours() if tour.code != "worker"] + ["nothing"])
def test_a_tour_of_another_role_is_not_found(worker: User, code: str) -> None:
    client = signed_in(worker)
    assert client.get(f"/w/help/tour/{code}/").status_code == 404
    assert client.post(f"/w/help/tour/{code}/done/").status_code == 404
    assert TourSeen.objects.count() == 0


def test_wrong_methods_and_strangers(worker: User) -> None:
    client = signed_in(worker)
    assert client.post(TOUR).status_code == 405
    assert client.get(f"{TOUR}done/").status_code == 405
    assert Client().get(TOUR).status_code == Client().post(f"{TOUR}done/").status_code == 302


@pytest.mark.parametrize(
    ("role", "kind", "code"),
    [
        (Role.GENERAL_BRANCH_STAFF, OrganisationKind.GENERAL_BRANCH, "staff"),
        (Role.COMMITTEE_STAFF, OrganisationKind.COMMITTEE, "committee_staff"),
        (Role.ADMINISTRATOR, OrganisationKind.COMMITTEE, "administrator"),
        (Role.SECRETARY, OrganisationKind.BRANCH, "secretary"),
        (Role.DISCIPLINE_COMMISSIONER, OrganisationKind.BRANCH, "secretary"),
        (Role.WORKER, OrganisationKind.BRANCH, "worker"),
    ],
)
@pytest.mark.django_db
def test_each_role_is_led_to_its_own(role: Role, kind: OrganisationKind, code: str) -> None:
    client = signed_in(make_holder(make_organisation(kind=kind), role))
    assert home(client) == f"/w/help/tour/{code}/"
    text = client.get(f"/w/help/tour/{code}/").content.decode()
    assert text.count("现在就去：") == len(next(t for t in all_tours() if t.code == code).steps)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(GrantKind.ROTATION, "inspector"), (GrantKind.STAND_IN, "worker"), (GrantKind.HANDOVER, "")],
)
@pytest.mark.django_db
def test_grants_lead_to_theirs_and_a_leaver_is_left_in_peace(kind: GrantKind, code: str) -> None:
    user, today = make_user(), timezone.localdate()
    AccessGrant.objects.create(
        user=user, organisation=make_organisation(), kind=kind, since=today, until=today, reason="x"
    )
    tour = due_tour(user, on=today)
    assert (tour.code if tour else "") == code


@pytest.mark.django_db
def test_who_holds_nothing_is_told_so_and_asked_nothing(django_assert_num_queries: Counter) -> None:
    client = signed_in(make_user())
    with django_assert_num_queries(3):
        assert "您的账号目前没有任职" in client.get("/w/").content.decode()


@pytest.mark.parametrize(("role", "start"), [(Role.RECIPIENT, "box/"), (Role.AUDITOR, "")])
@pytest.mark.django_db
def test_who_has_no_list_begins_where_the_post_leads(role: Role, start: str) -> None:
    user = make_holder(make_organisation(kind=OrganisationKind.GENERAL_BRANCH), role)
    client = signed_in(user)
    client.get("/w/")
    if tour := due_tour(user, on=timezone.localdate()):
        client.post(f"/w/help/tour/{tour.code}/done/")
    assert home(client) == f"/w/burden/{start}"


@pytest.mark.django_db
def test_a_new_role_brings_its_own_tour_later() -> None:
    general = make_organisation(kind=OrganisationKind.GENERAL_BRANCH)
    user = make_holder(make_organisation(parent=general), Role.WORKER)
    signed_in(user).post(f"{TOUR}done/")
    make_post(general, Role.GENERAL_BRANCH_STAFF, user=user)
    fresh = User.objects.get(pk=user.pk)
    tour = due_tour(fresh, on=date(2026, 11, 22))
    assert tour is not None
    assert tour.code == "staff"
