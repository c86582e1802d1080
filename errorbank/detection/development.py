"""发展党员: constraints of the recruiting rules that stored steps do not keep."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from branches.calendar import work_calendar
from branches.models import DevelopmentCase, Organisation
from branches.queries.development_facts import CasePicture, pictures_of
from branches.rules import CaseState
from branches.rules.development import Check, CheckState, check_case, probation_end_of
from errorbank.detection.registry import Detector, Find, Hit, once
from errorbank.detection.votes import passed_without_majority, voters_on

# Entry → constraint of the recruiting rules, with what is compared.
CONSTRAINTS: Mapping[str, tuple[str, str]] = {
    "EB044": ("talk_1m", "收到申请书到谈话的时间"),
    "EB045": ("mentor_full", "培养联系人当时的身份"),
    "EB046": ("activist_1y", "确定积极分子到列为发展对象的时间"),
    "EB047": ("notice_5wd", "公示的工作日数"),
    "EB048": ("consent_before_target", "上级党委同意的日期"),
    "EB050": ("political_review_before", "政治审查与大会的先后"),
    "EB051": ("training_24h", "集中培训的天数和学时"),
    "EB052": ("pre_review_power", "作出审批的党组织有没有审批权限"),
    "EB053": ("meeting_1m", "预审合格到大会的时间"),
    "EB054": ("secret_one_by_one", "表决方式"),
    "EB055": ("yes_half", "赞成票与应到会人数"),
    "EB056": ("approval_3m", "上报到批复的时间"),
    "EB057": ("oath_1m", "批复到宣誓的时间"),
    "EB058": ("no_early_conversion", "预备期满与讨论转正的先后"),
}
OATH, ADMISSION_MEETING = "oath_1m", 15
# So many within a month in so small a branch (EB062).
RUSH_CASES, RUSH_DAYS, RUSH_BELOW = 3, 30, 5
# Thirty days after the end of probation nobody waits for a date any more (EB059).
CONVERSION_GRACE_DAYS = 30


Pictures = list[tuple[DevelopmentCase, CasePicture]]


def cases_in(places: Sequence[Organisation], on: date) -> Pictures:
    """Cases that are not given up, of people who belong to one of these branches. Six statements a batch."""
    return once(places, ("cases", on), lambda: _read_cases(places, on))


def _read_cases(places: Sequence[Organisation], on: date) -> Pictures:
    keys = {place.pk for place in places}
    rows = DevelopmentCase.objects.filter(
        state__in=[CaseState.ONGOING, CaseState.COMPLETED],
        member__memberships__organisation__in=keys,
    )
    cases = list(rows.select_related("member").distinct().order_by("pk"))
    pictures = pictures_of(cases, on=on)
    found = [(case, pictures[case.pk]) for case in cases]
    return [(case, picture) for case, picture in found if picture.place and picture.place.pk in keys]


def by_constraint(code: str) -> Find:
    def find(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
        calendar = work_calendar()
        for case, picture in cases_in(places, on):
            checks = check_case(picture.facts, on=on, calendar=calendar)
            for check in checks:
                if check.code == code and check.applies and _is_broken(check, picture, on):
                    yield _hit(case, picture, check, on)

    return find


def _is_broken(check: Check, picture: CasePicture, on: date) -> bool:
    """The rules only caution where the oath comes late; here what is late is late."""
    if check.code != OATH or check.due_on is None:
        return check.state == CheckState.VIOLATED
    taken = picture.facts.last(check.step)
    return (taken.on if taken else on) > check.due_on


def _no_majority(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """By the steps, and by the votes of records; of one day in one branch once."""
    steps = list(by_constraint(CONSTRAINTS["EB055"][0])(places, since, on))
    yield from steps
    told = {(hit.organisation, hit.happened_on) for hit in steps}
    for hit in passed_without_majority(places, since, on):
        if (hit.organisation, hit.happened_on) not in told:
            yield hit


def _hit(case: DevelopmentCase, picture: CasePicture, check: Check, on: date) -> Hit:
    """It happened on the day of the step that broke it; what is still missing, today.

    Without a name: what is stored here is read by more people than the roster. The case is one click away.
    """
    assert picture.place is not None  # noqa: S101 - cases_in gives no others
    last = picture.facts.last(check.step)
    day = min(last.on, on) if last else on
    return Hit(
        picture.place.pk,
        f"case:{case.pk}:{check.step}",
        day,
        f"一名发展对象（{case.member.code}）：{check.text}",
    )


def _conversion_forgotten(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    for case, picture in cases_in(places, on):
        ends = probation_end_of(picture.facts)
        waits = case.state == CaseState.ONGOING and ends is not None
        if waits and ends is not None and ends + timedelta(days=CONVERSION_GRACE_DAYS) < on:
            assert picture.place is not None  # noqa: S101 - cases_in gives no others
            words = f"一名预备党员（{case.member.code}）预备期 {ends:%Y-%m-%d} 已满，还没有登记转正讨论"
            yield Hit(picture.place.pk, f"case:{case.pk}:conversion", on, words)


def _rushed(places: Sequence[Organisation], since: date, on: date) -> Iterator[Hit]:
    """Several admitted within a month by a branch that had few full members when the first was."""
    admitted: dict[int, list[date]] = defaultdict(list)
    for _, picture in cases_in(places, on):
        meeting = picture.facts.passed(ADMISSION_MEETING)
        if meeting and picture.place:
            admitted[picture.place.pk].append(meeting.on)
    runs = {place: run for place, days in admitted.items() if (run := _run(sorted(days)))}
    voters = voters_on(list(runs), [run[0] for run in runs.values()])
    for place, run in runs.items():
        full = len(voters[place, run[0]])
        if full < RUSH_BELOW:
            words = (
                f"{run[0]:%Y-%m-%d} 至 {run[-1]:%Y-%m-%d} 接收 {len(run)} 名预备党员，当时正式党员 {full} 人"
            )
            yield Hit(place, f"admitted:{run[0]}", run[-1], words)


def _run(days: Sequence[date]) -> list[date]:
    """The latest days that lie so near to each other; empty when there are none."""
    for first in reversed(days):
        run = [day for day in days if first <= day <= first + timedelta(days=RUSH_DAYS)]
        if len(run) >= RUSH_CASES:
            return run
    return []


DEVELOPMENT_DETECTORS = (
    *(
        Detector(entry, name, by_constraint(code))
        for entry, (code, name) in CONSTRAINTS.items()
        if entry != "EB055"
    ),
    Detector("EB055", CONSTRAINTS["EB055"][1], _no_majority),
    Detector("EB062", "一个月内接收预备党员的人数", _rushed),
    Detector("EB059", "预备期满后是否登记转正讨论", _conversion_forgotten, is_state=True),
)
