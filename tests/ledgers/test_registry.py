"""The registry holds each ledger once and gives a user those they may open."""

from dataclasses import replace

import pytest

from ledgers.ledger import Ledger, LedgerGroup
from ledgers.registry import UnknownLedgerError, find_ledger, ledgers_for, register, slugs
from tests.factories.branches import make_user
from tests.ledgers.sample import ON, make_ledger, registered

GROUPS = (LedgerGroup.LIFE, LedgerGroup.PEOPLE)


def test_a_registered_ledger_is_found(ledger: Ledger) -> None:
    assert find_ledger("sample") is ledger
    assert "sample" in slugs()
    assert register(ledger) is ledger


def test_an_unknown_name_is_said(ledger: Ledger) -> None:
    with pytest.raises(UnknownLedgerError, match=r"^没有名为“nothing”的台账。$"):
        find_ledger("nothing")


def test_a_slug_is_taken_once(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match=r"^The ledger slug 'sample' is taken\.$"):
        register(replace(ledger, title="另一本"))
    assert find_ledger("sample") is ledger


@pytest.mark.django_db
def test_only_ledgers_a_user_may_open(ledger: Ledger) -> None:
    mine = [each.slug for each in ledgers_for(make_user(name="某支部"), on=ON) if each.slug == "sample"]
    none = [each.slug for each in ledgers_for(make_user(name="无权"), on=ON) if each.slug == "sample"]
    assert (mine, none) == (["sample"], [])


def test_every_shipped_ledger_is_whole() -> None:
    for slug in slugs():
        each = find_ledger(slug)
        keys = [column.key for column in each.columns]
        assert len(set(keys)) == len(keys)
        assert each.title
        assert each.description
        assert make_ledger().slug not in slugs()


def test_ledgers_stand_group_by_group(db: None) -> None:
    life, people = (make_ledger(slug=group.name, title=group.name, group=group) for group in GROUPS)
    other = make_ledger(title="一")
    with registered(other), registered(life), registered(people):
        assert ledgers_for(make_user(name="全部"), on=ON) == [people, life, other]
