"""What the ledgers of measures and schemes say, as of which day, and for whom."""

from datetime import date
from decimal import Decimal

import pytest

from burden.actions.schemes import Edition, SchemeData, change_scheme, retire_scheme
from ledgers.ledger import Cell, Tone
from ledgers.registry import find_ledger
from tests.burden.measure_scene import (
    NOW,
    OCTOBER,
    THIRTY,
    House,
    entry_data,
    make_house,
    make_issued,
    make_scheme,
    make_value,
)
from tests.ledgers.opened import rows_of
from tests.reminders.scene import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return make_house(monkeypatch)


def test_a_branch_sees_the_measures_that_hold_for_it(house: House) -> None:
    make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    make_issued(house.scene.foreign_general, by=house.scene.foreign_staff)
    rows = rows_of(find_ledger("measures"), "period=2026", house.scene.worker, on=ON)
    assert len(rows) == 13
    assert rows[0][1:] == (
        "党总支 2026 年",
        "降低台账在考核中的比重",
        "党总支",
        "台账类项目占总分的比例：考核办法中只看留痕的项目分值之和 ÷ 总分 × 100",
        "60%（示例）",
        "36%",
        "不高于 30%",
        date(2026, 12, 31),
        Cell("推进中"),
        "还没有达到目标，时限没有到",
    )
    narrowed = rows_of(find_ledger("measures"), "period=2026&state=empty", house.scene.worker, on=ON)
    assert len(narrowed) == 12
    assert narrowed[0][9] == Cell("待填", Tone.SOON)


def test_a_past_period_shows_what_was_known_at_its_end(house: House) -> None:
    make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    found = [
        rows_of(find_ledger("measures"), f"period={period}", house.scene.staff, on=ON)[0][6]
        for period in ("2026-09", "2026-10")
    ]
    assert found == ["", "36%"]
    assert rows_of(find_ledger("measures"), "period=2025", house.scene.staff, on=ON) == []


def test_own_measures_stand_with_counted_baselines(house: House) -> None:
    staff = house.scene.foreign_staff
    make_issued(house.scene.foreign_general, by=staff, only=entry_data())
    rows = rows_of(find_ledger("measures"), "period=2026", staff, on=ON)
    assert [(row[2], row[5]) for row in rows] == [("少发报表", "8 份")]


def test_schemes_stand_as_on_the_day_asked_about(house: House) -> None:
    staff, place = house.scene.staff, house.scene.general
    scheme = make_scheme(place, by=staff)
    make_scheme(house.scene.foreign_general, by=house.scene.foreign_staff)
    data = SchemeData(scheme.name, scheme.about)
    edition = Edition(date(2026, 10, 1), "减", THIRTY)
    change_scheme(scheme, data=data, edition=edition, by=staff, now=NOW)

    def said(period: str) -> list[tuple[object, ...]]:
        rows = rows_of(find_ledger("schemes"), f"period={period}", house.scene.worker, on=ON)
        return [row[4:] for row in rows]

    assert said("2025") == []
    assert said("2026-09") == [
        (
            date(2026, 1, 1),
            Decimal(100),
            Decimal(60),
            Decimal(60),
            Decimal(50),
            Cell("超过提醒线 50%", Tone.SOON),
        )
    ]
    assert said("2026-10")[0][3:] == (Decimal(30), Decimal("33.3"), Cell("没有超过提醒线", Tone.OK))
    retire_scheme(scheme, by=staff, on=date(2026, 11, 1))
    assert (len(said("2026-10")), said("2026-11")) == (1, [])
