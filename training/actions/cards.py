"""Writing, publishing and retiring scenario cards, and playing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from audit import actions as audit
from branches.models import Organisation
from branches.rules import Refusal
from errorbank.models import ErrorEntry
from training.models import Card, CardRun, CardVersion
from training.rules.cards import CardState, Step, draft_of, is_passed, kept


class CardRefused(Refusal):
    """It cannot be done so; str() says what to do."""


TITLE_LENGTH = 60
NO_DRAFT = "没有待发布的修改，请先修改再发布。"
SHIPPED = "随系统提供的情景卡不能修改；需要调整的，请从对应的错题生成一张本单位的。"
CHANGED_MEANWHILE = "这张卡刚被其他人员改过，请重新打开，核对后再改。"
DEBRIEF = "想一想：本支部上一次碰到这种情况是怎么做的？下一次谁在什么时候核对？"


@dataclass(frozen=True)
class CardData:
    """What a card says."""

    category: str
    title: str
    steps: Sequence[Step]
    debrief: str


@transaction.atomic
def make_card(place: Organisation, *, data: CardData, by: User, entry: ErrorEntry | None = None) -> Card:
    """Begin a card of an organisation as a draft."""
    card = Card.objects.create(organisation=place, entry=entry, category=data.category, title=data.title)
    write_version(card, data, by=by)
    audit.record("training.card_made", by=by, target=card, detail={"entry": entry.code if entry else ""})
    return card


@transaction.atomic
def card_from_entry(place: Organisation, entry: ErrorEntry, *, by: User) -> Card:
    """A draft from what the entry says; the one that is still a draft when there is one already."""
    Organisation.objects.select_for_update().get(pk=place.pk)
    begun = Card.objects.filter(organisation=place, entry=entry, state=CardState.DRAFT).first()
    if begun is not None:
        return begun
    wording = entry.published
    if wording is None or entry.retired_at is not None:
        raise CardRefused("这条错题没有在用的内容，请换一条。")
    steps = draft_of(
        wording.problem,
        wrong=_one_line(wording.wrong_example or wording.problem),
        right=_one_line(wording.right_example or wording.measure),
        why_wrong=_one_line(wording.why_wrong),
        measure=_one_line(wording.measure),
        recheck=_one_line(wording.recheck_method),
    )
    data = CardData(wording.category, wording.problem[:TITLE_LENGTH], steps, DEBRIEF)
    return make_card(place, data=data, by=by, entry=entry)


@transaction.atomic
def change_card(card: Card, *, data: CardData, by: User, seen: int) -> CardVersion:
    """Change the draft, or begin the next version of what is published. Raises CardRefused.

    `seen`: the revision of the draft that was open on the screen; 0 for a new version.
    """
    row = _locked(card)
    version = row.versions.filter(published_on=None).first()
    if (version.revision if version else 0) != seen:
        raise CardRefused(CHANGED_MEANWHILE)
    version = write_version(row, data, by=by, version=version)
    if row.published_id is None:
        row.category, row.title = data.category, data.title
        row.save(update_fields=["category", "title"])
    audit.record("training.card_changed", by=by, target=row, detail={"version": version.number})
    return version


@transaction.atomic
def publish_card(card: Card, *, by: User, on: date) -> Card:
    """The draft becomes what is played; from now on it is not changed. Raises CardRefused."""
    row = _locked(card)
    version = row.versions.filter(published_on=None).first()
    if version is None:
        raise CardRefused(NO_DRAFT)
    make_current(row, version, on=on)
    audit.record("training.card_published", by=by, target=row, detail={"version": version.number})
    return row


@transaction.atomic
def retire_card(card: Card, *, by: User) -> Card:
    """Nobody plays it any longer; what was passed stays. Raises CardRefused."""
    row = _locked(card)
    if not row.is_open:
        raise CardRefused("这张卡没有在用，不需要停用。")
    row.state = CardState.RETIRED
    row.save(update_fields=["state"])
    audit.record("training.card_retired", by=by, target=row)
    return row


@transaction.atomic
def answer_step(card: Card, number: int, choice: int, *, by: User, on: date) -> CardRun:
    """Keep the first choice at a step; a step answered before keeps what was chosen. Raises CardRefused."""
    version = _played(card)
    run, _ = CardRun.objects.select_for_update().get_or_create(
        user=by, card=card, defaults={"version": version}
    )
    if run.version_id != version.pk:
        run.version, run.answers = version, []
    steps, place = version.read_steps, number - 1
    if place < len(run.answers):
        return run
    if place != len(run.answers) or place >= len(steps) or not 0 <= choice < len(steps[place].choices):
        raise CardRefused("请选一个做法。")
    run.answers = [*run.answers, choice]
    if run.passed_on is None and is_passed(steps, run.answers):
        run.passed_on = on
    run.save()
    return run


@transaction.atomic
def start_again(card: Card, *, by: User) -> None:
    """From the first step; what was passed stays passed."""
    version = _played(card)
    CardRun.objects.filter(user=by, card=card).update(version=version, answers=[])


def write_version(
    card: Card, data: CardData, *, by: User | None, version: CardVersion | None = None
) -> CardVersion:
    """The draft with these words; `version`: the draft there is."""
    if version is None:
        version = CardVersion(card=card, number=card.versions.count() + 1)
    version.category, version.title = data.category, data.title
    version.steps, version.debrief, version.made_by = kept(data.steps), data.debrief, by
    version.revision += 1
    version.save()
    return version


def make_current(card: Card, version: CardVersion, *, on: date) -> None:
    version.published_on = on
    version.save(update_fields=["published_on"])
    card.published, card.state = version, CardState.PUBLISHED
    card.category, card.title = version.category, version.title
    card.save(update_fields=["published", "state", "category", "title"])


def _locked(card: Card) -> Card:
    row = Card.objects.select_for_update().get(pk=card.pk)
    if row.organisation_id is None:
        raise CardRefused(SHIPPED)
    return row


def _played(card: Card) -> CardVersion:
    if not card.is_open or card.published is None:
        raise CardRefused("这张卡没有在用，请换一张。")
    return card.published


def _one_line(text: str) -> str:
    """Without what would part a choice from its result."""
    return " ".join(text.replace("|", "／").split())
