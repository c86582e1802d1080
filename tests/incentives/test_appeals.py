"""Contesting one's year or an entry of it: asked once, answered once, in writing, by another."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditEvent
from branches.rules import Role
from incentives.actions.appeals import answer_appeal, appeal
from incentives.actions.contributions import decide_nomination, take_back
from incentives.models import Appeal, ContributionEntry
from incentives.rules.appeals import AppealState
from incentives.rules.contributions import IncentiveRefused
from notices.models import Message
from tests.factories.branches import make_holder
from tests.incentives.entry_scene import NOW, closed_item, nominated, pull, total
from tests.reminders.scene import HOSTILE, ON, Scene, make_scene

LIST, ADD = reverse("incentives:appeal_list"), reverse("incentives:appeal_add")
MINE, RECORDS = reverse("incentives:record_mine"), reverse("incentives:record_list")


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def contested(scene: Scene, entry: ContributionEntry | None = None, by: User | None = None) -> Appeal:
    return appeal(
        scene.first, year=ON.year, entry=entry, words="少算一次", by=by or scene.worker, on=ON, now=NOW
    )


def answered(
    row: Appeal, by: User, *, corrected: bool = False, words: str = "已核对", **more: bool
) -> Appeal:
    return answer_appeal(row, corrected=corrected, answer=words, by=by, on=ON, now=NOW, **more)


def entry_of(scene: Scene) -> ContributionEntry:
    closed_item(scene.first, scene.worker)
    pull()
    return ContributionEntry.objects.get()


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page_of(row: Appeal) -> str:
    return reverse("incentives:appeal_answer", args=[row.pk])


def test_an_appeal_is_made_once_and_has_a_deadline(scene: Scene) -> None:
    row = contested(scene)
    assert (row.state, row.due_on) == (AppealState.WAITING, date(2026, 12, 2))
    with pytest.raises(IncentiveRefused, match="正在等答复"):
        contested(scene)
    told = Message.objects.filter(event="incentives.appeal_made")
    assert set(told.values_list("recipient", flat=True)) == {scene.staff.pk, scene.overseer.pk}
    assert AuditEvent.objects.filter(event="incentives.appeal_made").count() == 1


def test_an_appeal_says_what_is_wrong_with_an_own_entry(scene: Scene) -> None:
    entry = entry_of(scene)
    with pytest.raises(IncentiveRefused, match="本人"):
        contested(scene, entry, by=make_holder(scene.first))
    with pytest.raises(IncentiveRefused, match="写明哪里不对"):
        appeal(scene.first, year=ON.year, entry=None, words=" ", by=scene.worker, on=ON, now=NOW)
    assert Appeal.objects.count() == 0


def test_an_upheld_appeal_takes_the_entry_back(scene: Scene) -> None:
    row = contested(scene, entry_of(scene))
    done = answered(row, scene.staff, corrected=True, words="登记到别人名下了", cancel_entry=True)
    assert (done.state, done.answered_by, total(scene.worker)) == (
        AppealState.CORRECTED, scene.staff, "0.00",
    )  # fmt: skip
    counter = ContributionEntry.objects.get(corrects__isnull=False)
    assert (counter.reason, pull()) == ("申诉更正：登记到别人名下了", (0, 0))
    with pytest.raises(IncentiveRefused, match="已经答复过"):
        answered(row, scene.overseer)
    told = Message.objects.filter(event="incentives.appeal_answered")
    assert [message.recipient for message in told] == [scene.worker]


def test_an_explained_appeal_changes_no_total_and_may_come_again(scene: Scene) -> None:
    answered(contested(scene, entry_of(scene)), scene.staff)
    assert total(scene.worker) == "1.00"
    assert contested(scene, ContributionEntry.objects.get()).state == AppealState.WAITING


def test_an_entry_already_taken_back_leaves_the_appeal_waiting(scene: Scene) -> None:
    row = contested(scene, entry_of(scene))
    take_back(ContributionEntry.objects.get(), reason="另外发现", by=scene.overseer, now=NOW)
    with pytest.raises(IncentiveRefused, match="已经冲销过"):
        answered(row, scene.staff, corrected=True, cancel_entry=True)
    assert Appeal.objects.get().state == AppealState.WAITING


def test_nobody_answers_the_own_appeal_nor_without_words(scene: Scene) -> None:
    row = contested(scene)
    with pytest.raises(IncentiveRefused, match="由其他人答复"):
        answered(row, scene.worker)
    with pytest.raises(IncentiveRefused, match="写明核对了什么"):
        answered(row, scene.staff, words=" ")


def test_whoever_wrote_the_entry_answers_only_where_nobody_else_can(scene: Scene) -> None:
    decide_nomination(nominated(scene), approve=True, answer="", by=scene.staff, on=ON, now=NOW)
    row = contested(scene, ContributionEntry.objects.get())
    with pytest.raises(IncentiveRefused, match="另一位党务干部"):
        answered(row, scene.staff)
    User.objects.filter(pk=scene.overseer.pk).update(is_active=False)
    assert answered(row, scene.staff).state == AppealState.EXPLAINED


def test_a_person_contests_on_the_page(scene: Scene, client: Client) -> None:
    entry = entry_of(scene)
    page = f"{ADD}?entry={entry.pk}"
    text = as_(client, scene.worker).get(MINE).content.decode()
    assert (page in text, f"{ADD}?year=2026" in text) == (True, True)
    assert client.get(page).context["entry"] == entry
    assert client.post(page, {"words": ""}).status_code == 422
    assert client.post(page, {"words": HOSTILE}).headers["Location"] == LIST
    again = client.post(page, {"words": "再来"})
    assert (again.status_code, "再来" in again.content.decode()) == (422, True)
    assert client.post(f"{ADD}?year=2026", {"words": "整年"}).headers["Location"] == LIST
    assert "<script>alert" not in client.get(LIST).content.decode()
    assert [client.get(f"{ADD}?{q}").status_code for q in ("year=1999", "entry=x", "", "entry=0")] == [
        404
    ] * 4
    assert as_(client, make_holder(scene.first)).get(page).status_code == 404
    assert client.delete(page).status_code == 405


def test_staff_answer_on_the_page(scene: Scene, client: Client) -> None:
    row = contested(scene, entry_of(scene))
    for user, status in ((scene.worker, 403), (scene.foreign_staff, 404), (scene.staff, 200)):
        assert as_(client, user).get(page_of(row)).status_code == status
    assert "有申诉待答复" in client.get(RECORDS).content.decode()
    crossed = {"state": "explained", "cancel_entry": "on", "answer": "没有记错"}
    refused = client.post(page_of(row), crossed)
    assert (refused.status_code, "请取消勾选" in refused.content.decode()) == (422, True)
    assert client.post(page_of(row), {"state": "explained", "answer": "没有记错"}).headers["Location"] == LIST
    assert client.post(page_of(row), {"state": "explained", "answer": "再来"}).status_code == 422
    assert "有申诉待答复" not in client.get(RECORDS).content.decode()
    assert "没有记错" in as_(client, scene.worker).get(LIST).content.decode()
    assert (client.delete(page_of(row)).status_code, client.post(LIST).status_code) == (405, 405)


def test_who_sees_an_appeal(scene: Scene, client: Client) -> None:
    row = contested(scene)
    for user, seen in (
        (scene.worker, [row]),
        (scene.staff, [row]),
        (scene.overseer, [row]),
        (make_holder(scene.first), []),
        (make_holder(scene.first, Role.SECRETARY), []),
        (scene.foreign_staff, []),
    ):
        assert list(as_(client, user).get(LIST).context["rows"]) == seen


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_for_more(
    scene: Scene, client: Client, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    foreign = make_holder(scene.foreign_branch)
    appeal(scene.foreign_branch, year=ON.year, entry=None, words="外单位", by=foreign, on=ON, now=NOW)
    for n in range(1 + more):
        contested(scene, by=make_holder(scene.first, since=ON - timedelta(days=n)))
    as_(client, scene.staff)
    with django_assert_num_queries(LIST_STATEMENTS):
        found = client.get(LIST).context["rows"]
    assert len(found) == 1 + more


LIST_STATEMENTS = 8


def test_who_may_not_change_records_answers_but_cancels_nothing(scene: Scene, client: Client) -> None:
    row = contested(scene, entry_of(scene))
    with pytest.raises(IncentiveRefused, match="冲销由党总支的党务干部办理"):
        answered(row, scene.overseer, corrected=True, cancel_entry=True)
    shown = as_(client, scene.overseer).get(page_of(row))
    assert ("cancel_entry" in shown.context["form"].fields, "先请党总支" in shown.content.decode()) == (
        False,
        True,
    )
    data = {"state": AppealState.CORRECTED, "answer": "已核对", "cancel_entry": "on"}
    assert client.post(page_of(row), data).status_code == 302
    assert (total(scene.worker), ContributionEntry.objects.count()) == ("1.00", 1)
    other = contested(scene, ContributionEntry.objects.get())
    assert "cancel_entry" in as_(client, scene.staff).get(page_of(other)).context["form"].fields
