"""The same answers from PostgreSQL, whose unions, orders and comparisons are its own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.dashboards.scene import Scene, answer, found, make_scene
from tests.factories.branches import make_member

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_staff_find_one_of_every_kind(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(10):
        shown = found(scene.home.staff, "青禾甲")
    assert shown == {
        "members": ["青禾甲"],
        "items": ["青禾甲事项"],
        "findings": ["青禾甲问题"],
        "organisations": ["青禾甲党支部"],
        "cases": ["青禾甲"],
        "records": ["青禾甲主题"],
        "actions": ["青禾甲事项"],
        "tasks": ["青禾甲专项"],
        "packs": ["青禾甲资料包"],
        "errors": ["青禾甲错题"],
        "handovers": ["党务工作者：青禾甲移交 → 待确定接收人"],
        "accounts": ["青禾甲移交"],
    }


def test_every_kind_has_its_pages(scene: Scene) -> None:
    for group in answer(scene.home.staff, "青禾甲").groups:
        alone = answer(scene.home.staff, "青禾甲", kind=group.kind.code)
        assert [each.rows for each in alone.groups] == [group.rows]
        assert answer(scene.home.staff, "青禾甲", kind=group.kind.code, page=2).groups == ()


def test_signs_are_letters_and_case_does_not_count(scene: Scene) -> None:
    make_member(scene.home.branch, name="松_风%竹\\影", code="Lei07")
    for typed, hit in (("_风%", True), ("松__", False), ("竹\\", True), ("ＬＥＩ０７", True), ("%影", False)):
        assert ("members" in found(scene.home.worker, typed)) is hit


def test_several_words_by_name_and_branch(scene: Scene) -> None:
    make_member(scene.home.branch, name="王雷生")
    make_member(scene.home.branch, name="王雷")
    assert found(scene.home.worker, "王雷 青禾甲党支部")["members"] == ["王雷", "王雷生"]
    assert "members" not in found(scene.home.worker, "王雷 青禾乙党支部")


def test_what_closes_a_record_is_read_of_the_wanted_ones_alone(scene: Scene) -> None:
    """With every record's item in the condition, a word that stands in many took seconds."""
    with CaptureQueriesContext(connection) as queries:
        found(scene.home.staff)
    (text,) = [query["sql"] for query in queries if ' AS "item"' in query["sql"]]
    said, _, condition = text.partition(' AS "item"')
    assert (said.count("ORDER BY"), "LIMIT 100" in condition) == (1, True)
