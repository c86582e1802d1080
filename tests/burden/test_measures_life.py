"""The life of a list and of values: each action once, twice, refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.models import AuditEvent
from branches.models import Organisation
from burden import measured as registry
from burden.actions.measure_values import ValueData, add_value, adopt_measured, correct_value
from burden.actions.measures import (
    add_entry,
    adopt_entries,
    close_list,
    draft_list,
    drop_draft,
    issue_list,
    word_entry,
)
from burden.models import Measure, MeasureList, MeasureValue
from burden.queries.measures import list_page, standing_lists
from burden.rules.measured import Measured
from burden.rules.measures import MeasureRefused
from burden.rules.measures_vocabulary import ListState, Origin, ValueSource
from periods.months import Month
from tests.burden.measure_scene import (
    NOVEMBER,
    NOW,
    OCTOBER,
    YEAR,
    House,
    entry_data,
    make_house,
    make_issued,
    make_value,
    measure_of,
)
from tests.reminders.scene import ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return make_house(monkeypatch)


def codes(shown: MeasureList) -> list[str]:
    return list(
        shown.entries.filter(adopted=True).order_by("position").values_list("measure__code", flat=True)
    )


# --- lists ---------------------------------------------------------------------------------------


def test_a_first_draft_holds_the_template_with_the_proposals_waiting(house: House) -> None:
    draft = draft_list(house.scene.foreign_general, year=YEAR, by=house.scene.foreign_staff)
    assert (draft.version, draft.state, draft.entries.count()) == (1, ListState.DRAFT, 20)
    waiting = draft.entries.filter(adopted=False)
    assert set(waiting.values_list("origin", flat=True)) == {Origin.PROPOSAL}
    assert len(codes(draft)) == 13


def test_a_second_draft_of_the_year_is_refused(house: House) -> None:
    place, staff = house.scene.foreign_general, house.scene.foreign_staff
    draft_list(place, year=YEAR, by=staff)
    with pytest.raises(MeasureRefused, match="已经有一份草稿"):
        draft_list(place, year=YEAR, by=staff)


def test_a_change_makes_the_next_version_and_the_first_stays(house: House) -> None:
    scene = house.scene
    with pytest.raises(MeasureRefused, match="写明这一版要改什么"):
        draft_list(scene.general, year=YEAR, by=scene.staff)
    draft = draft_list(scene.general, year=YEAR, by=scene.staff, note="加一条")
    entry = draft.entries.get(measure__code="lead_time")
    kept = [*draft.entries.filter(adopted=True).values_list("pk", flat=True), entry.pk]
    adopt_entries(draft, adopted=kept, by=scene.staff)
    issued = issue_list(draft, document_number=" 3 号 ", by=scene.staff, on=ON)
    house.list.refresh_from_db()
    assert (issued.version, issued.state, issued.document_number) == (2, ListState.ISSUED, "3 号")
    assert house.list.state == ListState.REPLACED
    assert ("lead_time" in codes(house.list), "lead_time" in codes(issued)) == (False, True)
    assert [shown.pk for shown in list_page(issued, on=ON).versions] == [issued.pk, house.list.pk]
    assert [shown.pk for shown in standing_lists(scene.worker, on=ON)] == [issued.pk]


def test_an_issued_list_is_changed_by_nobody(house: House) -> None:
    staff = house.scene.staff
    for act in (
        lambda: adopt_entries(house.list, adopted=[], by=staff),
        lambda: word_entry(house.entry, data=entry_data(), by=staff),
        lambda: add_entry(house.list, data=entry_data(), by=staff),
        lambda: issue_list(house.list, document_number="", by=staff, on=ON),
        lambda: drop_draft(house.list, by=staff),
    ):
        with pytest.raises(MeasureRefused, match="已经印发"):
            act()


def test_an_own_measure_gets_a_code_of_its_own(house: House) -> None:
    scene = house.scene
    draft = draft_list(scene.general, year=YEAR, by=scene.staff, note="加一条")
    made = [add_entry(draft, data=entry_data(name), by=scene.staff) for name in ("甲", "乙")]
    assert [entry.measure.code for entry in made] == ["own_01", "own_02"]
    assert [entry.position for entry in made] == [21, 22]
    worded = word_entry(made[0], data=entry_data("丙", target=Decimal(1)), by=scene.staff)
    assert (worded.name, worded.target, worded.measure.code) == ("丙", Decimal(1), "own_01")


def test_an_empty_list_is_not_issued_and_a_dropped_draft_is_gone(house: House) -> None:
    scene = house.scene
    draft = draft_list(scene.general, year=YEAR, by=scene.staff, note="重来")
    adopt_entries(draft, adopted=[], by=scene.staff)
    with pytest.raises(MeasureRefused, match="还没有采用的措施"):
        issue_list(draft, document_number="", by=scene.staff, on=ON)
    drop_draft(draft, by=scene.staff)
    assert list(MeasureList.objects.filter(organisation=scene.general)) == [house.list]
    with pytest.raises(MeasureRefused, match="已经撤回"):
        drop_draft(draft, by=scene.staff)


def test_a_year_is_closed_in_december_and_then_rests(house: House) -> None:
    scene, december = house.scene, date(2026, 12, 28)
    with pytest.raises(MeasureRefused, match="还没有到 12 月"):
        close_list(house.list, note="好", by=scene.staff, on=ON)
    closed = close_list(house.list, note="好", by=scene.staff, on=december)
    assert (closed.state, closed.closed_on, closed.closing_note) == (ListState.CLOSED, december, "好")
    with pytest.raises(MeasureRefused, match="不用收尾"):
        close_list(house.list, note="好", by=scene.staff, on=december)
    with pytest.raises(MeasureRefused, match="不再出新版"):
        draft_list(scene.general, year=YEAR, by=scene.staff, note="改")
    with pytest.raises(MeasureRefused, match="已经收尾"):
        make_value(house.measure, OCTOBER, "30", by=scene.staff)


def test_a_year_with_an_open_draft_is_not_closed(house: House) -> None:
    draft_list(house.scene.general, year=YEAR, by=house.scene.staff, note="改")
    with pytest.raises(MeasureRefused, match="没有印发的草稿"):
        close_list(house.list, note="好", by=house.scene.staff, on=date(2026, 12, 28))


def test_the_next_year_begins_with_this_year_s_measures_and_moved_deadlines(house: House) -> None:
    draft = draft_list(house.scene.general, year=YEAR + 1, by=house.scene.staff)
    entry = draft.entries.get(measure=house.measure)
    assert (draft.version, draft.change_note, entry.deadline) == (1, "", date(2027, 12, 31))
    assert codes(draft) == codes(house.list)
    assert draft.entries.count() == 20


# --- values --------------------------------------------------------------------------------------


def test_a_value_is_entered_once_and_corrected_by_another_row(house: House) -> None:
    staff = house.scene.staff
    first = make_value(house.measure, OCTOBER, "36", by=staff)
    with pytest.raises(MeasureRefused, match="已经填过数值"):
        make_value(house.measure, OCTOBER, "35", by=staff)
    data = ValueData(Decimal(30), "重新统计。")
    second = correct_value(first, data=data, reason="算错了", by=staff, on=ON, now=NOW)
    assert list(MeasureValue.objects.standing()) == [second]
    first.refresh_from_db()
    assert (first.value, second.corrects, second.reason) == (Decimal(36), first, "算错了")
    with pytest.raises(MeasureRefused, match="刚刚已经更正过"):
        correct_value(first, data=data, reason="再改", by=staff, on=ON, now=NOW)


def test_corrections_need_a_reason_and_a_change(house: House) -> None:
    value = make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    same = ValueData(Decimal(36), value.evidence)
    for data, reason, words in (
        (ValueData(Decimal(1), "甲"), " ", "写明为什么更正"),
        (same, "看错", "没有需要更正"),
    ):
        with pytest.raises(MeasureRefused, match=words):
            correct_value(value, data=data, reason=reason, by=house.scene.staff, on=ON, now=NOW)


def test_the_database_itself_refuses_to_change_a_value(house: House) -> None:
    value = make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        MeasureValue.objects.filter(pk=value.pk).update(value=Decimal(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasureValue.objects.create(
            measure=house.measure,
            month=OCTOBER.first,
            value=Decimal(1),
            evidence="又一个",
            made_by=house.scene.staff,
            made_at=NOW,
        )


def test_no_value_for_the_future_for_another_year_or_for_what_is_not_in_force(house: House) -> None:
    staff = house.scene.staff
    with pytest.raises(MeasureRefused, match="还没有开始"):
        make_value(house.measure, Month(2026, 12), "30", by=staff)
    with pytest.raises(MeasureRefused, match="没有这条措施"):
        make_value(house.measure, Month(2025, 12), "30", by=staff)
    with pytest.raises(MeasureRefused, match="没有这条措施"):
        make_value(measure_of(house.scene.general, "lead_time"), OCTOBER, "30", by=staff)


def test_what_the_portal_counts_is_taken_over_with_its_evidence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meter(place: Organisation, month: Month, on: date) -> Measured | None:
        assert (place, on) == (house.scene.general, ON)
        return Measured(Decimal("30.005"), "共 100 分", "/w/burden/schemes/") if month == OCTOBER else None

    monkeypatch.setattr(registry, "METERS", {"ledger_weight_30": meter})
    staff = house.scene.staff
    made = adopt_measured(house.measure, month=OCTOBER, by=staff, on=ON, now=NOW)
    assert (made.value, made.evidence, made.evidence_url, made.source) == (
        Decimal("30.00"),
        "共 100 分",
        "/w/burden/schemes/",
        ValueSource.MEASURED,
    )
    with pytest.raises(MeasureRefused, match="已经填过数值"):
        adopt_measured(house.measure, month=OCTOBER, by=staff, on=ON, now=NOW)
    with pytest.raises(MeasureRefused, match="统计不出"):
        adopt_measured(house.measure, month=NOVEMBER, by=staff, on=ON, now=NOW)


def test_nothing_is_counted_before_its_month(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "METERS", {"x": lambda place, month, on: Measured(Decimal(1), "")})
    place = house.scene.general
    assert registry.measured("x", place, NOVEMBER, on=ON) == Measured(Decimal(1), "")
    assert registry.measured("x", place, NOVEMBER.next(), on=ON) is None
    assert registry.measured("unknown", place, NOVEMBER, on=ON) is None


def test_every_step_is_written_down(house: House) -> None:
    value = make_value(house.measure, OCTOBER, "36", by=house.scene.staff)
    data = ValueData(Decimal(30), "重新统计。")
    correct_value(value, data=data, reason="算错了", by=house.scene.staff, on=ON, now=NOW)
    names = (
        AuditEvent.objects.filter(event__startswith="burden.").order_by("pk").values_list("event", flat=True)
    )
    assert list(names) == [
        "burden.measure_list_drafted",
        "burden.measure_list_issued",
        "burden.measure_value_added",
        "burden.measure_value_corrected",
    ]


def test_values_go_on_over_versions_and_years(house: House) -> None:
    scene = house.scene
    make_value(house.measure, OCTOBER, "36", by=scene.staff)
    later = ON + timedelta(days=60)
    issued = make_issued(scene.general, by=scene.staff, year=YEAR + 1, on=later)
    add_value(
        house.measure,
        month=Month(2027, 1),
        data=ValueData(Decimal(30), "甲"),
        by=scene.staff,
        on=later,
        now=NOW,
    )
    row = next(row for row in list_page(issued, on=later).rows if row.entry.measure == house.measure)
    assert dict(row.points) == {OCTOBER: Decimal(36), Month(2027, 1): Decimal(30)}
    assert (row.latest, row.now_words) == (Month(2027, 1), "30%")
    assert Measure.objects.filter(organisation=scene.general).count() == 20
