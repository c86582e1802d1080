"""The feed as text, read back by a real parser."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from ledgers.text import clean_text
from reminders.feed_rules import Content, Entry, calendar_text, changed_at, digest_of, etag_of, window
from reminders.rules import Category, ItemState
from tests.reminders.feed_scene import Event, read

MOMENT = datetime(2026, 11, 18, 1, 30, 5, 250_000, tzinfo=UTC)


def entry(**fields: Any) -> Entry:
    given_fields = {
        "pk": 7,
        "revision": 0,
        "changed_at": MOMENT,
        "state": ItemState.OPEN.value,
        "due_on": date(2026, 11, 30),
        "minutes": 60,
        "matter": "支部党员大会",
        "category": Category.MEETING.value,
        "sensitive": False,
        "branch": "红土坡烟站党支部",
    }
    return Entry(**{**given_fields, **fields})


def content(*entries: Entry) -> Content:
    return Content("k3y", list(entries))


def link(pk: int) -> str:
    return f"https://portal.example/w/reminders/items/{pk}/"


def one(**fields: Any) -> Event:
    return read(calendar_text(content(entry(**fields)), link_to=link))[0]


def test_the_head_says_what_it_is_and_how_often_to_come_back() -> None:
    calendar: Any = Calendar.from_ical(calendar_text(content(), link_to=None))
    assert {name: str(value) for name, value in calendar.items() if name != "REFRESH-INTERVAL"} == {
        "VERSION": "2.0",
        "PRODID": "-//Party Affairs Portal//Calendar feed//ZH",
        "CALSCALE": "GREGORIAN",
        "METHOD": "PUBLISH",
        "NAME": "党务提醒",
        "X-WR-CALNAME": "党务提醒",
        "X-PUBLISHED-TTL": "PT6H",
    }
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=6)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in calendar_text(content(), link_to=None)


def test_an_event_says_the_matter_the_branch_the_minutes_and_the_way() -> None:
    event = one()
    said = {name: event[name] for name in event if name not in {"CATEGORIES"}}
    days = {name: said.pop(name).dt for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED")}
    assert {name: str(value) for name, value in said.items()} == {
        "UID": "item-7@k3y",
        "SEQUENCE": "0",
        "SUMMARY": "支部党员大会",
        "DESCRIPTION": f"红土坡烟站党支部\n预计 60 分钟\n办理：{link(7)}",
        "URL": link(7),
        "STATUS": "CONFIRMED",
        "TRANSP": "TRANSPARENT",
        "CLASS": "PRIVATE",
    }
    assert days == {
        "DTSTART": date(2026, 11, 30),
        "DTEND": date(2026, 12, 1),
        "DTSTAMP": MOMENT.replace(microsecond=0),
        "LAST-MODIFIED": MOMENT.replace(microsecond=0),
    }
    assert event.categories == ["组织生活"]


def test_without_an_address_of_the_portal_there_is_no_link() -> None:
    event = read(calendar_text(content(entry()), link_to=None))[0]
    assert ("URL" in event, str(event["DESCRIPTION"])) == (False, "红土坡烟站党支部\n预计 60 分钟")


def test_of_a_sensitive_matter_only_its_name_is_said() -> None:
    event = one(sensitive=True, matter="政治审查")
    assert str(event["SUMMARY"]) == "政治审查"
    assert [name for name in event if name in {"DESCRIPTION", "URL", "CATEGORIES", "LOCATION"}] == []


@pytest.mark.parametrize(
    ("state", "summary", "status"),
    [
        (ItemState.OPEN, "支部党员大会", "CONFIRMED"),
        (ItemState.RETURNED, "支部党员大会", "CONFIRMED"),
        (ItemState.DONE, "已完成：支部党员大会", "CONFIRMED"),
        (ItemState.NOT_APPLICABLE, "已取消：支部党员大会", "CANCELLED"),
        (ItemState.WITHDRAWN, "已取消：支部党员大会", "CANCELLED"),
    ],
)
def test_each_state_in_words_and_status(state: ItemState, summary: str, status: str) -> None:
    event = one(state=state.value)
    assert (str(event["SUMMARY"]), str(event["STATUS"])) == (summary, status)


def test_who_keeps_several_lists_sees_whose_matter_it_is() -> None:
    both = content(
        entry(), entry(pk=8, branch="第二党支部"), entry(pk=9, branch="第二党支部", sensitive=True)
    )
    titles = [str(event["SUMMARY"]) for event in read(calendar_text(both, link_to=None))]
    assert titles == ["支部党员大会 · 红土坡烟站党支部", "支部党员大会 · 第二党支部", "支部党员大会"]


def test_a_leap_day_and_the_last_day_of_a_year_end_on_the_next_day() -> None:
    ends = [one(due_on=day)["DTEND"].dt for day in (date(2028, 2, 29), date(2026, 12, 31))]
    assert ends == [date(2028, 3, 1), date(2027, 1, 1)]


def test_the_window_reaches_from_sixty_days_back_to_four_hundred_ahead() -> None:
    assert window(date(2026, 11, 18)) == (date(2026, 9, 19), date(2027, 12, 23))


def test_a_digest_is_no_token() -> None:
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


WORDS = st.text(min_size=1, max_size=120)
ENTRIES = st.builds(
    Entry,
    pk=st.integers(1, 2**63 - 1),
    revision=st.integers(0, 2**31 - 1),
    changed_at=st.integers(0, 10**15).map(lambda n: MOMENT + timedelta(microseconds=n)),
    state=st.sampled_from(ItemState.values),
    due_on=st.dates(date(2020, 1, 1), date(2060, 12, 31)),
    minutes=st.integers(0, 9999),
    matter=WORDS,
    category=st.sampled_from(["", "elsewhere", *Category.values]),
    sensitive=st.booleans(),
    branch=WORDS,
)


@given(st.lists(ENTRIES, max_size=4))
def test_whatever_is_named_the_text_is_well_formed_and_read_back(entries: list[Entry]) -> None:
    shown = content(*entries)
    text = calendar_text(shown, link_to=link)
    assert text == calendar_text(shown, link_to=link)
    assert text.endswith(b"\r\n")
    assert text.count(b"\n") == text.count(b"\r") == text.count(b"\r\n")
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    found = read(text)
    facts = [(str(e["UID"]), e["SEQUENCE"], e["DTSTART"].dt, str(e["STATUS"])) for e in found]
    assert facts == [
        (
            f"item-{each.pk}@k3y",
            each.revision,
            each.due_on,
            "CANCELLED" if each.state in (ItemState.NOT_APPLICABLE, ItemState.WITHDRAWN) else "CONFIRMED",
        )
        for each in entries
    ]
    matters = [str(e["SUMMARY"]) for e in found]
    assert [clean_text(each.matter) in matter for each, matter in zip(entries, matters, strict=True)] == [
        True for _ in entries
    ]


@given(ENTRIES, ENTRIES, st.sampled_from(["", "https://portal.example"]))
def test_the_tag_is_the_same_for_the_same_facts_alone(first: Entry, second: Entry, portal: str) -> None:
    tag = etag_of(content(first), portal=portal)
    assert tag == etag_of(content(first), portal=portal)
    assert (tag == etag_of(content(second), portal=portal)) is (first == second)
    assert tag != etag_of(content(first), portal="https://elsewhere.example")
    assert tag != etag_of(content(), portal=portal)
    assert (tag[0], tag[-1], len(tag)) == ('"', '"', 34)


def test_the_latest_change_counts() -> None:
    older, newer = MOMENT - timedelta(days=3), MOMENT + timedelta(days=3)
    assert changed_at(content(), MOMENT) == MOMENT
    assert changed_at(content(entry(changed_at=older)), MOMENT) == MOMENT
    assert changed_at(content(entry(changed_at=older), entry(pk=8, changed_at=newer)), MOMENT) == newer
