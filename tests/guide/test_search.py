"""Finding an entry by words: short ones, several, whole questions; one's own first."""

import pytest

from branches.rules import GrantKind, Role
from guide.queries import find_help, shelves
from guide.rules import type_of_holder

WORKER = frozenset[type_of_holder]({Role.WORKER})
STAFF = frozenset[type_of_holder]({Role.GENERAL_BRANCH_STAFF})
NOBODY = frozenset[type_of_holder]()


def codes(*words: str, holdings: frozenset[type_of_holder] = WORKER) -> list[str]:
    return [hit.code for hit in find_help(words, holdings=holdings)]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("不适用", "item_not_applicable"),
        ("撤销", "item_undo"),
        ("大字", "large_text"),
        ("看不清", "large_text"),
        ("补登其他日期", "item_close"),
        ("党费", "dues_calculator"),
        ("填错了怎么办", "item_undo"),
        ("excel", "ledger_preview"),
    ],
)
def test_the_first_hit_answers(word: str, first: str) -> None:
    assert codes(word)[0] == first


def test_every_word_must_be_answered() -> None:
    assert "item_close" in codes("登记", "缺席")
    assert codes("登记", "宇宙飞船") == []
    assert codes("") == codes(" ") == codes() == []


def test_one_character_is_looked_for_as_it_is() -> None:
    assert "large_text" in codes("字")
    assert codes("猫") == []


def test_ones_own_come_first_and_say_so() -> None:
    found = find_help(["支部"], holdings=WORKER)
    mine = [hit.mine for hit in found]
    assert mine == sorted(mine, reverse=True)
    assert {True, False} == set(mine)
    assert next(hit for hit in find_help(["撤回"], holdings=STAFF)).mine is True


def test_a_hit_says_where_it_leads() -> None:
    hit = find_help(["撤销重来"], holdings=WORKER)[0]
    assert (hit.title, hit.area, hit.url) == ("填错了，撤销重来", "本月清单", "/w/help/item_undo/")


def test_what_a_role_cannot_open_stands_on_the_other_shelves() -> None:
    mine = {e.code for shelf in shelves(WORKER, mine=True) for e in shelf.entries}
    others = {e.code for shelf in shelves(WORKER, mine=False) for e in shelf.entries}
    assert mine & others == set()
    assert {"month_list", "item_close", "large_text", "item_return"} <= mine
    assert {"task_add", "account_list", "roster_import", "inspector"} <= others
    inspector = frozenset[type_of_holder]({GrantKind.ROTATION})
    seen = {e.code for shelf in shelves(inspector, mine=True) for e in shelf.entries}
    assert {"inspector", "month_list"} <= seen
    assert {"item_close", "item_undo"} & seen == set()


def test_who_holds_nothing_still_finds_what_is_for_everybody() -> None:
    areas = [shelf.area.code for shelf in shelves(NOBODY, mine=True)]
    assert areas == ["notices", "box", "account", "personal"]
