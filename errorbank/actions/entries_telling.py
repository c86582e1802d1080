"""Telling who decides that a wording waits, and who proposed it what became of it.

Called inside the transaction of what is told; nobody is told of their own act.
"""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from branches.models import Organisation
from errorbank.models import EntryVersion
from errorbank.notice_events import ENTRY_DECIDED, ENTRY_PROPOSED, wording_subject
from errorbank.queries.entries_deciding import deciders_of
from errorbank.rules import VersionState
from notices.actions.outbox import Letter, LineData, tell_all

MOST_LINES = 10


def tell_proposed(versions: Sequence[EntryVersion], *, by: User, on: date) -> None:
    """One letter to each who decides, however many there are."""
    waiting: dict[User, list[EntryVersion]] = {}
    for place, of_place in _by_place(versions).items():
        for user in deciders_of(place, on=on):
            if user != by:
                waiting.setdefault(user, []).extend(of_place)
    tell_all((_asked(user, found, by) for user, found in waiting.items()), now=timezone.now())


def _by_place(versions: Sequence[EntryVersion]) -> dict[Organisation | None, list[EntryVersion]]:
    found: dict[Organisation | None, list[EntryVersion]] = {}
    for version in versions:
        found.setdefault(version.entry.organisation, []).append(version)
    return found


def _asked(user: User, versions: Sequence[EntryVersion], by: User) -> Letter:
    title = f"错题库有 {len(versions)} 条内容等待审核"
    return Letter(
        recipient=user,
        event=ENTRY_PROPOSED,
        key=f"wording:{versions[0].pk}",
        title=title,
        outside_title=title,
        lines=tuple(_waiting_line(version, by) for version in versions[:MOST_LINES]),
        more=max(len(versions) - MOST_LINES, 0),
        url=reverse("errorbank:entry_waiting"),
    )


def _waiting_line(version: EntryVersion, by: User) -> LineData:
    return LineData(
        text=f"{version.problem}（{by.name}提出）",
        outside_text="一条错题的内容等待审核",
        subject=wording_subject(version.pk),
        url=reverse("errorbank:entry_review", args=[version.pk]),
    )


def tell_decided(version: EntryVersion, *, by: User) -> None:
    """Once for each wording: a decision is not taken back."""
    proposer = version.made_by
    if proposer is None or proposer == by or not proposer.is_active:
        return
    published = version.state == VersionState.PUBLISHED
    said = "已发布" if published else f"已退回：{version.review_note}"
    line = LineData(
        text=f"{version.problem}（{said}）",
        outside_text="您提出的错题内容已经审核",
        url=reverse("errorbank:entry_detail", args=[version.entry_id]),
    )
    title = "您提出的错题内容已发布" if published else "您提出的错题内容需要修改"
    letter = Letter(
        recipient=proposer,
        event=ENTRY_DECIDED,
        key=f"wording:{version.pk}",
        title=title,
        outside_title=title,
        lines=(line,),
        url=line.url,
    )
    tell_all([letter], now=timezone.now())
