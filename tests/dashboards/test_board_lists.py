"""Every number of the board opens the list it counts, with exactly as many rows."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from dashboards.queries.board import Board
from reminders.actions.summaries import rebuild
from reminders.models import ReminderItem
from reminders.rules import ItemState
from tests.dashboards.board_scene import Scene, board_url, list_url, make_scene, signed_in
from tests.factories.items import make_item

pytestmark = pytest.mark.django_db
READERS = ("staff", "overseer", "worker")
MONTHS = ("2026-11", "2026-10")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """With an item of every other state, which no number but its own may hold."""
    scene = make_scene(monkeypatch)
    first, second, _ = scene.branches
    for state in (ItemState.WITHDRAWN, ItemState.NOT_APPLICABLE, ItemState.RETURNED):
        reason = "" if state == ItemState.RETURNED else "说明"
        for day in (date(2026, 10, 9), date(2026, 11, 9), date(2026, 11, 27)):
            make_item(first, name=str(state.label), due=day, state=state, reason=reason, minutes=7)
    # Due today, and a fortnight from today; the day after it is nobody's yet.
    for day in (date(2026, 11, 18), date(2026, 12, 2), date(2026, 12, 3)):
        make_item(second, name="临界", due=day, minutes=11)
    rebuild()
    return scene


def rows(client: Client, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return int(answer.context["page"].paginator.count)


def minutes(client: Client, url: str) -> int:
    return int(client.get(url).context["minutes"])


def numbers(board: Board) -> Iterator[tuple[int, str]]:
    """Every count of rows on the page with its address."""
    for now in (board.late, board.soon):
        yield now.total, now.url
        yield from ((line.items, line.url) for line in now.actions)
        yield from ((line.items, line.url) for line in now.places)
    for line in board.trend[-3:]:
        yield from ((count, url) for _, count, url in line.counts)
    for row in board.heat:
        yield from ((int(cell.fraction.split("/")[1]), cell.url) for cell in row.cells if cell.url)
    problems = board.problems
    yield from ((problems.found, problems.found_url), (problems.repeated, problems.repeated_url))
    for category in problems.categories:
        yield from ((category.found, category.found_url), (category.repeated, category.repeated_url))
    yield from ((line.times, line.url) for line in problems.repeats)
    yield board.load.items, board.load.url
    for asker in board.load.askers:
        yield asker.items, asker.url
        yield from ((line.items, line.url) for line in asker.lines)
    for change in board.changes[1:6]:
        yield from ((int(change.now), change.now_url), (int(change.then), change.then_url))


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("month", MONTHS)
def test_the_rows_equal_the_number(scene: Scene, client: Client, who: str, month: str) -> None:
    user: User = getattr(scene, who)
    board: Board = signed_in(client, user).get(board_url(month=month, compare="2026-09")).context["board"]
    found = list(dict.fromkeys(numbers(board)))
    assert [(count, url) for count, url in found if count != rows(client, url)] == []
    assert len(found) > 25
    assert sum(count > 0 for count, _ in found) > 10


@pytest.mark.parametrize("who", READERS)
def test_the_minutes_are_those_of_the_list(scene: Scene, client: Client, who: str) -> None:
    load = signed_in(client, getattr(scene, who)).get(board_url()).context["board"].load
    said = [(load.minutes, load.url)]
    for asker in load.askers:
        said += [(one.minutes, one.url) for one in (asker, *asker.lines)]
    assert [(count, url) for count, url in said if count != minutes(client, url)] == []
    assert len(said) >= 5


def test_the_completion_rate_is_that_of_its_list(scene: Scene, client: Client) -> None:
    board: Board = signed_in(client, scene.staff).get(board_url()).context["board"]
    for row in board.heat:
        cell = row.cells[-2]
        if not cell.url:
            continue
        items = [item for item, _ in client.get(cell.url).context["rows"]]
        on_time = [item for item in items if item.done_on and item.done_on <= item.due_on]
        assert (cell.value, cell.fraction) == (
            100 * len(on_time) // len(items),
            f"{len(on_time)}/{len(items)}",
        )


def test_every_link_of_the_page_opens(scene: Scene, client: Client) -> None:
    for user in (scene.staff, scene.worker):
        text = signed_in(client, user).get(board_url(compare="2026-10")).content.decode()
        links = {unescape(link) for link in re.findall(r'href="(/w/dashboard/[^"]*|\?[^"]*)"', text)}
        targets = [link if link.startswith("/") else f"/w/dashboard/{link}" for link in sorted(links)]
        assert [target for target in targets if client.get(target).status_code != 200] == []
        assert len(targets) > 20


@pytest.mark.parametrize("figure", ["late", "soon", "asked", "due", "on_time", "done_late", "open", "early"])
def test_a_list_names_what_it_counts_and_holds_nothing_foreign(
    scene: Scene, client: Client, figure: str
) -> None:
    answer = signed_in(client, scene.staff).get(list_url(figure=figure, month="2026-11", span=12))
    places = {item.organisation for item, _ in answer.context["rows"]}
    assert places <= {scene.general, *scene.branches}
    assert len(places) >= 2
    text = answer.content.decode()
    assert str(answer.context["asked"].words) in text
    assert "外单位" not in text


def test_a_list_of_one_branch_says_whose_it_is(scene: Scene, client: Client) -> None:
    place = scene.branches[1]
    text = signed_in(client, scene.staff).get(list_url(figure="late", place=place.code)).content.decode()
    assert (f"<p>{place.name} · 共 1 项 · 截至" in text, scene.branches[0].name in text) == (True, False)


def test_load_and_initiative_of_one_branch_are_for_its_own_people(scene: Scene, client: Client) -> None:
    own = scene.branches[0].code
    for user in (scene.staff, scene.overseer):
        signed_in(client, user)
        assert client.get(list_url(figure="asked", place=own)).context["minutes"] is None
        assert client.get(list_url(figure="early", place=own)).status_code == 404
        assert client.get(list_url(figure="early")).status_code == 200
    signed_in(client, scene.worker)
    assert minutes(client, list_url(figure="asked", place=own)) > 0
    assert rows(client, list_url(figure="early", place=own)) == 1


def test_an_empty_list_leads_back(scene: Scene, client: Client) -> None:
    text = signed_in(client, scene.staff).get(list_url(figure="due", month="2020-01")).content.decode()
    assert "没有这样的事项。" in text
    assert "回到看板" in text


def test_an_asker_nobody_knows_has_nothing(scene: Scene, client: Client) -> None:
    assert rows(signed_in(client, scene.staff), list_url(figure="asked", asker="天外来客")) == 0


def test_withdrawn_items_stand_in_no_number(scene: Scene, client: Client) -> None:
    withdrawn = ReminderItem.objects.filter(state=ItemState.WITHDRAWN)
    assert withdrawn.count() == 3
    signed_in(client, scene.staff)
    for figure in ("late", "soon", "asked", "due", "on_time", "done_late", "open", "early"):
        items = client.get(list_url(figure=figure, span=12)).context["rows"]
        assert [item for item, _ in items if item.state == ItemState.WITHDRAWN] == []
