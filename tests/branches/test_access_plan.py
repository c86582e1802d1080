"""How the databases look for what a person may see: what one holds is read once, not beside every path."""

from datetime import date

import pytest
from django.db import connection

from branches.models import Organisation
from branches.rules import Role
from tests.factories.branches import make_holder, make_organisation, make_tree

ON = date(2026, 11, 22)


def plan_of_the_door() -> str:
    _, general, _ = make_tree(40)
    make_organisation(parent=general)
    staff = make_holder(general, Role.GENERAL_BRANCH_STAFF)
    if connection.vendor == "postgresql":  # on SQLite nobody does: it plans without numbers
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return str(Organisation.objects.permitted_to(staff, "reminders.view_item", on=ON).explain())


@pytest.mark.django_db
def test_on_sqlite_no_node_walks_the_tree_again() -> None:
    lines = [line.split(" ", 3)[3] for line in plan_of_the_door().splitlines()]
    assert [line for line in lines if "branches_organisation" in line or " V0" in line] == [
        "SCAN branches_organisation",
        "SEARCH V0 USING INTEGER PRIMARY KEY (rowid=?)",
    ]


@pytest.mark.postgres
@pytest.mark.django_db
def test_on_postgresql_it_is_one_join() -> None:
    plan = plan_of_the_door()
    assert ("SubPlan" in plan, plan.count("Semi Join")) == (False, 2)


@pytest.mark.postgres
@pytest.mark.django_db
def test_on_postgresql_nothing_is_compiled() -> None:
    """Compiling took two seconds for a search that ran half of one."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
