"""Real Celery workers, as in production, over the same messages; the robot counts."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from notices.actions.outbox import tell_all
from notices.models import Delivery
from notices.rules import ChannelKind, DeliveryState
from notices.senders import seal_target
from notices.tasks import deliver_notices
from tests.factories.notices import make_channel, make_letter, never_quiet
from tests.notices.robots import Robot, answers_after, errcode
from tests.services import start_worker, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]
MESSAGES, BEATS, TIMES = 10, 3, 10


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Robot]:
    """A webhook that the workers, too, read from the environment as listed."""
    with Robot(answers_after(0.05, errcode(0, "ok"))) as made:
        monkeypatch.setenv("NOTICE_WEBHOOK_HOSTS", made.origin)
        yield made


def test_four_workers_and_three_beats_send_each_of_ten_messages_once(
    robot: Robot, empty_redis: redis.Redis, tmp_path: Path
) -> None:
    """Two workers of two processes each; three beats that fire ten times."""
    letters = []
    for n in range(MESSAGES):
        address = seal_target(robot.address(ChannelKind.WEBHOOK))
        user = make_channel(kind=ChannelKind.WEBHOOK, target_sealed=address).user
        never_quiet(user)
        letters.append(make_letter(user, outside_title=f"第 {n:02} 件"))
    workers = [start_worker(tmp_path / f"worker{n}.log") for n in range(2)]
    try:
        tell_all(letters, now=timezone.now())
        for _ in range(BEATS * TIMES):
            deliver_notices.delay()
        wait_until(lambda: not Delivery.objects.exclude(state=DeliveryState.SENT).exists(), seconds=60)
        wait_until(lambda: empty_redis.llen("celery") == 0, seconds=60)
    finally:
        for worker in workers:
            worker.stop()
    assert sorted(Counter(call.text for call in robot.calls).values()) == [1] * MESSAGES
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
