"""Drafting what is told of an awarded person; only that person releases it, and takes it back any day."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from incentives.models import HonourCase, HonourStory
from incentives.rules.contributions import IncentiveRefused
from incentives.rules.honours import CaseState, checksum
from incentives.rules.stories import StoryKind, StoryState


@transaction.atomic
def draft_story(
    case: HonourCase, *, kind: StoryKind, title: str, body: str, by: User, on: date
) -> HonourStory:
    """A new text, or a new wording that waits for the person again. Raises IncentiveRefused."""
    row = HonourCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if row.state != CaseState.AWARDED or row.nominee_id is None:
        raise IncentiveRefused("表彰以后，才能为受表彰的个人写宣传稿。")
    made, _ = HonourStory.objects.update_or_create(
        case=row,
        kind=kind,
        defaults={
            "title": title.strip(),
            "body": body.strip(),
            "state": StoryState.DRAFT,
            "drafted_by": by,
            "drafted_on": on,
            "released_on": None,
        },
    )
    audit.record("incentives.story_drafted", by=by, target=made)
    return made


def release_story(story: HonourStory, *, seen: str, by: User, on: date) -> HonourStory:
    """`seen`: the text the person agreed to; another wording is not released. Raises IncentiveRefused."""
    return _decide(story, StoryState.RELEASED, by=by, on=on, seen=seen)


def take_story_back(story: HonourStory, *, by: User, on: date) -> HonourStory:
    """At any time, without a reason. Raises IncentiveRefused."""
    return _decide(story, StoryState.TAKEN_BACK, by=by, on=on)


@transaction.atomic
def _decide(
    story: HonourStory, state: StoryState, *, by: User, on: date, seen: str | None = None
) -> HonourStory:
    row = HonourStory.objects.select_for_update(of=("self",)).select_related("case").get(pk=story.pk)
    if row.case.nominee_id != by.pk:
        raise IncentiveRefused("发布和收回都由本人决定。")
    if seen is not None and seen != wording(row):
        raise IncentiveRefused("稿子刚刚改过，请重新看一遍再决定。")
    if row.state != state:
        row.state, row.released_on = state, on if state == StoryState.RELEASED else None
        row.save(update_fields=["state", "released_on"])
        audit.record("incentives.story_decided", by=by, target=row, detail={"state": str(state)})
    return row


def wording(story: HonourStory) -> str:
    """Stands for title and text as they are now."""
    return checksum({"title": story.title, "body": story.body})
