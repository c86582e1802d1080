"""The board's numbers and their lists on PostgreSQL, too."""

import pytest
from django.test import Client

from tests.dashboards.board_scene import Scene, board_url, make_scene, signed_in
from tests.dashboards.test_board_lists import minutes, numbers, rows

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def test_the_rows_equal_the_number(scene: Scene, client: Client) -> None:
    board = signed_in(client, scene.staff).get(board_url(compare="2026-10")).context["board"]
    found = list(dict.fromkeys(numbers(board)))
    assert [(count, url) for count, url in found if count != rows(client, url)] == []
    assert minutes(client, board.load.url) == board.load.minutes == 300
    assert [line.value for line in board.indices[-2:]] == [17, 83]
