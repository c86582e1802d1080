"""What a record that somebody is about to save would be pointed at for, said before it is saved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from branches.models import Organisation, PartyGroup
from errorbank.detection.contents import ABSENCES, GROUP_MEETING, LATE_DAYS
from errorbank.detection.votes import Quorum, claims_passed, voters_on
from records.actions import RecordData
from records.models import Attendance, Record
from records.rules import COMMITTEE_MEETING, PARTY_DAY, RecordKind, vote_passed

COUNTED_KINDS = frozenset({RecordKind.MEETING, RecordKind.VOTE, RecordKind.ELECTION})


@dataclass(frozen=True)
class RecordWarning:
    """`entry` is the code of the shipped entry."""

    entry: str
    words: str


Check = Callable[[Organisation, RecordData, date], Iterator[RecordWarning]]


def warnings_for(organisation: Organisation, data: RecordData, *, on: date) -> list[RecordWarning]:
    """In the order of the bank; at most two statements unless there is something to look up."""
    return [warning for check in CHECKS for warning in check(organisation, data, on)]


def _few_came(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    eligible, present = _counts(data)
    if COMMITTEE_MEETING in data.actions and eligible and present is not None and present * 2 < eligible:
        words = f"支委会应到 {eligible} 人、实到 {present} 人，不足半数，不能作出决定。"
        yield RecordWarning("EB016", words)


def _no_counts(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    eligible, present = _counts(data)
    lacks = eligible is None or present is None
    if data.kind in COUNTED_KINDS and data.resolutions.strip() and lacks and not data.votes:
        yield RecordWarning("EB017", "写了决议，没有应到、实到人数。")


def _late(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    days = (on - data.held_on).days
    if data.kind in COUNTED_KINDS and days > LATE_DAYS:
        yield RecordWarning(
            "EB018", f"会议是 {days} 天前召开的，请按当时的实际情况登记，不要补造签名和内容。"
        )


def _lecture_again(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    title = data.title.strip()
    if data.kind != RecordKind.LECTURE or not title:
        return
    year = (data.held_on.replace(month=1, day=1), data.held_on)
    before = Record.objects.standing().filter(organisation=organisation, kind=RecordKind.LECTURE)
    given = list(before.filter(held_on__range=year).values_list("title", "host"))
    if any(title == other.strip() for other, _ in given):
        yield RecordWarning("EB019", f"今年已经讲过“{title}”这个题目。")
    elif len(given) >= 2 and data.host.strip() and {host.strip() for _, host in given} == {data.host.strip()}:
        yield RecordWarning("EB019", f"今年的 {len(given) + 1} 次党课都由同一人主讲。")


def _no_group(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    if GROUP_MEETING not in data.actions:
        return
    there = PartyGroup.objects.filter(organisation=organisation, since__lte=data.held_on)
    if all(end is not None and end <= data.held_on for end in there.values_list("until", flat=True)):
        yield RecordWarning("EB021", "这一天支部没有登记党小组，不需要党小组会记录。")


def _absent_again(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    """Whoever missed the last ones before this one as well; a number, no name."""
    away = [tick.member.pk for tick in data.attendance if not tick.present]
    if not away:
        return
    since = data.held_on - timedelta(days=365)
    rows = Attendance.objects.filter(
        member__in=away,
        record__cancelled_at=None,
        record__organisation=organisation,
        record__held_on__range=(since, data.held_on - timedelta(days=1)),
    )
    seen: dict[int, list[bool]] = {}
    for member, present in rows.order_by("-record__held_on", "-record").values_list("member", "present"):
        seen.setdefault(member, []).append(present)
    before = ABSENCES - 1
    count = sum(len(ticks) >= before and not any(ticks[:before]) for ticks in seen.values())
    if count:
        words = f"有 {count} 名党员加上这次已连续 {ABSENCES} 次没有参加，请联系了解情况。"
        yield RecordWarning("EB023", words)


def _about_nothing(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    if PARTY_DAY in data.actions and not (data.title or data.topics or data.resolutions).strip():
        yield RecordWarning("EB024", "主题党日没有写主题和议定事项。")


def _not_passed(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    if not claims_passed(data.resolutions):
        return
    for vote in data.votes:
        if not vote_passed(vote):
            counts = f"应到会有表决权的 {vote.eligible} 人，赞成 {vote.yes} 票"
            words = f"“{vote.matter}”{counts}，没有超过半数，不能算通过。"
            yield RecordWarning("EB055", words)


def _voters(organisation: Organisation, data: RecordData) -> set[int]:
    return voters_on([organisation.pk], [data.held_on])[organisation.pk, data.held_on]


def _too_many_voters(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    if not data.votes:
        return
    eligible, full = max(vote.eligible for vote in data.votes), len(_voters(organisation, data))
    if full and eligible > full:
        words = f"表决应到 {eligible} 人，当天正式党员 {full} 人；预备党员没有表决权，不计入应到和票数。"
        yield RecordWarning("EB022", words)


def _too_few_voters(organisation: Organisation, data: RecordData, on: date) -> Iterator[RecordWarning]:
    if data.kind != RecordKind.ELECTION or not data.attendance:
        return
    voters = _voters(organisation, data)
    came = [tick.present for tick in data.attendance if tick.member.pk in voters]
    quorum = Quorum(len(came), sum(came))
    if not quorum.is_enough:
        words = f"选举应到 {quorum.eligible} 人、实到 {quorum.present} 人，不足五分之四，选举不能进行。"
        yield RecordWarning("EB008", words)


def _counts(data: RecordData) -> tuple[int | None, int | None]:
    """As they will be kept: typed ones first, else from the ticks."""
    if data.eligible_count is not None or not data.attendance:
        return data.eligible_count, data.present_count
    return len(data.attendance), sum(tick.present for tick in data.attendance)


CHECKS: tuple[Check, ...] = (
    _too_few_voters,
    _few_came,
    _no_counts,
    _late,
    _lecture_again,
    _no_group,
    _too_many_voters,
    _absent_again,
    _about_nothing,
    _not_passed,
)
