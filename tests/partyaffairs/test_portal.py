from datetime import UTC, date, datetime

import lucide
import pytest
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

from partyaffairs.templatetags import portal

LATE = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # past midnight in Shanghai


@pytest.mark.parametrize(
    ("value", "day", "full"),
    [
        (date(2026, 11, 13), "11 月 13 日 周五", "2026 年 11 月 13 日"),
        (date(2026, 11, 15), "11 月 15 日 周日", "2026 年 11 月 15 日"),
        (LATE, "1 月 1 日 周五", "2027 年 1 月 1 日"),
        (None, "", ""),
    ],
)
def test_days_are_written_as_people_say_them(value: date | None, day: str, full: str) -> None:
    assert (portal.day(value), portal.full_day(value)) == (day, full)


def test_moments_are_shown_in_the_zone_of_the_house() -> None:
    assert (portal.clock(LATE), portal.clock(None)) == ("1 月 1 日 00:30", "")


def test_an_icon_is_drawn_once_and_hidden_from_readers() -> None:
    first = portal.icon("check", 18)
    assert portal.icon("check", 18) is first
    assert (first.count('aria-hidden="true"'), first.count('width="18"'), first.count("style=")) == (1, 1, 0)


def test_an_unknown_icon_is_a_fault_of_ours() -> None:
    with pytest.raises(lucide.IconDoesNotExist):
        portal.icon("no-such-icon")


def test_the_pager_keeps_the_filters(rf: RequestFactory) -> None:
    page = Paginator(range(7), per_page=3).page(2)
    html = render_to_string("includes/pager.html", {"page": page}, rf.get("/w/x/?state=open&page=2"))
    assert [
        html.count(part)
        for part in ("共 7 条，第 2 / 3 页", "?state=open&amp;page=1", "?state=open&amp;page=3")
    ] == [1] * 3


def test_one_page_needs_no_pager(rf: RequestFactory) -> None:
    page = Paginator(range(3), per_page=3).page(1)
    assert render_to_string("includes/pager.html", {"page": page}, rf.get("/w/x/")).strip() == ""


def test_a_confirmation_names_the_object_as_text(rf: RequestFactory) -> None:
    context = {
        "heading": "停用账号“<b>”",
        "consequence": "停用后不能登录。",
        "submit_label": "停用账号",
        "back_url": "/w/",
    }
    html = render_to_string("includes/confirm.html", context, rf.get("/w/x/"))
    assert (html.count("停用账号“&lt;b&gt;”</h1>"), html.count("<b>")) == (1, 0)


def test_of_bootstrap_only_the_used_sheet_is_served() -> None:
    served = [
        path
        for finder in finders.get_finders()
        for path, storage in finder.list(None)
        if getattr(storage, "prefix", "") == "bootstrap"
    ]
    assert served == ["bootstrap.min.css", "bootstrap.min.css.map"]
    assert finders.find("bootstrap/bootstrap.min.css") is not None
