"""The operations page and health on PostgreSQL and Redis, as in production."""

from pathlib import Path

import pytest
import redis
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from audit.tasks import seal_events
from branches.rules import Role
from partyaffairs.panels import UNKNOWN, database_size, queue_length
from tests.factories.branches import make_holder, make_organisation
from tests.services import service_url

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

PAGE = "/w/operations/"


@pytest.fixture
def administrator(client: Client, settings: Settings, tmp_path: Path) -> Client:
    settings.VAR_DIR = tmp_path
    settings.CELERY_BROKER_URL = service_url("TEST_REDIS_URL")
    client.force_login(make_holder(make_organisation(code="GB"), Role.ADMINISTRATOR))
    return client


def lines(client: Client, code: str) -> dict[str, str]:
    panel = next(panel for panel in client.get(PAGE).context["panels"] if panel.code == code)
    return dict(panel.lines)


def test_the_queue_is_counted_in_redis(administrator: Client, empty_redis: redis.Redis) -> None:
    assert lines(administrator, "queue")["消息队列"] == "0 条"
    for _ in range(3):
        seal_events.apply_async(retry=False)
    assert empty_redis.llen("celery") == 3
    assert lines(administrator, "queue")["消息队列"] == "3 条"


def test_a_broker_of_another_kind_of_data_is_said_and_not_a_broken_page(
    administrator: Client, empty_redis: redis.Redis
) -> None:
    empty_redis.set("celery", "no list")
    assert queue_length() == UNKNOWN
    assert administrator.get(PAGE).status_code == 200
    empty_redis.flushdb()


def test_size_and_version_are_those_of_the_server(administrator: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()), current_setting('server_version_num')")
        size, number = cursor.fetchone()
    assert abs(database_size() - size) < 1024 * 1024
    assert lines(administrator, "storage")["数据库"] == filesizeformat(database_size())
    version = lines(administrator, "versions")["数据库"]
    assert version == f"PostgreSQL {int(number) // 10000}.{int(number) % 10000}"


def test_the_page_asks_as_many_questions_as_it_says(
    administrator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    administrator.get(PAGE)
    with django_assert_num_queries(9):
        administrator.get(PAGE)


def test_health_on_postgresql(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        assert client.get("/healthz").content == b"ok"
