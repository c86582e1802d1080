"""Cases of recruiting are opened, walked, corrected and closed under the rules of each day."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from django.db.models import Max

from accounts.models import User
from audit.models import AuditEvent
from branches.actions.development import (
    ApplicantData,
    CaseRefused,
    close_case,
    refresh_case,
    refresh_cases,
)
from branches.actions.development_reopen import reopen_case
from branches.actions.development_steps import (
    ExplanationNeeded,
    StepData,
    StepTaken,
    add_review,
    correct_step,
    open_case,
    record_step,
)
from branches.actions.members import MemberCodeTaken, add_event
from branches.models import DevelopmentCase, DevelopmentStep, Member, Organisation
from branches.queries.development_page import case_page
from branches.queries.outlook import outlook_of
from branches.rules import CaseState, EventError, EventKind, MemberStatus, StepOutcome
from branches.rules.votes import VoteError
from tests.branches.conftest import House
from tests.factories.branches import make_member
from tests.factories.development import DAYS, TODAY, make_case, step_data, walk

END = date(2026, 6, 27)  # of the probation begun on DAYS[15]


@dataclass
class Scene:
    house: House
    committee: Organisation
    branch: Organisation
    people: list[Member]
    by: User

    def case(self, upto: int, name: str = "") -> DevelopmentCase:
        found = make_case(
            self.branch, upto=upto, committee=self.committee, people=self.people, name=name, by=self.by
        )
        Organisation.objects.update(facts_changed=False)
        return found

    def data(self, number: int, **fields: Any) -> StepData:
        people = fields.pop("people", self.people)
        return step_data(number, committee=self.committee, people=list(people), **fields)

    def record(self, case: DevelopmentCase, number: int, **fields: Any) -> DevelopmentStep:
        return record_step(case, number, self.data(number, **fields), by=self.by, on=TODAY)


@pytest.fixture
def scene(house: House) -> Scene:
    house.committee.approves_members = True
    house.committee.save()
    people = [house.ours, make_member(house.br03), make_member(house.br03)]
    return Scene(house, house.committee, house.br03, people, house.worker)


def events_of(case: DevelopmentCase) -> list[tuple[str, date]]:
    found = case.member.events.standing().order_by("on", "pk")
    return list(found.values_list("kind", "on"))


def status_on(case: DevelopmentCase, on: date) -> str | None:
    span = case.member.memberships.at(on).first()
    return span.status if span else None


def changed(organisation: Organisation) -> bool:
    return Organisation.objects.get(pk=organisation.pk).facts_changed


def test_a_new_applicant_comes_into_the_roster_with_the_case(scene: Scene) -> None:
    Organisation.objects.update(facts_changed=False)
    who = ApplicantData("M900", "陶小芸", scene.branch, birth_on=date(2000, 1, 1), home_department="专卖科")
    case = open_case(who, applied_on=date(2026, 11, 2), by=scene.by, on=TODAY)
    assert events_of(case) == [("applied", date(2026, 11, 2))]
    assert status_on(case, TODAY) == MemberStatus.APPLICANT
    assert (case.next_step, case.next_from, case.next_due_on) == (2, None, date(2026, 12, 2))
    assert (case.member.home_department, case.member.joined_on) == ("专卖科", None)
    assert changed(scene.branch)
    written = AuditEvent.objects.order_by("pk").values_list("event", flat=True)
    assert list(written) == [
        "branches.development_opened",
        "branches.event_added",
        "branches.development_step_recorded",
    ]


@pytest.mark.parametrize(
    ("fields", "error", "sentence"),
    [
        ({"code": "M003"}, MemberCodeTaken, "名册编号“M003”已有人使用，请换一个编号。"),
        ({"birth_on": date(2010, 1, 1)}, CaseRefused, "2028-01-01 年满十八岁"),
        ({"organisation": None}, EventError, "入党申请人编入党支部"),
    ],
)
def test_a_new_applicant_refused(
    scene: Scene, fields: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    who = ApplicantData("M900", "陶小芸", scene.branch)
    who = replace(
        who, **({**fields, "organisation": scene.house.general} if "organisation" in fields else fields)
    )
    with pytest.raises(error, match=sentence):
        open_case(who, applied_on=date(2026, 11, 2), by=scene.by, on=TODAY)
    assert not Member.objects.filter(name="陶小芸").exists()


def test_one_open_case_a_person_and_none_for_full_members(scene: Scene) -> None:
    case = scene.case(1)
    with pytest.raises(CaseRefused, match="已经有一份正在办理的发展党员档案"):
        open_case(case.member, applied_on=date(2026, 11, 2), by=scene.by, on=TODAY)
    with pytest.raises(CaseRefused, match="雷彩霞已是正式党员"):
        open_case(scene.house.ours, applied_on=date(2026, 11, 2), by=scene.by, on=TODAY)


def test_the_whole_way_leaves_every_event_and_no_other(scene: Scene) -> None:
    case = scene.case(1)
    walk(case, range(2, 22), committee=scene.committee, people=scene.people, by=scene.by)
    assert events_of(case) == [
        ("applied", DAYS[1]),
        ("talked", DAYS[2]),
        ("activist", DAYS[3]),
        ("development_target", DAYS[7]),
        ("trained", DAYS[11]),
        ("pre_reviewed", DAYS[13]),
        ("admitted", DAYS[15]),
        ("approved", DAYS[17]),
        ("oath_taken", DAYS[20]),
    ]
    assert Member.objects.get(pk=case.member_id).joined_on == DAYS[15]
    scene.record(case, 22, done_on=date(2026, 6, 20))
    meeting = scene.record(case, 23, done_on=date(2026, 6, 30))
    assert (meeting.outcome, status_on(case, TODAY)) == (StepOutcome.PASSED, MemberStatus.FULL)
    scene.record(case, 24, done_on=date(2026, 8, 1))
    case.refresh_from_db()
    assert (case.next_step, case.state) == (25, CaseState.ONGOING)
    scene.record(case, 25, done_on=date(2026, 8, 20))
    case.refresh_from_db()
    assert (case.state, case.closed_on, case.next_step) == (CaseState.COMPLETED, date(2026, 8, 20), None)
    assert events_of(case)[-2:] == [
        ("converted", date(2026, 6, 30)),
        ("conversion_approved", date(2026, 8, 1)),
    ]


def test_under_the_revised_text_the_consent_names_the_target(scene: Scene) -> None:
    case = scene.case(6)
    scene.record(case, 7, done_on=date(2026, 6, 1), note="考察见纸质登记表")
    assert status_on(case, date(2026, 6, 1)) == MemberStatus.ACTIVIST
    scene.record(case, 8, done_on=date(2026, 6, 8), until_on=date(2026, 6, 12))
    assert events_of(case)[-1] == ("development_target", date(2026, 6, 8))


def test_a_target_named_before_the_revision_is_not_named_again(scene: Scene) -> None:
    case = scene.case(7)
    scene.record(case, 8, done_on=date(2026, 6, 8), until_on=date(2026, 6, 12))
    assert [kind for kind, _ in events_of(case)].count("development_target") == 1


def test_an_event_of_the_persons_page_is_linked_not_doubled(scene: Scene) -> None:
    case = scene.case(2)
    add_event(case.member, kind=EventKind.ACTIVIST, on=DAYS[3], by=scene.by)
    scene.record(case, 3)
    assert events_of(case).count(("activist", DAYS[3])) == 1


def test_what_lies_before_the_roster_stays_in_the_file(scene: Scene) -> None:
    """Who came into the roster as a probationary member has no earlier events, only earlier papers."""
    member = make_member(scene.branch, status=MemberStatus.PROBATIONARY, since=DAYS[15])
    case = open_case(member, applied_on=DAYS[1], by=scene.by, on=TODAY)
    walk(case, range(2, 18), committee=scene.committee, people=scene.people, by=scene.by)
    assert events_of(case) == [("registered", DAYS[15]), ("approved", DAYS[17])]
    assert status_on(case, TODAY) == MemberStatus.PROBATIONARY


def test_a_case_may_begin_where_the_papers_end(scene: Scene) -> None:
    member = make_member(scene.branch, status=MemberStatus.ACTIVIST, since=DAYS[3])
    case = open_case(
        member, applied_on=DAYS[1], by=scene.by, on=TODAY, first=3, data=StepData(done_on=DAYS[3])
    )
    assert list(case.steps.values_list("number", flat=True)) == [3]
    assert (case.next_step, events_of(case)) == (4, [("registered", DAYS[3])])


def test_a_step_is_recorded_once(scene: Scene) -> None:
    case = scene.case(1)
    scene.record(case, 2)
    with pytest.raises(StepTaken, match="“党组织派人谈话”已经登记过"):
        scene.record(case, 2, done_on=date(2023, 3, 21))
    assert case.steps.filter(number=2).count() == 1


def test_reviews_come_several_times_but_once_a_day(scene: Scene) -> None:
    case = scene.case(6)
    add_review(case, StepData(done_on=date(2024, 8, 15)), number=6, by=scene.by, on=TODAY)
    assert case.steps.filter(number=6).count() == 2
    with pytest.raises(StepTaken):
        add_review(case, StepData(done_on=date(2024, 8, 15)), number=6, by=scene.by, on=TODAY)
    with pytest.raises(CaseRefused, match="只有培养教育考察和继续教育考察可以登记多次"):
        add_review(case, StepData(done_on=date(2024, 8, 16)), number=7, by=scene.by, on=TODAY)


@pytest.mark.parametrize(
    ("upto", "number", "fields", "sentence"),
    [
        (14, 17, {}, "“上级党委审批”之前应当先办“支部党员大会讨论”（第 15 步）"),
        (12, 15, {}, "“支部党员大会讨论”之前应当先办“上级党委预审”（第 13 步）"),
        (6, 7, {"done_on": date(2024, 8, 31), "note": "急"}, "最早 2024-09-01 可以确定为发展对象"),
        (8, 9, {"people": "one"}, "须有两名正式党员作介绍人"),
        (10, 11, {"days": 2, "until_on": None}, "请补足培训后再办理接收"),
        (12, 13, {"decided_by": "general"}, "党总支只能审议"),
        (14, 15, {"present": 1, "approving": 1}, "到会人数不够，大会不能表决，请重新召开。"),
        (14, 15, {"secret_ballot": False}, "须采取无记名投票"),
        (14, 15, {"done_on": date(2025, 5, 7)}, "早于“填写入党志愿书”的日期 2025-05-20"),
        (2, 3, {"done_on": date(2026, 11, 23)}, "的日期还没有到，请在办理之后登记。"),
        (2, 3, {"done_on": date(2023, 2, 28)}, "早于申请日期 2023-03-01"),
        (9, 10, {"note": "内容"}, "政治审查只登记日期，不记内容"),
        (9, 10, {"document": "结论"}, "政治审查只登记日期，不记内容"),
        (12, 13, {"decided_by": "other"}, "不是红土坡党支部的上级党组织"),
    ],
)
def test_what_the_text_forbids_is_refused(
    scene: Scene, upto: int, number: int, fields: dict[str, Any], sentence: str
) -> None:
    case = scene.case(upto)
    named = {"general": scene.house.general, "other": scene.house.br04, "one": (scene.people[0],)}
    given = {
        key: named.get(value, value) if isinstance(value, str) else value for key, value in fields.items()
    }
    before = (case.steps.count(), events_of(case))
    with pytest.raises(CaseRefused, match=sentence):
        scene.record(case, number, **given)
    assert (case.steps.count(), events_of(case)) == before


def test_conversion_is_never_early(scene: Scene) -> None:
    case = scene.case(21)
    scene.record(case, 22, done_on=date(2026, 6, 20))
    with pytest.raises(CaseRefused, match="预备期没有满，不能提前转正"):
        scene.record(case, 23, done_on=date(2026, 6, 26))
    assert scene.record(case, 23, done_on=END).outcome == StepOutcome.PASSED


def test_what_came_late_needs_its_reason_and_stays_marked(scene: Scene) -> None:
    case = scene.case(1)
    with pytest.raises(
        ExplanationNeeded, match="最迟 2023-04-01。确实如此的，请在“说明”中写明原因后再登记。"
    ):
        scene.record(case, 2, done_on=date(2023, 4, 2))
    step = scene.record(case, 2, done_on=date(2023, 4, 2), note="申请人出差")
    assert (step.note, events_of(case)[-1]) == ("申请人出差", ("talked", date(2023, 4, 2)))


def test_who_leaves_soon_needs_a_reason(scene: Scene) -> None:
    case = scene.case(12)
    add_event(case.member, kind=EventKind.RETIRED, on=date(2026, 12, 31), by=scene.by)
    with pytest.raises(ExplanationNeeded, match="2026-12-31"):
        scene.record(case, 13, done_on=date(2026, 11, 20))


def test_the_votes_decide_the_result(scene: Scene) -> None:
    case = scene.case(14)
    failed = scene.record(case, 15, present=3, approving=1)
    assert (failed.outcome, events_of(case)[-1][0]) == (StepOutcome.NOT_PASSED, "pre_reviewed")
    with pytest.raises(VoteError, match="实到会人数应当在 0 至 3 之间"):
        scene.record(case, 15, present=4)


@pytest.mark.parametrize(("upto", "number"), [(7, 8), (12, 13), (16, 17)])
def test_what_the_superior_did_not_agree_to_is_taken_up_again(scene: Scene, upto: int, number: int) -> None:
    case = scene.case(upto)
    scene.record(case, number, outcome=StepOutcome.NOT_PASSED)
    case.refresh_from_db()
    assert case.next_step == number
    assert scene.record(case, number).outcome == StepOutcome.PASSED
    with pytest.raises(StepTaken):
        scene.record(case, number)


def test_an_extension_is_followed_by_another_round(scene: Scene) -> None:
    case = scene.case(21)
    scene.record(case, 22, done_on=date(2026, 6, 20))
    step = scene.record(case, 23, done_on=END, outcome=StepOutcome.EXTENDED, months=6)
    assert (step.outcome, step.months) == (StepOutcome.EXTENDED, 6)
    assert events_of(case)[-1] == ("probation_extended", END)
    answer = scene.record(case, 24, done_on=date(2026, 8, 1))
    assert (answer.outcome, events_of(case)[-1][0]) == (StepOutcome.EXTENDED, "probation_extended")
    case.refresh_from_db()
    assert case.next_step == 22
    with pytest.raises(CaseRefused, match="预备期至 2026-12-27"):
        scene.record(case, 23, done_on=date(2026, 9, 1))


def test_revoking_ends_the_case_when_the_committee_approves(scene: Scene) -> None:
    case = scene.case(21)
    scene.record(case, 22, done_on=date(2026, 6, 20))
    scene.record(case, 23, done_on=END, outcome=StepOutcome.REVOKED, note="不具备条件")
    case.refresh_from_db()
    assert (case.state, case.next_step, status_on(case, TODAY)) == (
        CaseState.ONGOING,
        24,
        MemberStatus.PROBATIONARY,
    )
    (branch,) = outlook_of([scene.branch], on=date(2026, 7, 20)).values()
    assert [alert.code for alert in branch.alerts if alert.code == "conversion_due"] == []
    assert [change.count.full for change in branch.changes if change.count.full > 0] == []
    approved = date(2026, 8, 1)
    assert scene.record(case, 24, done_on=approved, note="").outcome == StepOutcome.REVOKED
    case.refresh_from_db()
    assert (case.state, case.closed_on) == (CaseState.REVOKED, approved)
    assert case.closing_note == "上级党委批准取消预备党员资格"
    assert (events_of(case)[-1], status_on(case, TODAY)) == (("revoked", approved), None)
    with pytest.raises(CaseRefused, match="档案已经办结（已取消预备党员资格）"):
        scene.record(case, 25, done_on=date(2026, 8, 2))


@pytest.mark.parametrize("decided", [StepOutcome.PASSED, StepOutcome.REVOKED])
def test_what_the_committee_did_not_approve_waits_for_its_next_answer(
    scene: Scene, decided: StepOutcome
) -> None:
    case = scene.case(21)
    scene.record(case, 22, done_on=date(2026, 6, 20))
    scene.record(case, 23, done_on=END, outcome=decided, note="见记录")
    scene.record(case, 24, done_on=date(2026, 8, 1), outcome=StepOutcome.NOT_PASSED)
    case.refresh_from_db()
    assert (case.state, case.next_step) == (CaseState.ONGOING, 24)
    assert scene.record(case, 24, done_on=date(2026, 8, 20)).outcome == decided


def test_a_correction_keeps_the_old_row_and_mends_the_event(scene: Scene) -> None:
    case = scene.case(3)
    wrong = case.steps.get(number=3)
    Organisation.objects.update(facts_changed=False)
    new = correct_step(
        wrong, reason="日期抄错", replacement=StepData(done_on=date(2023, 9, 5)), by=scene.by, on=TODAY
    )
    assert new is not None
    wrong.refresh_from_db()
    assert (wrong.correction_reason, wrong.corrected_by, new.done_on) == (
        "日期抄错",
        scene.by,
        date(2023, 9, 5),
    )
    kinds = case.member.events.filter(kind="activist").order_by("pk")
    assert [(e.on, e.corrected_at is None) for e in kinds] == [(DAYS[3], False), (date(2023, 9, 5), True)]
    assert (status_on(case, date(2023, 9, 4)), changed(scene.branch)) == (MemberStatus.APPLICANT, True)
    with pytest.raises(CaseRefused, match="这一步已经更正过"):
        correct_step(wrong, reason="再来", replacement=None, by=scene.by, on=TODAY)


def test_a_correction_of_papers_alone_leaves_the_event(scene: Scene) -> None:
    case = scene.case(3)
    before = case.member.events.aggregate(Max("pk"))
    data = StepData(done_on=DAYS[3], document="决定（补齐）")
    correct_step(case.steps.get(number=3), reason="补齐材料", replacement=data, by=scene.by, on=TODAY)
    assert case.member.events.aggregate(Max("pk")) == before


def test_a_step_that_was_not_taken_is_struck_out(scene: Scene) -> None:
    case = scene.case(3)
    correct_step(case.steps.get(number=3), reason="还没有研究", replacement=None, by=scene.by, on=TODAY)
    case.refresh_from_db()
    assert (case.next_step, status_on(case, TODAY)) == (3, MemberStatus.APPLICANT)
    assert case.steps.filter(number=3, corrected_at=None).count() == 0


@pytest.mark.parametrize(
    ("upto", "number", "reason", "sentence"),
    [
        (3, 3, " ", "请填写更正原因。"),
        (3, 1, "记错", "入党申请是档案的第一步，不能作废"),
    ],
)
def test_corrections_refused(scene: Scene, upto: int, number: int, reason: str, sentence: str) -> None:
    case = scene.case(upto)
    with pytest.raises(CaseRefused, match=sentence):
        correct_step(case.steps.get(number=number), reason=reason, replacement=None, by=scene.by, on=TODAY)
    assert case.steps.filter(corrected_at=None).count() == upto


def test_a_day_that_no_later_event_allows_is_refused_whole(scene: Scene) -> None:
    case = scene.case(7)
    data = StepData(done_on=date(2024, 9, 11), document="决定")
    before = (case.steps.count(), events_of(case))
    with pytest.raises(EventError, match="2024-09-10“确定为发展对象”与此前身份“入党申请人”不符"):
        correct_step(case.steps.get(number=3), reason="记错", replacement=data, by=scene.by, on=TODAY)
    assert (case.steps.count(), events_of(case)) == before


def test_a_later_step_that_no_longer_fits_is_shown_not_changed(scene: Scene) -> None:
    case = scene.case(7)
    data = StepData(done_on=date(2023, 9, 12), document="决定")
    correct_step(case.steps.get(number=3), reason="抄错", replacement=data, by=scene.by, on=TODAY)
    assert case.steps.standing().get(number=7).done_on == DAYS[7]
    assert "培养教育和考察一年以上" in [line.name for line in case_page(case, on=TODAY).to_mend][-1]


def test_the_application_day_moves_with_its_step(scene: Scene) -> None:
    case = scene.case(2)
    data = StepData(done_on=date(2023, 2, 27), document="入党申请书")
    correct_step(case.steps.get(number=1), reason="抄错", replacement=data, by=scene.by, on=TODAY)
    case.refresh_from_db()
    assert (case.opened_on, events_of(case)[0]) == (date(2023, 2, 27), ("applied", date(2023, 2, 27)))


def test_the_admission_day_is_the_day_of_joining(scene: Scene) -> None:
    case = scene.case(15)
    data = scene.data(15, done_on=date(2025, 6, 28))
    correct_step(
        case.steps.get(number=15),
        reason="抄错",
        replacement=replace(data, note="见记录"),
        by=scene.by,
        on=TODAY,
    )
    assert Member.objects.get(pk=case.member_id).joined_on == date(2025, 6, 28)


def test_a_case_is_closed_with_its_reason(scene: Scene) -> None:
    case = scene.case(3)
    on = date(2026, 11, 20)
    with pytest.raises(CaseRefused, match="请写明办结的原因"):
        close_case(case, state=CaseState.DISCONTINUED, on=on, note=" ", by=scene.by, today=TODAY)
    with pytest.raises(CaseRefused, match="还没有到"):
        close_case(
            case, state=CaseState.DISCONTINUED, on=date(2026, 12, 1), note="撤回", by=scene.by, today=TODAY
        )
    close_case(case, state=CaseState.DISCONTINUED, on=on, note="本人撤回", by=scene.by, today=TODAY)
    assert (case.state, case.closed_on, case.next_step) == (CaseState.DISCONTINUED, on, None)
    assert (events_of(case)[-1], status_on(case, TODAY)) == (("discontinued", on), None)
    assert changed(scene.branch)
    with pytest.raises(CaseRefused, match="档案已经办结"):
        close_case(case, state=CaseState.DISCONTINUED, on=on, note="再次", by=scene.by, today=TODAY)


def test_what_comes_next_is_derived_for_a_whole_branch(scene: Scene, django_assert_num_queries: Any) -> None:
    first, other = scene.case(1), scene.case(4)
    DevelopmentCase.objects.update(next_step=None, next_due_on=None)
    with django_assert_num_queries(7):
        assert refresh_cases(scene.house.general, on=TODAY) == 2
    with django_assert_num_queries(6):
        assert refresh_cases(scene.house.general, on=TODAY) == 0
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.next_step, first.next_due_on, other.next_step) == (2, date(2023, 4, 1), 5)
    assert refresh_cases(scene.house.br04, on=TODAY) == 0


def test_a_held_up_case_keeps_the_day_it_was_held_up(scene: Scene) -> None:
    case = scene.case(12)
    assert (case.blocked, case.blocked_since) == ("", None)
    add_event(case.member, kind=EventKind.RETIRED, on=date(2027, 1, 31), by=scene.by)
    assert refresh_case(case, on=TODAY)
    case.refresh_from_db()
    assert (case.blocked, case.blocked_since) == ("预计 2027-01-31 离开本单位，不到三个月", TODAY)
    refresh_case(case, on=date(2026, 11, 30))
    case.refresh_from_db()
    assert case.blocked_since == TODAY


def test_a_case_closed_by_mistake_goes_on(scene: Scene) -> None:
    case = scene.case(3)
    on = date(2026, 11, 20)
    with pytest.raises(CaseRefused, match="正在办理，不需要重新打开"):
        reopen_case(case, reason="误操作", by=scene.by, on=TODAY)
    close_case(case, state=CaseState.DISCONTINUED, on=on, note="本人撤回", by=scene.by, today=TODAY)
    with pytest.raises(CaseRefused, match="请写明重新打开的原因"):
        reopen_case(case, reason=" ", by=scene.by, on=TODAY)
    reopen_case(case, reason="登记错了人", by=scene.by, on=TODAY)
    assert (case.state, case.closed_on, case.next_step) == (CaseState.ONGOING, None, 4)
    assert status_on(case, TODAY) == MemberStatus.ACTIVIST
    struck = case.member.events.get(kind="discontinued")
    assert (struck.correction_reason, changed(scene.branch)) == ("登记错了人", True)
    assert AuditEvent.objects.order_by("pk").last().event == "branches.development_reopened"  # type: ignore[union-attr]  # there is one


def test_reopening_strikes_out_the_step_that_ended_the_case(scene: Scene) -> None:
    case = scene.case(21)
    scene.record(case, 22, done_on=date(2026, 6, 20))
    scene.record(case, 23, done_on=END, outcome=StepOutcome.REVOKED, note="不具备条件")
    scene.record(case, 24, done_on=date(2026, 8, 1))
    case.refresh_from_db()
    reopen_case(case, reason="表决结果抄错", by=scene.by, on=TODAY)
    assert case.steps.get(number=24).correction_reason == "表决结果抄错"
    assert (case.next_step, status_on(case, TODAY)) == (24, MemberStatus.PROBATIONARY)


def test_a_second_open_case_is_never_made_by_reopening(scene: Scene) -> None:
    case = scene.case(1)
    close_case(case, state=CaseState.DISCONTINUED, on=DAYS[2], note="撤回", by=scene.by, today=TODAY)
    open_case(case.member, applied_on=date(2026, 11, 2), by=scene.by, on=TODAY)
    with pytest.raises(CaseRefused, match="已另有一份正在办理的档案"):
        reopen_case(case, reason="误操作", by=scene.by, on=TODAY)
