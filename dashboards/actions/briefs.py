"""Every write to monthly briefs: prepared, prepared again, worded, released, corrected."""

import logging
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit import actions as audit
from branches.calendar import work_calendar
from branches.models import Organisation
from branches.rules import Refusal
from dashboards.actions.brief_letters import tell_released
from dashboards.models import Brief
from dashboards.queries.briefs import due_briefs, facts_for, scope_for
from dashboards.rules.brief_facts import Facts, stored
from dashboards.rules.brief_words import BriefSection, BriefState, changes_between, sentences_of
from periods.months import Month
from reminders.actions.summaries import recount_stale

logger = logging.getLogger(__name__)


class BriefRefusal(Refusal):
    """What cannot be done with a brief now."""


class BriefThere(BriefRefusal):
    """That month has one already."""

    def __init__(self, month: Month) -> None:
        super().__init__(f"{month.label}的通报已经有了，请在列表中打开。")


class BriefFixed(BriefRefusal):
    def __init__(self) -> None:
        super().__init__("这份通报已经发布，不能再改。确需更正的，请用“更正”另出一版。")


class BriefChanged(BriefRefusal):
    def __init__(self) -> None:
        super().__init__(
            "您打开此页后，草稿的数据或文字又有改动，所以没有发布。请返回通报看一遍，再点“发布”。"
        )


def prepare_brief(
    organisation: Organisation, month: Month, *, by: User | None, on: date, now: datetime
) -> Brief:
    """A draft with the figures of this moment. Raises BriefRefusal."""
    if month >= Month.of(on):
        raise BriefRefusal(f"{month.label}还没有过完，下个月再整理。")
    # Asked before the counting, and again under the lock.
    _refuse_second(organisation, month)
    facts = _fresh(organisation, month, on=on)
    return _write_first(organisation, month, facts, by=by, now=now)


@transaction.atomic
def _write_first(
    organisation: Organisation, month: Month, facts: Facts, *, by: User | None, now: datetime
) -> Brief:
    _lock(organisation)
    _refuse_second(organisation, month)
    brief = Brief.objects.create(
        organisation=organisation,
        month=month.first,
        facts=stored(facts),
        generated=sentences_of(facts),
        prepared_at=now,
        prepared_by=by,
    )
    audit.record("dashboards.brief_prepared", by=by, target=brief, detail={"month": str(month)})
    return brief


def _refuse_second(organisation: Organisation, month: Month) -> None:
    if Brief.objects.filter(organisation=organisation, month=month.first).exists():
        raise BriefThere(month)


def _lock(organisation: Organisation) -> None:
    """One after the other prepares and numbers for one organisation; rows that point to it do not wait."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _fresh(organisation: Organisation, month: Month, *, on: date) -> Facts:
    """Counted from what is true now."""
    recount_stale(scope_for(organisation).places)
    return facts_for(organisation, month, on=on)


def prepare_due(*, on: date, now: datetime) -> int:
    """What the calendar wants and nobody has prepared; returns how many were made.

    One that cannot be made holds up no other; the next run tries it again.
    """
    made = 0
    for organisation, month in due_briefs(on=on, calendar=work_calendar()):
        try:
            prepare_brief(organisation, month, by=None, on=on, now=now)
        except BriefThere:
            continue
        except Exception:  # whatever is wrong with one organisation, the others get theirs
            logger.exception("the brief of %s for %s was not prepared", organisation.pk, month)
            continue
        made += 1
    return made


def renew_brief(brief: Brief, *, by: User, on: date, now: datetime) -> Sequence[str]:
    """Prepare a draft again with the figures of this moment; returns in words what changed.

    What a person wrote stays. Raises BriefFixed.
    """
    facts = _fresh(brief.organisation, brief.of, on=on)
    with transaction.atomic():
        draft = _draft(brief)
        changes = changes_between(draft.figures, facts)
        draft.facts, draft.generated, draft.prepared_at = stored(facts), sentences_of(facts), now
        draft.prepared_by = by
        draft.save(update_fields=["facts", "generated", "prepared_at", "prepared_by"])
        audit.record("dashboards.brief_renewed", by=by, target=draft, detail={"changes": len(changes)})
    return changes


def _draft(brief: Brief) -> Brief:
    """The row as it stands, held until the end of the transaction. Raises BriefFixed."""
    draft = Brief.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=brief.pk)
    if not draft.is_draft:
        raise BriefFixed
    return draft


@transaction.atomic
def word_section(brief: Brief, section: BriefSection, *, text: str, by: User, now: datetime) -> Brief:
    """A person's words for one section; none, or the generated ones, bring the generated ones back.

    Raises BriefFixed.
    """
    draft = _draft(brief)
    words = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    kept = {key: said for key, said in draft.edited.items() if key != section.value}
    if words and words != draft.generated.get(section.value):
        kept[section.value] = words
    if kept == draft.edited:
        return draft
    draft.edited, draft.edited_by, draft.edited_at = kept, by, now
    draft.save(update_fields=["edited", "edited_by", "edited_at"])
    detail = {"section": section.value, "restored": section.value not in kept}
    audit.record("dashboards.brief_edited", by=by, target=draft, detail=detail)
    return draft


@transaction.atomic
def release_brief(brief: Brief, *, by: User, on: date, now: datetime, seen: str = "") -> Brief:
    """Give it its number, fix it for good and tell the workers below. Raises BriefFixed.

    `seen`: the stamp of what the person read; BriefChanged when it says something else by now.
    """
    _lock(brief.organisation)
    draft = _draft(brief)
    if seen and seen != draft.stamp:
        raise BriefChanged
    draft.number_year, draft.number = _number(draft, on)
    draft.state, draft.released_by = BriefState.RELEASED, by
    draft.released_at, draft.released_on = now, on
    draft.save(update_fields=["number_year", "number", "state", "released_by", "released_at", "released_on"])
    told = tell_released(draft, on=on, now=now)
    detail = {"issue": draft.issue, "edition": draft.edition, "told": told}
    audit.record("dashboards.brief_released", by=by, target=draft, detail=detail)
    return draft


def _number(brief: Brief, on: date) -> tuple[int, int]:
    """The next one of the year; a correction keeps the number of what it corrects."""
    of_place = Brief.objects.filter(organisation=brief.organisation)
    earlier = of_place.released().filter(month=brief.month).values_list("number_year", "number").first()
    if earlier and earlier[0] and earlier[1]:
        return earlier[0], earlier[1]
    last = of_place.filter(number_year=on.year).aggregate(last=Max("number"))["last"]
    return on.year, (last or 0) + 1


@transaction.atomic
def correct_brief(brief: Brief, *, reason: str, by: User, now: datetime) -> Brief:
    """A new edition of a released brief, as a draft with the same figures and words. Raises BriefRefusal."""
    _lock(brief.organisation)
    same = Brief.objects.filter(organisation=brief.organisation, month=brief.month)
    last = same.order_by("-edition").first()
    if last is None or last.is_draft:
        raise BriefRefusal("这个月的通报还有一份草稿没有发布，请直接修改草稿。")
    if not reason.strip():
        raise BriefRefusal("请写明更正原因。")
    made = Brief.objects.create(
        organisation=brief.organisation,
        month=last.month,
        edition=last.edition + 1,
        reason=reason.strip(),
        facts=last.facts,
        generated=last.generated,
        edited=last.edited,
        prepared_at=last.prepared_at,
        prepared_by=last.prepared_by,
        edited_at=now,
        edited_by=by,
    )
    audit.record(
        "dashboards.brief_corrected",
        by=by,
        target=made,
        detail={"edition": made.edition, "reason": made.reason},
    )
    return made


@transaction.atomic
def drop_correction(brief: Brief, *, by: User) -> None:
    """Take back a correction nobody has released. Raises BriefRefusal."""
    draft = _draft(brief)
    if draft.edition == 1:
        raise BriefRefusal("这是当月的第一版，可以修改，不能撤回。")
    audit.record(
        "dashboards.brief_correction_dropped", by=by, target=draft, detail={"edition": draft.edition}
    )
    draft.delete()
