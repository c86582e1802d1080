"""A handover somebody has on the screen while the portal or another person changes it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from notices.models import Channel
from notices.rules import ChannelKind
from notices.senders import seal_target, target_digest
from reminders.actions.handover import HandoverRefused, note_line
from tests.clock import stop_clock
from tests.reminders.handovers import ON, Scene, make_scene, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    stop_clock(monkeypatch, ON)
    return make_scene(newcomer_since=ON - timedelta(days=1))


def test_a_note_to_a_line_that_was_taken_off_is_refused_in_words(scene: Scene) -> None:
    line = opened().lines.order_by("pk")[0]
    type(line).objects.filter(pk=line.pk).delete()
    with pytest.raises(HandoverRefused, match="这一条已不在清单里，不用再写说明。"):
        note_line(line, note="钥匙在书记处", by=scene.leaver)


def test_what_somebody_calls_the_own_channel_is_not_shown_to_others(scene: Scene, client: Client) -> None:
    address = "li@example.com"
    Channel.objects.create(
        user=scene.leaver,
        kind=ChannelKind.EMAIL,
        label="爱人的邮箱",
        target_sealed=seal_target(address),
        target_digest=target_digest(address),
    )
    handover = opened()
    client.force_login(scene.staff)
    told = client.get(reverse("reminders:handover_told", args=[handover.pk])).content.decode()
    assert ("爱人的邮箱" in told, "电子邮件等待发送" in told) == (False, True)
