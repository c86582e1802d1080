"""The demo searched by each of its roles: whatever is found opens for whoever found it."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from accounts.models import User
from branches.rules.search import read_question
from dashboards.queries.search import search
from tests.database import LoadedDemo
from tests.guide.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
ROLES = ("admin", "committee", "staff", "secretary02", "worker03")
WORDS = ("党", "交接", "王", "BR0", "worker", "会议 党支部", "台账", "烟")


@pytest.fixture(scope="module")
def demo(loaded_demo: LoadedDemo) -> Iterator[None]:
    with loaded_demo():
        yield


def links_of(user: User) -> set[str]:
    found = [search(user, read_question(typed), on=timezone.localdate()) for typed in WORDS]
    return {row.hit.url for answer in found for group in answer.groups for row in group.rows}


def test_every_hit_of_every_role_opens() -> None:
    counted = {}
    for name in ROLES:
        user = User.objects.get(username=name)
        client, links = signed_in(user), sorted(links_of(user))
        counted[name] = len(links)
        assert [link for link in links if client.get(link).status_code != 200] == []
    assert min(counted.values()) > 10
