"""What the portal gives out by itself: calendar links, messages, mails, and the files of long work."""

from collections.abc import Iterable
from datetime import datetime, time

import pytest
from django.core import mail
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from pytest_django import Settings

from accounts.models import User
from branches.models import Organisation
from ledgers.registry import ledgers_for
from ledgers.tasks import render_ledger_job
from notices.actions.channels import Wishes, add_channel
from notices.actions.delivery import deliver_due
from notices.models import Delivery, Message
from notices.rules import ChannelKind, Level
from partyaffairs.schedule import BEAT_SCHEDULE
from reminders.actions.feeds import make_feed
from tests.hardening.searching import Search, read
from tests.hardening.viewers import AS_OF
from tests.hardening.walking import sent

FRIDAY_MORNING = timezone.make_aware(datetime.combine(AS_OF, time(9, 5)))
# Entries of the timetable that write nothing for people to read.
SILENT = {
    "reconcile": "makes up the others",
    "seal-audit": "digests",
    "sweep-jobs": "states",
    "deliver-notices": "done below, after all has been written",
    "end-sessions": "ends sessions",
    "survey-beat": "figures, of no branch",
    "box-tick": "anonymous letters; tests/box",
    "box-beat": "anonymous letters; tests/box",
    "make-backup": "a sealed file; tests/backups",
}
FORMATS = ("xlsx", "pdf")


def feed_of(user: User) -> str:
    token = make_feed(user, label="我的手机", now=FRIDAY_MORNING).token
    response = Client().get(reverse("feed_calendar", args=[f"{token}.ics"]))
    assert response.status_code == 200
    # Long lines are folded.
    return read(response.content).replace("\r\n ", "")


def work_through_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the timetable does and somebody may read of: lists, digests, notices, briefs.

    What was told before is forgotten, so that everybody is told anew.
    """
    Delivery.objects.all().delete()
    Message.objects.all().delete()
    monkeypatch.setattr(timezone, "now", lambda: FRIDAY_MORNING)
    for name, entry in BEAT_SCHEDULE.items():
        if name not in SILENT and not name.startswith("forget-"):
            import_string(entry["task"])()


def give_addresses(users: Iterable[User], settings: Settings) -> None:
    """An address for each, named after the account."""
    settings.EMAIL_ENABLED, settings.NOTICE_SENDER = True, "portal@portal.example.com"
    for user in users:
        address = f"{user.username}@office.example.com"
        wishes = Wishes(label="邮箱", levels=list(Level))
        add_channel(user, kind=ChannelKind.EMAIL, address=address, secret="", wishes=wishes)


def mailed() -> list[str]:
    """Send what waits; every mail as it left."""
    deliver_due(clock=lambda: FRIDAY_MORNING, limit=Delivery.objects.count())
    return [str(one.message()) + one.subject + str(one.body) for one in mail.outbox]


def told(user: User) -> str:
    """All messages of one person, as kept."""
    messages = Message.objects.of(user).prefetch_related("lines")
    words = [(one.title, one.intro, one.outside_title, one.url) for one in messages]
    lines = [(line.text, line.outside_text, line.url) for one in messages for line in one.lines.all()]
    return str(words + lines)


def outsiders(branch: Organisation) -> list[User]:
    """Who may sign in and sees nothing of the branch."""
    users = User.objects.filter(is_active=True).order_by("pk")
    here = Organisation.objects.filter(pk=branch.pk)
    return [user for user in users if not here.visible_to(user, on=AS_OF).exists()]


def file_of_job(client: Client, slug: str, extension: str) -> bytes:
    """Asked for, made and fetched."""
    started = client.post(reverse("ledgers:job_start", args=[slug, extension]))
    assert started.status_code == 302
    pk = resolve(started["Location"]).kwargs["pk"]
    render_ledger_job(str(pk))
    response = sent(client, "get", reverse("ledgers:job_download", args=[pk]))
    assert response.status_code == 200
    content: bytes = response.whole
    return content


def search_files(look: Search, client: Client, user: User, formats: Iterable[str] = FORMATS) -> None:
    """Every ledger this person has, in each format: at once, and as long work."""
    for ledger in ledgers_for(user, on=AS_OF):
        for extension in formats:
            address = reverse("ledgers:ledger_export", args=[ledger.slug, extension])
            look.words(address, read(client.get(address).content))
            look.words(f"job {address}", read(file_of_job(client, ledger.slug, extension)))
