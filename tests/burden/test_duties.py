"""The duty list: a suggestion until settled, dated versions, and in short where something is asked."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from branches.models import Organisation
from burden.actions.duties import settle_duties
from burden.models import DutyVersion
from burden.queries.duties import duties_for, suggested_duties
from burden.rules.duties import DutyLine
from burden.rules.measures_vocabulary import DutyKind
from burden.rules.schemes import VersionRefused
from tests.burden.measure_scene import NOW
from tests.factories.branches import make_user
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene

pytestmark = pytest.mark.django_db
LIST = "/w/burden/duties/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def settle(
    place: Organisation, *texts: str, by: User, since: date = ON, kind: DutyKind = DutyKind.MAY_DECLINE
) -> DutyVersion:
    lines = [DutyLine(kind, text, "党总支") for text in texts]
    return settle_duties(place, lines=lines, since=since, note="讨论确定", by=by, now=NOW)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def words_of(answer: Any) -> str:
    return re.sub(r"\s", "", strip_tags(answer.content.decode()))


def test_the_suggestion_has_every_kind_and_claims_nothing_verified() -> None:
    lines = suggested_duties()
    assert {line.kind for line in lines} == set(DutyKind)
    assert not any(line.verified for line in lines)
    assert all(len(line.text) <= 160 and line.decides for line in lines)


def test_before_anything_is_settled_the_suggestion_says_what_it_is(scene: Scene, client: Client) -> None:
    answer = signed_in(client, scene.worker).get(LIST)
    assert "这是建议稿，还没有经本单位确定" in words_of(answer)
    assert answer.context["page"].lines == suggested_duties()


def test_each_day_has_its_version_and_the_nearest_organisation_wins(scene: Scene, client: Client) -> None:
    settle(scene.committee, "党委的", by=scene.overseer, since=date(2026, 1, 1))
    first = settle(scene.general, "总支的", by=scene.staff, since=date(2026, 11, 1))
    coming = settle(scene.general, "以后的", by=scene.staff, since=date(2027, 1, 1))
    found = [
        duties_for(place, on=day)[0][0].text
        for place, day in (
            (scene.first, ON),
            (scene.first, date(2026, 10, 31)),
            (scene.general, date(2027, 1, 1)),
            (scene.committee, ON),
        )
    ]
    assert found == ["总支的", "党委的", "以后的", "党委的"]
    assert duties_for(scene.foreign_branch, on=ON) == (suggested_duties(), False)
    page = signed_in(client, scene.worker).get(LIST).context["page"]
    assert (page.version, [line.text for line in page.lines]) == (first, ["总支的"])
    assert "还没有到" in words_of(client.get(f"{LIST}?version={coming.pk}"))
    signed_in(client, scene.foreign_staff)
    assert client.get(f"{LIST}?version={coming.pk}").status_code == 404
    assert "建议稿" in words_of(client.get(LIST))
    assert {client.get(f"{LIST}?version={odd}").status_code for odd in ("x", "9" * 30)} == {404}


def test_settling_once_twice_and_what_is_refused(scene: Scene) -> None:
    settle(scene.general, "甲", by=scene.staff)
    again = settle(scene.general, "乙", by=scene.staff)
    assert list(DutyVersion.objects.standing()) == [again]
    assert DutyVersion.objects.count() == 2
    with pytest.raises(VersionRefused, match="请选这一天或以后"):
        settle(scene.general, "丙", by=scene.staff, since=date(2026, 11, 1))
    with pytest.raises(VersionRefused, match="至少填一行"):
        settle(scene.general, by=scene.staff)


def posted(*rows: dict[str, str], since: str = "2026-11-18") -> dict[str, str]:
    given = {
        "since": since,
        "note": "讨论确定",
        "items-TOTAL_FORMS": str(len(rows)),
        "items-INITIAL_FORMS": "0",
    }
    for n, row in enumerate(rows):
        given |= {f"items-{n}-{name}": value for name, value in row.items()}
    return given


def test_staff_settle_the_suggestion_on_one_page(scene: Scene, client: Client) -> None:
    edit = reverse("burden:duty_edit", args=[scene.general.code])
    shown = signed_in(client, scene.staff).get(edit).context["form"]
    assert [form.initial.get("text") for form in shown.lines][: len(suggested_duties())] == [
        line.text for line in suggested_duties()
    ]
    wrong = client.post(edit, posted({"text": "没有选类别", "kind": ""}))
    assert (wrong.status_code, "没有选类别" in wrong.content.decode()) == (422, True)
    assert "请选择类别" in words_of(wrong)
    more = client.post(edit, {**posted({"text": "写了一半", "kind": ""}), "more": "1"})
    assert (more.status_code, "写了一半" in more.content.decode()) == (200, True)
    row = {"text": HOSTILE, "kind": "must", "basis": "《某条例》", "verified": "on", "decides": "书记"}
    assert client.post(edit, posted(row))["Location"] == LIST
    lines, settled = duties_for(scene.first, on=ON)
    assert (lines, settled) == ([DutyLine(DutyKind.MUST, HOSTILE, "书记", "《某条例》", True)], True)
    assert "<script>alert" not in client.get(LIST).content.decode()


def test_who_may_what(scene: Scene, client: Client) -> None:
    edit = reverse("burden:duty_edit", args=[scene.general.code])
    for who, status in (("worker", 403), ("overseer", 403), ("foreign_staff", 404), ("staff", 200)):
        signed_in(client, getattr(scene, who))
        assert (client.get(edit).status_code, client.get(LIST).status_code) == (status, 200)
    assert {client.post(LIST).status_code, client.delete(edit).status_code} == {405}
    # A branch settles nothing of its own.
    assert client.get(reverse("burden:duty_edit", args=[scene.first.code])).status_code == 404
    assert signed_in(client, make_user()).get(LIST).status_code == 403


@pytest.mark.parametrize("versions", [1, 3])
def test_the_list_takes_as_many_statements_for_every_number(
    scene: Scene, client: Client, django_assert_num_queries: DjangoAssertNumQueries, versions: int
) -> None:
    for n in range(versions):
        settle(scene.general, "甲", "乙", by=scene.staff, since=date(2026, 1 + n, 1))
    settle(scene.foreign_general, "外单位的", by=scene.foreign_staff)
    signed_in(client, scene.worker).get(LIST)
    with django_assert_num_queries(5):
        answer = client.get(LIST)
    assert len(answer.context["page"].others) == versions - 1
    assert "外单位" not in words_of(answer)


# --- where something is asked --------------------------------------------------------------------


def test_who_sends_work_may_open_what_can_be_declined(scene: Scene, client: Client) -> None:
    excerpt = reverse("burden:duty_excerpt", args=[scene.general.code])
    page = signed_in(client, scene.staff).get(reverse("reminders:task_add")).content.decode()
    assert (f'hx-get="{excerpt}"' in page, f'href="{LIST}"' in page) == (True, True)
    assert "建议稿" in words_of(client.get(excerpt, headers=HTMX))
    settle(scene.general, "可以不接的", by=scene.staff)
    settle_duties(
        scene.general,
        lines=[DutyLine(DutyKind.MUST, "该做的"), DutyLine(DutyKind.MAY_DECLINE, "可以不接的", "党总支")],
        since=ON,
        note="改",
        by=scene.staff,
        now=NOW,
    )
    text = words_of(client.get(excerpt, headers=HTMX))
    assert ("可以不接的（由党总支定）" in text, "该做的" in text, "建议稿" in text) == (True, False, False)
    assert client.get(excerpt)["Location"] == LIST
    assert client.post(excerpt, headers=HTMX).status_code == 405
    assert signed_in(client, scene.foreign_staff).get(excerpt, headers=HTMX).status_code == 404
    assert signed_in(client, make_user()).get(excerpt, headers=HTMX).status_code == 403
