"""The same on PostgreSQL: its unions want types, its locks want tables."""

import pytest
from django.test import Client

from personal.actions.leavers import erase_leavers, plan_leavers
from personal.queries import sections_of
from personal.rules import Fate
from tests.personal.scene import DUE, make_leaving

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_counting_correcting_and_erasing_on_postgresql() -> None:
    scene = make_leaving()
    assert scene.kept.user is not None
    assert scene.staying.user is not None
    sections, _ = sections_of(scene.kept.user)
    assert {section.about.code: section.rows for section in sections} == {
        "events": 2,
        "spans": 1,
        "posts": 1,
        "meetings": 1,
        "messages": 1,
        "channels": 1,
    }
    client = Client()
    client.force_login(scene.staying.user)
    words = {"subject": "facts", "words": "姓名有误"}
    assert client.post("/w/personal/mine/correct/", words).status_code == 302
    assert "姓名有误" in client.get("/w/personal/mine/").content.decode()
    assert [one.fate for one in plan_leavers(on=DUE)] == [Fate.NAME_KEPT, Fate.ANONYMOUS]
    assert [one.name_kept for one in erase_leavers(on=DUE)] == [True, False]
