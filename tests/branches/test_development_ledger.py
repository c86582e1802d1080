"""The recruiting ledger: its rows, its filter, the files it becomes."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import User
from branches.actions.development import close_case
from branches.ledgers.recruiting import COLUMNS, RECRUITING
from branches.models import DevelopmentCase, Organisation
from branches.rules import CaseState, Role
from ledgers.document import LedgerDocument, build_document
from ledgers.ledger import Cell, Tone
from ledgers.renderers.pdf import render_pdf
from ledgers.renderers.xlsx import render_xlsx
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_member
from tests.factories.development import DAYS, TODAY, make_case

AS_OF = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
Counter = Callable[[int], AbstractContextManager[object]]
KEYS = ["number", *(column.key for column in COLUMNS)]


@pytest.fixture
def house(house: House) -> House:
    house.committee.approves_members = True
    house.committee.save()
    return house


def a_case(house: House, upto: int, *, place: Organisation | None = None, name: str = "") -> DevelopmentCase:
    place = place or house.br03
    people = [make_member(place), make_member(place)]
    return make_case(place, upto=upto, committee=house.committee, people=people, name=name)


def document(query: str, user: User | None) -> LedgerDocument:
    form = RECRUITING.filter_form.filled(QueryDict(query), user=user, on=TODAY)
    assert form.is_valid(), form.errors
    return build_document(RECRUITING, form, user=user, on=TODAY, as_of=AS_OF)


def rows(query: str, user: User | None) -> list[dict[str, object]]:
    return [dict(zip(KEYS, row, strict=True)) for row in document(query, user).rows]


def names(query: str, user: User | None) -> list[object]:
    return [row["person"] for row in rows(query, user)]


def test_a_row_says_where_the_person_stands(house: House) -> None:
    a_case(house, 20, name="唐志明")
    (row,) = rows("", house.worker)
    assert row == {
        "number": 1,
        "person": "唐志明",
        "organisation": "红土坡党支部",
        "stage": "预备党员的教育考察和转正",
        "applied_on": DAYS[1],
        "activist_on": DAYS[3],
        "target_on": DAYS[7],
        "admitted_on": DAYS[15],
        "probation_end": date(2026, 6, 27),
        "converted_on": None,
        "next_step": "提出转正申请",
        "due_on": date(2026, 6, 27),
        "state": Cell("已过建议日期", Tone.SOON),
        "remarks": "截止日期为建议",
    }


def test_a_target_is_dated_as_the_text_of_the_day_names_it(house: House) -> None:
    case = a_case(house, 6)
    case.steps.create(number=7, done_on=date(2026, 6, 1))
    assert rows("", house.worker)[0]["target_on"] is None
    case.steps.create(number=8, done_on=date(2026, 6, 8), until_on=date(2026, 6, 12))
    assert rows("", house.worker)[0]["target_on"] == date(2026, 6, 8)


def test_what_was_done_and_not_entered_is_said(house: House) -> None:
    case = a_case(house, 13)
    case.steps.filter(number__in=(1, 2, 3, 8)).delete()
    (row,) = rows("", house.worker)
    assert row["activist_on"] is None
    assert row["remarks"] == "截止日期为建议；未登记：推荐和确定入党积极分子、报上级党委同意并公示"


def test_waiting_held_up_and_closed_cases_in_words(house: House) -> None:
    waiting, held, closed = (a_case(house, n, name=name) for n, name in ((3, "等"), (12, "卡"), (2, "止")))
    on = date(2027, 5, 1)
    DevelopmentCase.objects.filter(pk=waiting.pk).update(next_due_on=None, next_from=on)
    DevelopmentCase.objects.filter(pk=held.pk).update(blocked="介绍人不足两名", next_due_on=None)
    close_case(closed, state=CaseState.DISCONTINUED, on=TODAY, note="本人撤回", by=None)
    found = {row["person"]: (row["state"], row["remarks"]) for row in rows("", house.worker)}
    assert found == {
        "等": (Cell("未到时间", Tone.NONE), "2027-05-01 起可以办理"),
        "卡": (Cell("需要先处理", Tone.SOON), "介绍人不足两名"),
    }
    (row,) = rows("state=discontinued", house.worker)
    assert (row["person"], row["stage"], row["state"]) == ("止", "已办结", Cell("已终止", Tone.NONE))
    assert row["remarks"] == "本人撤回"


def test_a_past_day_shows_where_the_person_stood_then(house: House) -> None:
    case = a_case(house, 20, name="唐志明")
    (then,) = rows("period=2025Q1", house.worker)
    assert {key: then[key] for key in ("stage", "target_on", "admitted_on", "converted_on", "next_step")} == {
        "stage": "预备党员的接收",
        "target_on": DAYS[7],
        "admitted_on": None,
        "converted_on": None,
        "next_step": "上级党委预审",
    }
    assert rows("period=2023-02", house.worker) == []
    (first,) = rows("period=2023-03-10", house.worker)
    assert (first["stage"], first["next_step"], first["activist_on"]) == ("申请入党", "党组织派人谈话", None)
    case.refresh_from_db()
    assert case.next_step == 22


def test_a_year_shows_who_came_to_an_end_in_it(house: House) -> None:
    case = a_case(house, 2, name="止")
    close_case(case, state=CaseState.DISCONTINUED, on=date(2026, 6, 1), note="本人撤回", by=None)
    found = {
        text: names(f"period={text}", house.worker) for text in ("2026", "2026-06", "2026-07", "2026-06-01")
    }
    assert found == {"2026": ["止"], "2026-06": ["止"], "2026-07": [], "2026-06-01": []}
    (before,) = rows("period=2026-05", house.worker)
    assert (before["state"], before["remarks"]) == (Cell("正常办理", Tone.OK), "")


def test_the_filter_narrows_and_reaches_no_further_than_ones_own(house: House) -> None:
    a_case(house, 1, name="甲")
    a_case(house, 12, name="乙")
    a_case(house, 1, place=house.br04, name="丙")
    assert names("", house.worker) == ["甲", "乙"]
    assert names("", house.overseer) == ["甲", "乙", "丙"]
    assert names("", None) == ["甲", "乙", "丙"]
    assert names("organisation=BR04", house.staff) == ["丙"]
    assert names("organisation=DZ01", house.staff) == ["甲", "乙", "丙"]
    assert names("stage=admission", house.staff) == ["乙"]
    assert names("state=late", house.staff) == ["甲", "丙"]
    assert names("state=blocked&state=completed", house.staff) == []
    foreign = RECRUITING.filter_form.filled(QueryDict("organisation=BR04"), user=house.worker, on=TODAY)
    assert foreign.errors["organisation"] == ["没有这个组织，或不在您的权限范围内。"]


def test_the_ledger_costs_the_same_for_many(house: House, django_assert_num_queries: Counter) -> None:
    a_case(house, 12)
    form = RECRUITING.filter_form.filled(QueryDict(""), user=house.staff, on=TODAY)
    assert form.is_valid()
    with django_assert_num_queries(6):
        assert len(list(RECRUITING.rows(house.staff, form.cleaned_data, TODAY))) == 1
    a_case(house, 9)
    a_case(house, 20, place=house.br04)
    with django_assert_num_queries(6):
        assert len(list(RECRUITING.rows(house.staff, form.cleaned_data, TODAY))) == 3


def test_the_files_hold_the_rows(house: House) -> None:
    a_case(house, 1, name="=1+1")
    found = document("", house.worker)
    sheet = load_workbook(io.BytesIO(render_xlsx(found))).worksheets[0]
    table = list(sheet.iter_rows(values_only=True))
    heads = next(row for row in table if row[0] == "序号")
    first = next(row for row in table if row[0] == 1)
    cells = dict(zip(heads, first, strict=True))
    assert (cells["姓名"], cells["党支部"], cells["状态"]) == ("=1+1", "红土坡党支部", "已逾期 1331 天")
    assert cells["申请入党"].date() == DAYS[1]  # type: ignore[union-attr]  # a cell of a date column
    assert cells["确定积极分子"] in (None, "—", "")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(found))).pages)
    assert "发展党员台账" in text
    assert "2023-04-01" in text


def test_who_may_open_it(house: House) -> None:
    assert signed_in(house.worker).get("/w/ledgers/recruiting/").status_code == 200
    administrator = make_holder(house.committee, Role.ADMINISTRATOR)
    assert signed_in(administrator).get("/w/ledgers/recruiting/").status_code == 404
