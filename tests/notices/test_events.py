"""Every app's events are found, and what this app tells of itself."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from notices.events import UnknownEvent, all_events, event_of
from notices.models import Channel
from notices.notice_events import CHANNEL_TEST, channel_subject, still_failing
from notices.rules import CHANNEL_FAILING, Level
from tests.factories.branches import make_user
from tests.factories.notices import make_channel
from tests.notices.scene import NOW

ON = date(2026, 11, 23)


def test_every_event_is_named_after_its_app_and_labelled() -> None:
    found = all_events()
    assert {code.partition(".")[0] for code in found} <= {
        "burden",
        "dashboards",
        "errorbank",
        "factors",
        "incentives",
        "notices",
        "partyaffairs",
        "personal",
        "reminders",
        "training",
    }
    assert [code for code, event in found.items() if event.code != code or not event.label] == []


def test_an_event_is_found_by_its_code() -> None:
    assert (event_of(CHANNEL_TEST).label, event_of(CHANNEL_FAILING).level) == ("试发一条", Level.URGENT)
    with pytest.raises(UnknownEvent):
        event_of("nobody.says_this")


@pytest.mark.django_db
def test_trouble_stands_while_a_channel_in_use_fails(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    fails = make_channel(failing_since=NOW)
    others = [
        make_channel(),
        make_channel(failing_since=NOW, active=False),
        make_channel(failing_since=NOW, removed_at=NOW),
        make_channel(make_user(is_active=False), failing_since=NOW),
    ]
    subjects = [channel_subject(channel.pk) for channel in (fails, *others)]
    with django_assert_num_queries(1):
        assert still_failing(subjects, ON) == {channel_subject(fails.pk)}
    Channel.objects.update(failing_since=None)
    assert still_failing(subjects, ON) == set()
