"""Objects of those who walk: files they asked for, channels, feeds, a session elsewhere."""

from datetime import UTC, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.queries import own_sessions
from jobs.actions import enqueue
from jobs.models import Job, JobState
from ledgers.models import Export
from notices.actions.channels import Wishes, add_channel
from notices.models import Channel, Delivery, Message
from notices.rules import ChannelKind, DeliveryState, Level
from personal.models import Correction
from personal.rules import CorrectionSubject
from reminders.actions.feeds import make_feed
from tests.hardening.addresses import finished
from tests.hardening.scenery.world import Places, World, at

LEDGER = {"slug": "members", "extension": "xlsx"}


def of_the_ground(world: World) -> Places:
    return _sessions(world.worker) | _files(world.worker) | _notices(world) | _feeds(world) | _asked(world)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/w/account/")
    return client


def _sessions(user: User) -> Places:
    _signed_in(user)
    return {
        "accounts:session_end": {"handle": own_sessions(user, current=None, now=timezone.now())[0].handle}
    }


def _files(user: User) -> Places:
    client = _signed_in(user)
    finished(client.get(reverse("ledgers:ledger_export", kwargs=LEDGER)))
    number = Export.objects.owned_by(user).latest("pk").number
    client.post(reverse("ledgers:job_start", kwargs=LEDGER))
    waiting = Job.objects.owned_by(user).get()
    made = enqueue(waiting.kind, owner=user, parameters=waiting.parameters)
    made.state, made.file_name = JobState.DONE, "党员.xlsx"
    made.result.save("made.xlsx", ContentFile(b"rows"))
    return {
        "ledgers:export_again": {"number": number, "extension": "xlsx"},
        "ledgers:export_compare": {"number": number},
        "ledgers:export_detail": {"number": number},
        "ledgers:job_start": LEDGER,
        **at(waiting.pk, "ledgers:job_cancel", "ledgers:job_progress", "ledgers:job_restart"),
        **at(made.pk, "ledgers:job_download"),
    }


def _channel(user: User) -> Channel:
    return add_channel(
        user,
        kind=ChannelKind.EMAIL,
        address=f"{user.username}@example.com",
        secret="",
        wishes=Wishes("邮箱", list(Level)),
    )


def _notices(world: World) -> Places:
    channel = _channel(world.worker)
    now = datetime.combine(world.on, datetime.min.time(), UTC)
    message = Message.objects.filter(recipient=world.worker).latest("pk")
    failed = Delivery.objects.create(
        message=message, channel=channel, next_try_at=now, made_at=now, state=DeliveryState.DEAD
    )
    names = ("edit", "pause", "remove", "try")
    return at(channel.pk, *(f"notices:channel_{name}" for name in names)) | at(
        failed.pk, "notices:failed_retry"
    )


def _feeds(world: World) -> Places:
    made = make_feed(world.worker, label="手机", now=world.now)
    found: dict[str, dict[str, Any]] = at(made.feed.pk, "reminders:feed_remake", "reminders:feed_revoke")
    return found | {"feed_calendar": {"name": f"{made.token}.ics"}}


def _asked(world: World) -> Places:
    row = Correction.objects.create(
        user=world.worker,
        organisation=world.branch,
        subject=CorrectionSubject.OTHER,
        words="部门名称有误",
        asked_at=world.now,
    )
    return at(row.pk, "personal:correction_answer", "personal:correction_recall")
