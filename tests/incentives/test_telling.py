"""Who hears how an honour, a level or an objection moved on, and that answers reach who spoke in person."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from branches.rules import Role
from incentives.actions.honours import award, propose
from incentives.actions.public_notices import (
    answer_objection,
    raise_objection,
    record_objection,
    record_told,
    settle_notices,
)
from incentives.models import Objection
from incentives.rules.contributions import IncentiveRefused
from notices.models import Message
from tests.factories.branches import make_holder
from tests.incentives.honour_scene import AFTER, called, posted, secretary
from tests.incentives.level_scene import posted as level_posted
from tests.reminders.scene import ON, Scene, make_scene


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


def heard() -> set[tuple[str, User]]:
    """What was told since the last look."""
    rows = {(m.event.removeprefix("incentives."), m.recipient) for m in Message.objects.all()}
    Message.objects.all().delete()
    return rows


def test_an_honour_tells_those_it_concerns_at_every_step(scene: Scene) -> None:
    case, notice = posted(scene)
    nominee, proposer = scene.worker, secretary(scene)
    # The proposer hears of the vote, not of the own proposal.
    assert heard() == {("honour_moved", nominee), ("honour_moved", proposer)}
    objector = make_holder(scene.second)
    said = raise_objection(notice, words="请核实", by=objector, on=ON)
    assert heard() == {("objection_waiting", scene.overseer)}
    answer_objection(said, uphold=False, answer="已核实", by=scene.overseer, on=ON)
    assert heard() == {("objection_answered", objector)}
    settle_notices(AFTER)
    assert heard() == {("honour_moved", nominee), ("honour_moved", proposer)}
    award(case, by=scene.staff, on=AFTER)
    assert heard() == {("honour_moved", nominee), ("honour_moved", proposer)}


def test_the_honour_of_a_branch_is_told_to_who_works_for_it(scene: Scene) -> None:
    call = called(scene, "red_flag_branch")
    propose(call, nominee=None, place=scene.first, reason="三张表并成一张", by=scene.staff, on=ON)
    assert ("honour_moved", scene.worker) in heard()


def test_a_level_tells_the_applicant(scene: Scene) -> None:
    level_posted(scene)
    assert heard() == {("level_moved", scene.worker)}
    settle_notices(AFTER)
    assert heard() == {("level_moved", scene.worker)}


def in_person(scene: Scene) -> tuple[Objection, User]:
    _, notice = posted(scene)
    discipline = make_holder(scene.second, Role.DISCIPLINE_COMMISSIONER)
    return record_objection(notice, words="当面反映", name="", by=discipline, on=ON), discipline


def test_what_was_said_in_person_is_answered_in_person_and_that_is_written_down(
    scene: Scene, client: Client
) -> None:
    said, discipline = in_person(scene)
    heard()
    with pytest.raises(IncentiveRefused, match="先要有核查答复"):
        record_told(said, by=discipline, on=ON)
    answer_objection(said, uphold=False, answer="已核实", by=scene.overseer, on=ON)
    assert heard() == {("objection_answered", discipline)}
    client.force_login(discipline)
    board = reverse("incentives:notice_list")
    assert "登记：今天已当面告知反映人" in client.get(board).content.decode()
    address = reverse("incentives:objection_told", args=[said.pk])
    assert [client.get(address).status_code, client.post(address).status_code] == [405, 302]
    said.refresh_from_db()
    assert said.told_on is not None
    assert "已当面告知反映人" in client.get(board).content.decode()
    with pytest.raises(IncentiveRefused, match="已经登记过告知"):
        record_told(said, by=discipline, on=ON)


def test_who_has_a_part_in_it_reads_no_objection(scene: Scene, client: Client) -> None:
    said, _ = in_person(scene)
    answer_objection(said, uphold=False, answer="已核实", by=scene.overseer, on=ON)
    found = {user: Objection.objects.visible_to(user, on=ON).count() for user in (scene.staff, scene.worker)}
    assert found == {scene.staff: 1, scene.worker: 0}
    said.notice.apart.add(scene.staff)
    assert Objection.objects.visible_to(scene.staff, on=ON).count() == 0
    client.force_login(scene.staff)
    assert client.post(reverse("incentives:objection_told", args=[said.pk])).status_code == 404
