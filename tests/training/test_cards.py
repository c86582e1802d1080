"""Scenario cards: drafted from an entry, published, frozen, retired, shipped, played and passed."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from accounts.models import User
from errorbank.models import ErrorEntry
from errorbank.rules import ErrorCategory
from tests.factories.branches import make_user
from tests.factories.errorbank import make_entry
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.card_scene import TEXT, drafted, foreign, published, said
from training.actions.cards import (
    CardRefused,
    answer_step,
    card_from_entry,
    change_card,
    publish_card,
    retire_card,
    start_again,
)
from training.actions.cards_load import CARDS, load_cards
from training.models import Card, CardRun, CardVersion
from training.queries.cards import Drill, drills_passed, play_of
from training.rules.cards import CardState, kept, parse_steps, screen_of, screens_of

SHIPPED = yaml.safe_load(CARDS.read_text("utf-8"))["cards"]
ENTRIES = yaml.safe_load(Path("errorbank/data/error_bank.yaml").read_text("utf-8"))["entries"]
LATER = ON + timedelta(days=3)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@pytest.mark.parametrize("row", SHIPPED, ids=[row["slug"] for row in SHIPPED])
def test_every_shipped_card_is_whole_and_every_path_ends(row: dict[str, str]) -> None:
    """Whatever is chosen at a step, a result follows and the next step; the last is the debrief."""
    steps = parse_steps(row["steps"])
    entry = next(entry for entry in ENTRIES if entry["code"] == row["entry"])
    assert (row["category"], len(row["title"]) <= 60, 0 < len(row["debrief"]) <= 600) == (
        entry["category"],
        True,
        True,
    )
    assert 3 <= len(steps) <= 5
    assert [len(step.text) > 60 for step in steps if len(step.text) > 90] == []
    for step in steps:
        assert len({choice.text for choice in step.choices}) == len(step.choices) == 3
        assert len({choice.result for choice in step.choices}) == 3
    screens = [screen_of(steps, number) for number in range(1, screens_of(steps) + 1)]
    assert [screen.after for screen in screens] == [*range(2, len(screens) + 1), None]
    assert [screen.before for screen in screens] == [None, *range(1, len(screens))]
    assert [screen.step for screen in screens[:-1:2]] == list(steps)
    assert [screen.is_open for screen in screens] == [False, True] * len(steps) + [False]


def test_the_right_choice_stands_now_here_now_there() -> None:
    places = [step.right for row in SHIPPED for step in parse_steps(row["steps"])]
    assert len(SHIPPED) == len({row["slug"] for row in SHIPPED}) == 12
    assert [places.count(place) >= len(places) // 5 for place in range(3)] == [True] * 3
    assert {row["category"] for row in SHIPPED} <= set(ErrorCategory.values)


def test_what_ships_is_loaded_once_and_follows_the_file(db: None, tmp_path: Path) -> None:
    entry = make_entry(SHIPPED[0]["entry"])
    assert load_cards(on=ON) == {"added": 12, "updated": 0, "unchanged": 0}
    assert load_cards(on=LATER) == {"added": 0, "updated": 0, "unchanged": 12}
    card = Card.objects.get(slug=SHIPPED[0]["slug"])
    assert (card.entry, card.state, card.organisation) == (entry, CardState.PUBLISHED, None)
    path = tmp_path / "cards.yaml"
    rows = [{**SHIPPED[0], "debrief": "改过的复盘"}]
    path.write_text(yaml.safe_dump({"cards": rows}, allow_unicode=True), "utf-8")
    assert load_cards(on=LATER, path=path) == {"added": 0, "updated": 1, "unchanged": 0}
    said_by = [(row.number, row.published_on, row.debrief) for row in card.versions.order_by("number")]
    assert said_by == [(1, ON, SHIPPED[0]["debrief"].strip()), (2, LATER, "改过的复盘")]


def test_an_entry_that_comes_later_is_joined(db: None) -> None:
    load_cards(on=ON)
    entry = make_entry(SHIPPED[0]["entry"])
    assert load_cards(on=ON)["unchanged"] == 12
    assert Card.objects.get(slug=SHIPPED[0]["slug"]).entry == entry


def test_a_draft_from_an_entry_is_made_once(scene: Scene) -> None:
    entry = make_entry(problem="只写一致通过", wrong_example="写了|两段\n话", right_example="写清票数")
    card = card_from_entry(scene.general, entry, by=scene.staff)
    assert card_from_entry(scene.general, entry, by=scene.staff) == card
    version = card.versions.get()
    assert (card.state, card.entry, card.title, version.published_on) == (
        CardState.DRAFT,
        entry,
        "只写一致通过",
        None,
    )
    choices = [(choice.text, choice.right) for choice in version.read_steps[0].choices]
    assert choices == [("写清票数", True), ("写了／两段 话", False)]
    wording = entry.published
    assert wording
    rights = [step.choices[step.right].text for step in version.read_steps]
    assert rights == ["写清票数", wording.measure, wording.recheck_method]
    assert parse_steps(version.steps_text) == version.read_steps
    publish_card(card, by=scene.staff, on=ON)
    assert card_from_entry(scene.general, entry, by=scene.staff) != card
    ErrorEntry.objects.update(retired_reason="合并", published=None)
    entry = ErrorEntry.objects.create(code="T-none")
    with pytest.raises(CardRefused, match="没有在用的内容"):
        card_from_entry(scene.general, entry, by=scene.staff)


def test_a_published_version_is_never_changed(scene: Scene) -> None:
    card = published(scene)
    with pytest.raises(CardRefused, match="没有待发布"):
        publish_card(card, by=scene.staff, on=ON)
    first = card.versions.get()
    change_card(card, data=said("新的表决"), by=scene.staff, seen=0)
    with pytest.raises(CardRefused, match="刚被其他人员改过"):
        change_card(card, data=said("又一个"), by=scene.staff, seen=0)
    card.refresh_from_db()
    assert (card.title, card.published) == ("表决", first)
    change_card(card, data=said("更新的表决"), by=scene.staff, seen=1)
    card = publish_card(card, by=scene.staff, on=LATER)
    rows = card.versions.order_by("number").values_list("number", "title", "published_on")
    assert list(rows) == [(1, "表决", ON), (2, "更新的表决", LATER)]
    assert card.title == "更新的表决"


def test_a_draft_is_renamed_and_a_retired_card_comes_back(scene: Scene) -> None:
    card = drafted(scene.general, scene.staff)
    with pytest.raises(CardRefused, match="没有在用"):
        retire_card(card, by=scene.staff)
    change_card(card, data=said("改名"), by=scene.staff, seen=1)
    card = publish_card(card, by=scene.staff, on=ON)
    assert card.title == "改名"
    card = retire_card(card, by=scene.staff)
    assert (card.is_retired, list(Card.objects.open_to(scene.worker, on=ON))) == (True, [])
    with pytest.raises(CardRefused, match="没有在用"):
        retire_card(card, by=scene.staff)
    with pytest.raises(CardRefused, match="没有在用"):
        answer_step(card, 1, 0, by=scene.worker, on=ON)
    change_card(card, data=said("改名"), by=scene.staff, seen=0)
    assert publish_card(card, by=scene.staff, on=LATER).is_open is True


def test_what_ships_is_nobodys_to_change(scene: Scene) -> None:
    load_cards(on=ON)
    card = Card.objects.get(slug=SHIPPED[0]["slug"])
    with pytest.raises(CardRefused, match="不能修改"):
        change_card(card, data=said(), by=scene.staff, seen=0)
    with pytest.raises(CardRefused, match="不能修改"):
        retire_card(card, by=scene.staff)
    assert list(Card.objects.edited_by(scene.overseer, on=ON)) == []


def test_who_sees_what(scene: Scene) -> None:
    load_cards(on=ON)
    Card.objects.exclude(slug=SHIPPED[0]["slug"]).update(state=CardState.RETIRED)
    ours, draft = published(scene), drafted(scene.general, scene.staff, "草稿")
    foreign(scene)

    def titles(user: User) -> list[str]:
        rows = Card.objects.visible_to(user, on=ON)
        return sorted(card.title for card in rows if card.slug or card.state != CardState.RETIRED)

    shipped = SHIPPED[0]["title"]
    assert titles(scene.worker) == sorted([shipped, ours.title])
    assert titles(scene.staff) == sorted([shipped, ours.title, draft.title])
    assert titles(scene.foreign_staff) == sorted([shipped, "外单位的"])
    assert list(Card.objects.visible_to(make_user(), on=ON).filter(organisation__isnull=False)) == []


def test_the_first_choice_counts_and_a_pass_stays(scene: Scene) -> None:
    card = published(scene)
    worker = scene.worker
    for number, choice in ((2, 1), (1, 2), (1, -1)):
        with pytest.raises(CardRefused, match="请选一个做法"):
            answer_step(card, number, choice, by=worker, on=ON)
    assert CardRun.objects.count() == 0
    answer_step(card, 1, 1, by=worker, on=ON)
    run = answer_step(card, 1, 0, by=worker, on=ON)
    assert run.answers == [1]
    answer_step(card, 2, 1, by=worker, on=ON)
    assert drills_passed(worker) == []
    play = play_of(worker, card)
    assert play is not None
    assert (play.is_done, [step.text for step in play.to_look_at]) == (True, [play.steps[0].text])
    start_again(card, by=worker)
    for number, choice in ((1, 0), (2, 1)):
        answer_step(card, number, choice, by=worker, on=LATER)
    assert drills_passed(worker) == [Drill(card.pk, "表决", "meetings", LATER)]
    start_again(card, by=worker)
    answer_step(card, 1, 1, by=worker, on=LATER + timedelta(days=9))
    retire_card(card, by=scene.staff)
    assert ([row.passed_on for row in drills_passed(worker)], drills_passed(scene.staff)) == ([LATER], [])


def test_new_words_are_played_from_the_first_step(scene: Scene) -> None:
    card = published(scene)
    answer_step(card, 1, 0, by=scene.worker, on=ON)
    change_card(card, data=said(text=TEXT.replace("7 人", "8 人")), by=scene.staff, seen=0)
    publish_card(card, by=scene.staff, on=ON)
    card = Card.objects.select_related("published").get(pk=card.pk)
    play = play_of(scene.worker, card)
    assert (play and play.here, play and play.answers) == (1, [])
    run = answer_step(card, 1, 1, by=scene.worker, on=ON)
    assert (run.version, run.answers) == (card.published, [1])


def test_a_card_is_kept_as_it_was_said(scene: Scene) -> None:
    version = CardVersion.objects.get(card=published(scene))
    assert (version.steps, version.published_on) == (kept(parse_steps(TEXT)), date(2026, 11, 18))
