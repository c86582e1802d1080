"""Some months of lived history for the demo: three inspections, what they found, and what became of it.

Every day counts back from the case's as-of day; the same day gives the same history.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from branches.calendar import work_calendar
from branches.demo import DemoTree
from branches.models import Organisation
from errorbank.actions.findings import (
    accept_finding,
    close_finding,
    record_finding,
    return_finding,
    start_rectifying,
    submit_finding,
)
from errorbank.actions.findings_write import FindingData
from errorbank.actions.inspections import InspectionData, register_inspection, report_own
from errorbank.actions.proposals import dismiss_proposal, notice_all
from errorbank.actions.rechecks import fail_recheck, pass_recheck
from errorbank.actions.schedule import schedule_rechecks, settle_due
from errorbank.models import ErrorEntry, Finding, FindingStep, Inspection, Proposal, Recheck
from errorbank.notice_events import FINDING_RECORDED, FINDING_RETURNED
from errorbank.queries.keeping import answering_post
from errorbank.rules import CauseLevel, ErrorCategory, RecheckMode, Source
from notices.models import Message
from periods.calendars import WorkCalendar

TOUR, CHECK, MUTUAL = 235, 140, 45
# A person who was told answers a recheck some days after it is due.
ANSWERED_AFTER = timedelta(days=3)
READ_AFTER_DAYS = 14
# What the findings themselves show already.
FOLLOWED = ("EB080", "EB082")
DISMISSED = "已在原问题中跟踪，不另行登记。"


@dataclass(frozen=True)
class Look:
    """An inspection, so many days before the as-of day."""

    days: int
    source: Source
    title: str
    inspectors: str
    clauses: str


LOOKS = (
    Look(
        TOUR, Source.INSPECTION_TOUR, "上级巡察反馈", "上级巡察机构", "组织生活、党费管理（反馈意见已去标识）"
    ),
    Look(CHECK, Source.PARTY_BUILDING_CHECK, "党建工作检查", "党总支", "支部工作条例、党费收缴、党务公开"),
    Look(MUTUAL, Source.PARTY_BUILDING_CHECK, "季度互查", "各党支部交叉检查", "组织生活质量、问题整改"),
)


@dataclass(frozen=True)
class Life:
    """What became of one finding; every number is days before the as-of day, None did not happen."""

    branch: str
    found: int
    entry: str = ""
    source: Source = Source.ROTATION
    started: int | None = None
    submitted: int | None = None
    returned: int | None = None
    again: int | None = None
    closed: int | None = None
    accepted: int | None = None
    # Of what a branch found itself: its own words.
    own: tuple[ErrorCategory, str, str] | None = None
    result: str = "已按整改措施补办，并在支部会议上作了说明。"
    cause: CauseLevel | None = None


LIVES = (
    Life("BR01", TOUR, "EB034", started=230, submitted=224, closed=222),
    Life("BR03", TOUR, "EB026", started=228, submitted=210, closed=207),
    Life("BR05", TOUR, "EB028", started=226, submitted=212, returned=209, again=203, closed=200),
    Life("BR08", TOUR, "EB042", started=230, submitted=222, closed=220),
    Life("BR11", TOUR, "EB041", started=220, submitted=213, closed=208),
    Life("BR02", CHECK, "EB036", started=130, submitted=118, closed=115),
    Life("BR04", CHECK, "EB029", started=130, submitted=116, closed=112),
    Life("BR06", CHECK, "EB017", started=133, submitted=118, closed=116),
    Life("BR08", CHECK, "EB075", started=120, submitted=100, closed=98),
    Life("BR11", CHECK, "EB069", started=135, submitted=124, closed=121),
    Life("BR07", CHECK, "EB065", started=131, accepted=120),
    Life(
        "BR04", CHECK, "EB037", submitted=117, closed=113, cause=CauseLevel.UNCLEAR_INSTRUCTION,
        result="已按重新核对的口径核定，少交的已补交。",
    ),
    Life("BR01", MUTUAL, "EB027", started=30),
    Life("BR02", MUTUAL, "EB033", started=20, submitted=8),
    Life("BR03", MUTUAL, "EB026", started=42, submitted=35, closed=32),
    Life("BR05", MUTUAL, "EB031", started=30, submitted=20, returned=14),
    Life("BR08", MUTUAL, "EB073"),
    Life("BR11", MUTUAL, "EB061", started=40, submitted=25, closed=22),
    Life("BR06", 9, "EB030"),
    Life(
        "BR11", 90, submitted=80, closed=79,
        own=(ErrorCategory.MEETINGS, "党小组会记录漏记了记录人", "补填记录人，今后会后当场核对"),
    ),
    Life(
        "BR04", 60, submitted=50, closed=48,
        own=(ErrorCategory.DUES, "上一季度党费收缴情况公示晚了一周", "列入季度首月的固定工作"),
    ),
    Life(
        "BR05", 20, started=18,
        own=(ErrorCategory.MEMBER_MANAGEMENT, "两名党员的联系电话没有更新", "逐人核对并更新名册"),
    ),
)  # fmt: skip
# The measure was taken once and given up again: the first recheck of it fails.
NOT_HELD = ("BR08", "EB042")
RETURN_REASON = "只写了开会布置，没有写整改的结果，请补充做了什么、现在怎样。"
ACCEPT_REASON = "本年度上级还没有举办书记任职培训班，支部自己办不了，开班后即参加。"


class History:
    """The story of one tree, lived day by day."""

    def __init__(self, tree: DemoTree) -> None:
        self.tree = tree
        self.calendar: WorkCalendar = work_calendar()
        self.entries = {entry.code: entry for entry in ErrorEntry.objects.select_related("published")}
        self.looks: dict[int, Inspection] = {}
        self.found: dict[Life, Finding] = {}
        self.lives = list(LIVES)

    def day(self, days: int) -> date:
        """A working day, so many days before the as-of day or a little earlier."""
        return self.calendar.on_or_before(self.tree.as_of - timedelta(days=days))

    def live(self) -> None:
        day = self.day(TOUR)
        while day <= self.tree.as_of:
            settle_due(day=day)
            if self.calendar.is_workday(day):
                self._answer(day)
                self._inspect(day)
                for life in self.lives:
                    self._step(life, day)
            day += timedelta(days=1)

    def _inspect(self, day: date) -> None:
        for look in LOOKS:
            if self.day(look.days) == day:
                codes = sorted({life.branch for life in LIVES if life.found == look.days})
                targets = [self.tree.branches[code] for code in codes]
                data = InspectionData(
                    look.source, look.title, day, day, targets, look.inspectors, look.clauses
                )
                self.looks[look.days] = register_inspection(
                    self.tree.general, data=data, by=self.tree.staff, on=day
                )

    def _step(self, life: Life, day: date) -> None:
        if life not in self.found and day == self.day(life.found):
            self.found[life] = self._find(life, day)
        finding = self.found.get(life)
        if finding is None:
            return
        for name, days in self._dated(life):
            if day == self.day(days):
                self._do(name, life, finding, day)

    def _do(self, name: str, life: Life, finding: Finding, day: date) -> None:
        staff, worker, as_of = self.tree.staff, self.tree.workers[life.branch], self.tree.as_of
        if name == "started":
            start_rectifying(finding, by=worker, on=day)
        elif name in ("submitted", "again"):
            submit_finding(finding, text=life.result, by=worker, on=day)
        elif name == "returned":
            until = None if life.again else as_of + timedelta(days=3)
            return_finding(finding, reason=RETURN_REASON, by=staff, on=day, deadline_on=until)
        elif name == "closed":
            close_finding(finding, by=staff, on=day, cause=life.cause)
        else:
            until = as_of + timedelta(days=40)
            accept_finding(
                finding, owner=self.tree.committee, until=until, reason=ACCEPT_REASON, by=staff, on=day
            )

    @staticmethod
    def _dated(life: Life) -> Iterator[tuple[str, int]]:
        for name in ("started", "submitted", "returned", "again", "closed", "accepted"):
            if (days := getattr(life, name)) is not None:
                yield name, days

    def _find(self, life: Life, day: date) -> Finding:
        place, worker = self.tree.branches[life.branch], self.tree.workers[life.branch]
        if life.own:
            category, problem, measure = life.own
            return report_own(
                place,
                problem=problem,
                category=category,
                measure=measure,
                happened_on=day,
                by=worker,
                on=day,
            )
        return record_finding(place, data=self._data(life, place, day), by=self.tree.staff, on=day)

    def _data(self, life: Life, place: Organisation, day: date) -> FindingData:
        look = self.looks.get(life.found)
        return FindingData(
            source=Source(look.source) if look else life.source,
            happened_on=day - timedelta(days=6),
            entry=self.entries[life.entry],
            responsible=answering_post(place, on=day),
            inspection=look,
        )

    def _answer(self, day: date) -> None:
        """What a person answers: serious ones and what the sample drew; settle_due leaves nothing else."""
        waiting = Recheck.objects.due(on=day - ANSWERED_AFTER).exclude(mode=RecheckMode.AUTOMATIC)
        for recheck in waiting.select_related("finding__organisation", "finding__entry").order_by("pk"):
            finding = recheck.finding
            where = (finding.organisation.code, finding.entry.code if finding.entry else "")
            if where == NOT_HELD and finding.repeat_of_id is None:
                repeated = fail_recheck(
                    recheck, result="又按人头收取了一次“活动费”。", by=self.tree.staff, on=day
                )
                self._mend(repeated, day)
            else:
                result = "查看了最近的记录并询问党员，没有再次出现。"
                pass_recheck(recheck, result=result, by=self.tree.staff, on=day)

    def _mend(self, finding: Finding, day: date) -> None:
        """What did not hold is mended within its new deadline: dated by days from its own."""
        left = (self.tree.as_of - day).days
        life = Life("BR08", left, started=left - 3, submitted=left - 10, closed=left - 12,
                    result="已全部退还，并在党员大会上说明；今后不再收取。")  # fmt: skip
        self.found[life] = finding
        self.lives.append(life)


def load(tree: DemoTree) -> None:
    """Live the months before the as-of day; the entries are loaded, the caller opens the transaction."""
    history = History(tree)
    history.live()
    schedule_rechecks(on=tree.as_of)
    _propose(tree)
    _date_back(tree)


def _propose(tree: DemoTree) -> None:
    """What stored data points at; staff has looked at what is followed elsewhere."""
    notice_all(on=tree.as_of)
    for proposal in Proposal.objects.open().filter(rule__in=FOLLOWED).order_by("pk"):
        dismiss_proposal(proposal, reason=DISMISSED, by=tree.staff, on=tree.as_of)


def _date_back(tree: DemoTree) -> None:
    """The history was typed in its own time, not when the demo is loaded."""
    steps, findings = list(FindingStep.objects.all()), list(Finding.objects.all())
    for step in steps:
        step.at = _moment(step.on)
    for finding in findings:
        finding.made_at = _moment(finding.found_on)
    rechecks = list(Recheck.objects.exclude(done_on=None))
    for recheck in rechecks:
        recheck.done_at = _moment(recheck.done_on or recheck.due_on)
    looks = list(Inspection.objects.all())
    for look in looks:
        look.made_at = _moment(look.until)
    Inspection.objects.bulk_update(looks, ["made_at"])
    FindingStep.objects.bulk_update(steps, ["at"])
    Finding.objects.bulk_update(findings, ["made_at"])
    Recheck.objects.bulk_update(rechecks, ["done_at"])
    _date_messages(tree, steps, findings)


def _date_messages(tree: DemoTree, steps: list[FindingStep], findings: list[Finding]) -> None:
    days = {f"finding:{finding.pk}": finding.found_on for finding in findings}
    days |= {f"finding_returned:{step.pk}": step.on for step in steps}
    told = list(Message.objects.filter(event__in=[FINDING_RECORDED, FINDING_RETURNED]))
    for message in told:
        on = days[message.key]
        message.made_at = _moment(on)
        if (tree.as_of - on).days >= READ_AFTER_DAYS:
            message.read_at = message.made_at + timedelta(hours=2)
    Message.objects.bulk_update(told, ["made_at", "read_at"])


def _moment(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(16, 40)))
