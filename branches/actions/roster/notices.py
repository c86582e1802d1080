"""What a person should know before a roster is written, besides the rows themselves."""

from collections.abc import Iterator
from datetime import date

from branches.models import Post
from branches.rules import EventKind
from branches.rules.roster.columns import Key
from branches.rules.roster.plan import Known, Plan, PlannedRow

NAMED = 20


def notices_of(plan: Plan, known: Known, *, day: date) -> list[str]:
    """Sentences; one statement."""
    return [*_posts_ending(plan, known, day), *_conversions_before(plan, known)]


def _posts_ending(plan: Plan, known: Known, day: date) -> Iterator[str]:
    """Posts held in the branch a person leaves."""
    moved = {row.person for row in plan.rows if _kinds(row) >= {EventKind.MOVED_OUT, EventKind.MOVED_IN}}
    left = {
        person.pk: standing.place
        for person in known.people
        if person.pk in moved and (standing := person.standing(day))
    }
    held = (
        Post.objects.filter(member__in=left).exclude(until__lt=day).select_related("member", "organisation")
    )
    ending = [
        f"{post.holder_name}（{post.organisation.name}{post.get_role_display()}）"
        for post in held.order_by("member__code", "pk")
        if left.get(post.member_id or 0) == post.organisation_id
    ]
    if ending:
        more = f"等 {len(ending)} 项" if len(ending) > NAMED else ""
        yield f"换支部的人员中有任职的，确认后任职随转出结束：{'、'.join(ending[:NAMED])}{more}。"


def _conversions_before(plan: Plan, known: Known) -> Iterator[str]:
    """A conversion before the person came to us is no event of ours: it is checked and not kept."""
    converted = {person.pk for person in known.people if person.known(EventKind.CONVERTED)}
    count = sum(
        1
        for row in plan.rows
        if Key.CONVERTED_ON in row.row.values
        and not row.problems
        and row.person not in converted
        and EventKind.CONVERTED not in _kinds(row)
    )
    if count:
        yield f"有 {count} 人在编入本支部以前已经转正，转正日期只作核对，不另行登记。"


def _kinds(row: PlannedRow) -> set[EventKind]:
    return {event.kind for event in row.history.events}
