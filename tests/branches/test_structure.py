"""The structure overview and the outlook page of one branch."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from branches.actions.members import add_event
from branches.models import Term
from branches.queries.development import BoardFilter, board_for
from branches.queries.structure import outlook_page, structure_for
from branches.rules import EventKind, MemberStatus, Role
from branches.rules.outlook import OutlookLevel
from periods.months import add_months
from tests.branches.conftest import House, signed_in
from tests.factories.branches import make_holder, make_member, make_organisation

ON = date(2026, 11, 22)
STRUCTURE = "/w/organisations/structure/"


def outlook_url(house: House) -> str:
    return f"/w/organisations/{house.br03.pk}/outlook/"


def leave(house: House, on: date, kind: EventKind = EventKind.RETIRED) -> Any:
    """BR03 has three full members of its own, one of whom leaves."""
    make_member(house.br03)
    member = make_member(house.br03, name="陶桂芝")
    add_event(member, kind=kind, on=on, by=None)
    return member


def test_the_worst_stand_first_with_what_comes_next(house: House) -> None:
    leave(house, date(2027, 1, 31))
    borrowed = make_organisation("BR05", parent=house.general)
    for n in range(5):
        make_member(borrowed, assigned=n < 3)
    fine = make_organisation("BR06", parent=house.general)
    for _ in range(4):
        make_member(fine)
    make_organisation("BR07", parent=house.general, dissolved_on=date(2026, 1, 1))
    make_member(make_organisation("BR99"))
    structure = structure_for(house.staff, today=ON, on=ON)
    assert [
        (
            row.organisation.code,
            row.outlook.level,
            row.outlook.lowest,
            row.next_event and row.next_event.words,
        )
        for row in structure.rows
    ] == [
        ("BR04", OutlookLevel.BREACH, 1, None),
        ("BR03", OutlookLevel.IMMINENT, 2, "退休 1 人"),
        ("BR05", OutlookLevel.BORROWED, 5, None),
        ("BR06", OutlookLevel.OK, 4, None),
    ]
    assert [count for _, count in structure.counts] == [1, 1, 0, 1, 1]
    assert [(a.organisation.code, a.members, a.branches, len(a.findings)) for a in structure.above] == [
        ("DZ01", 13, 4, 2)
    ]
    assert structure.horizon_months == 6


def test_a_past_day_has_the_branches_of_that_day(house: House) -> None:
    make_organisation("BR07", parent=house.general, dissolved_on=date(2026, 1, 1))
    make_organisation("BR08", parent=house.general, established_on=date(2026, 1, 1))
    past = structure_for(house.staff, today=ON, on=date(2025, 12, 31))
    assert sorted(row.organisation.code for row in past.rows) == ["BR03", "BR04", "BR07"]


def test_the_overview_says_levels_in_words(house: House) -> None:
    today = timezone.localdate()
    leave(house, add_months(today, 1))
    Term.objects.create(organisation=house.br03, elected_on=date(2020, 1, 1), ends_on=date(2023, 1, 1))
    text = signed_in(house.staff).get(STRUCTURE).content.decode()
    assert '<span class="tag soon">将不足</span>' in text
    # Thirteen rows are read as one picture: no box with a scroll bar of its own.
    assert '<div class="table-wrap whole"><table class="data stack structure">' in text
    assert '<span class="tag late">已不足</span>' in text
    assert '2023-01-01</span> <span class="tag late">已届满</span>' in text
    assert f'href="{outlook_url(house)}"' in text
    assert "截至" in text
    assert "口径说明" in text


def test_filter_and_order(house: House) -> None:
    leave(house, add_months(timezone.localdate(), 1))
    client = signed_in(house.staff)

    def codes(**query: str) -> list[str]:
        return [row.organisation.code for row in client.get(STRUCTURE, query).context["rows"]]

    assert codes() == ["BR04", "BR03"]
    assert codes(order="code") == ["BR03", "BR04"]
    assert codes(level="imminent") == ["BR03"]
    assert codes(level="ok") == []
    assert codes(level="nonsense") == ["BR04", "BR03"]
    assert "没有这种情况的支部。" in client.get(STRUCTURE, {"level": "ok"}).content.decode()


def test_any_day_may_be_asked_and_a_wrong_one_is_answered(house: House) -> None:
    client = signed_in(house.staff)
    day = (timezone.localdate() + timedelta(days=400)).isoformat()
    assert client.get(STRUCTURE, {"on": day}).context["structure"].on.isoformat() == day
    assert "不是今天的情况" in client.get(STRUCTURE, {"on": day}).content.decode()
    wrong = client.get(STRUCTURE, {"on": "2026-02-30"})
    assert "没有认出日期" in wrong.content.decode()
    assert wrong.context["structure"].on == timezone.localdate()
    for far in ("1899-12-31", "2196-01-01", "9999-12-31"):
        assert "请填 1900 年至 2195 年之间的日期" in client.get(STRUCTURE, {"on": far}).content.decode()
    assert client.get(STRUCTURE, {"on": "2195-12-31"}).context["structure"].on == date(2195, 12, 31)


def test_who_may_not_see_the_structure(house: House) -> None:
    assert signed_in(house.worker).get(STRUCTURE).status_code == 403
    assert signed_in(house.staff).post(STRUCTURE).status_code == 405
    assert [r.organisation.code for r in signed_in(house.overseer).get(STRUCTURE).context["rows"]] == [
        "BR03",
        "BR04",
    ]
    elsewhere = make_organisation("DZ99", kind="general_branch")
    stranger = make_holder(elsewhere, Role.GENERAL_BRANCH_STAFF)
    answer = signed_in(stranger).get(STRUCTURE)
    assert answer.context["rows"] == []
    assert "这一天还没有支部。" in answer.content.decode()


def test_the_overview_costs_the_same_for_any_number(house: House, django_assert_num_queries: Any) -> None:
    client = signed_in(house.staff)
    client.get(STRUCTURE)  # the first page of a session writes that it began
    with django_assert_num_queries(11):
        client.get(STRUCTURE)
    for n in range(3):
        branch = make_organisation(f"BR1{n}", parent=house.general)
        member = make_member(branch, status=MemberStatus.PROBATIONARY, since=timezone.localdate())
        add_event(member, kind=EventKind.MOVED_OUT, on=add_months(timezone.localdate(), 2), by=None)
    with django_assert_num_queries(11):
        client.get(STRUCTURE)


def test_the_outlook_page_shows_what_is_behind_each_change(house: House) -> None:
    today = timezone.localdate()
    leave(house, add_months(today, 1))
    make_member(house.br03, status=MemberStatus.PROBATIONARY, since=add_months(today, -6), name="唐志明")
    text = signed_in(house.worker).get(outlook_url(house)).content.decode()
    assert "陶桂芝</a> 退休</span>" in text
    assert "正式党员 −1" in text
    assert "唐志明</a> 转为正式党员</span>" in text
    assert "正式党员 +1，预备党员 −1" in text
    assert '<span class="tag">预计</span>' in text
    assert '<svg class="chart"' in text
    assert "查看数据" in text
    assert "（退休 1 人），不足 3 人" in text
    assert "《中国共产党章程》第三十条" in text


def test_months_of_the_outlook_page(house: House) -> None:
    client = signed_in(house.worker)
    for asked, shown in (("", 12), ("24", 24), ("36", 36), ("37", 12), ("x", 12)):
        page = client.get(outlook_url(house), {"months": asked}).context["page"]
        assert len(page.rows) == shown


def test_names_are_kept_from_who_may_not_see_members(house: House) -> None:
    leave(house, add_months(timezone.localdate(), 1))
    text = signed_in(house.administrator).get(outlook_url(house)).content.decode()
    assert "退休" in text
    assert "陶桂芝" not in text


def test_months_join_figures_and_words(house: House) -> None:
    leave(house, date(2027, 2, 28), EventKind.MOVED_OUT)
    page = outlook_page(house.br03, on=ON, months=12, named=False)
    assert [(row.figure.full, row.borrowed, row.words) for row in page.rows[:5]] == [
        (3, 0, ""),
        (3, 0, ""),
        (3, 0, ""),
        (2, 0, "组织关系转出 1 人"),
        (2, 0, ""),
    ]
    assert [(e.on, e.what, e.who, e.effect) for e in page.events] == [
        (date(2027, 2, 28), "组织关系转出", "", "正式党员 −1")
    ]


def test_the_outlook_of_a_general_branch_points_below(house: House) -> None:
    answer = signed_in(house.staff).get(f"/w/organisations/{house.general.pk}/outlook/")
    assert "人数预测按支部计算。" in answer.content.decode()


def test_doors_of_the_outlook_page(house: House) -> None:
    assert signed_in(house.worker).get(f"/w/organisations/{house.br04.pk}/outlook/").status_code == 404
    assert signed_in(house.worker).post(outlook_url(house)).status_code == 405
    nobody = make_holder(house.br03, since=date(2199, 1, 1))
    assert signed_in(nobody).get(outlook_url(house)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_outlook_page_costs_the_same(house: House, django_assert_num_queries: Any, rows: int) -> None:
    for _ in range(rows):
        member = make_member(house.br03)
        add_event(member, kind=EventKind.RETIRED, on=add_months(timezone.localdate(), 2), by=None)
    client = signed_in(house.worker)
    client.get(outlook_url(house))
    with django_assert_num_queries(13):
        client.get(outlook_url(house))


def test_pages_and_findings_say_the_same(house: House) -> None:
    leave(house, add_months(timezone.localdate(), 1))
    client = signed_in(house.staff)
    sentence = "（退休 1 人），不足 3 人，请提前商定调整办法。"
    assert sentence in client.get(outlook_url(house)).content.decode()
    branch = client.get(f"/w/organisations/{house.br03.pk}/").content.decode()
    assert sentence in branch
    assert f'href="{outlook_url(house)}"' in branch


def test_a_finding_leads_to_the_page_where_it_is_settled(house: House) -> None:
    leave(house, timezone.localdate() + timedelta(days=60))
    link = '<a class="nowrap" href="/w/organisations/joint/">联合党支部规划</a>'
    for page in (outlook_url(house), f"/w/organisations/{house.br03.pk}/"):
        assert [
            signed_in(user).get(page).content.decode().count(link) for user in (house.staff, house.worker)
        ] == [
            1,
            0,
        ]


def test_the_overview_leads_nobody_to_a_page_that_is_closed(house: House) -> None:
    users = (house.staff, house.administrator)
    pages = [signed_in(user).get(STRUCTURE).content.decode() for user in users]
    assert ["联合党支部规划" in page for page in pages] == [True, False]


def test_a_dissolved_branch_has_no_outlook_after_its_last_day(house: House) -> None:
    today = timezone.localdate()
    old = make_organisation(parent=house.general, name="旧支部", dissolved_on=today)
    client, url = signed_in(house.staff), f"/w/organisations/{old.pk}/outlook/"
    pages = [client.get(url, {"on": str(day)}).content.decode() for day in (today, today - timedelta(days=1))]
    assert ["这一天本支部已经撤销" in page for page in pages] == [True, False]
    assert ["已不足" in page for page in pages] == [False, True]


def test_the_recruiting_board_counts_standing_branches_alone(house: House) -> None:
    today = timezone.localdate()
    before = board_for(house.staff, BoardFilter(), on=today).heading
    old = make_organisation(parent=house.general, name="旧支部", dissolved_on=today)
    assert board_for(house.staff, BoardFilter(), on=today).heading == before
    assert board_for(house.staff, BoardFilter(organisation=old.code), on=today).heading == "旧支部"
