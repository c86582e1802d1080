"""Contests: handing in without names, screening, judges without ties, final judgements, the frozen result."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from branches.models import Organisation
from branches.rules import Role
from incentives.sources import awarded_works
from notices.models import Message
from tests.factories.branches import make_holder, make_member, make_post, make_user
from tests.reminders.scene import ON, Scene, make_scene
from tests.training.contest_scene import (
    accepted,
    asked,
    called,
    drafted,
    handed_in,
    judged,
    judging,
    person,
    published,
    started,
    three,
)
from tests.training.output_scene import drafted as output_drafted
from training.actions.contest_judging import drop_judge, name_judges
from training.actions.contest_works import (
    WorkData,
    change_work,
    count_applause,
    screen_work,
    withdraw_work,
)
from training.actions.contests import (
    ContestRefused,
    cancel_contest,
    change_contest,
    close_call,
    finish_judging,
    make_contest,
    open_call,
    open_call_again,
    publish_contest,
    start_judging,
)
from training.models import Contest, Duty, Judgement, Pair
from training.queries.contests import colleagues_in
from training.queries.judging import given_by, judging_of, possible_judges, seats_of
from training.queries.outputs import possible_authors
from training.rules.contests import ContestPhase, WorkState, names_in, names_of_branch

LATER = ON + timedelta(days=6)


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return make_scene(monkeypatch)


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("张 三讲课", ["张三"], ["张三"]),
        ("本支部讲课", ["张三", ""], []),
        ("ab党支部", ["AB党支部"], ["AB党支部"]),
        ("三", ["三"], []),
        ("张·三、张\u200b三、张\ufeff三", ["张三"], ["张三"]),
        ("ＡＢ党支部", ["AB党支部"], ["AB党支部"]),
        ("第一烟站党支部", ["第一烟站", "第一烟站党支部"], ["第一烟站党支部"]),
    ],
)
def test_names_are_found_however_written(text: str, names: list[str], found: list[str]) -> None:
    assert names_in(text, names) == found


@pytest.mark.parametrize(
    ("name", "above", "forms"),
    [
        ("甲公司第一烟站党支部", "甲公司党总支", ["第一烟站", "第一烟站党支部", "甲公司第一烟站"]),
        ("第一烟站联合党支部", "", ["第一烟站联合"]),
        ("机关党支部", "甲公司党总支", []),
    ],
)
def test_a_branch_has_shorter_names(name: str, above: str, forms: list[str]) -> None:
    assert sorted(names_of_branch(name, above=above)) == sorted([name, *forms])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"criteria": [("主题", 60), ("成效", 30)]}, "现在是 90"),
        ({"criteria": [("主题", 100), ("成效", 0)]}, "等于 100"),
        ({"criteria": [("主题", 60), ("主题", 40)]}, "重名"),
        ({"call_until": ON - timedelta(days=1)}, "今天或今天以后"),
        ({"judge_until": ON}, "征集截止以后"),
    ],
)
def test_what_does_not_fit_is_no_contest(scene: Scene, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ContestRefused, match=words):
        make_contest(scene.general, data=asked(**fields), by=scene.staff, on=ON)
    assert Contest.objects.count() == 0


def test_a_draft_changes_until_the_call(scene: Scene) -> None:
    contest = drafted(scene)
    with pytest.raises(ContestRefused, match="同名"):
        drafted(scene)
    change_contest(contest, data=asked(title="新名", criteria=[("全部", 100)]), by=scene.staff, on=ON)
    contest.refresh_from_db()
    assert (contest.title, list(contest.criteria.values_list("name", "weight"))) == ("新名", [("全部", 100)])
    with pytest.raises(ContestRefused, match="已经过了"):
        open_call(contest, by=scene.staff, on=LATER)
    open_call(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="征集"):
        open_call(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="不能再改"):
        change_contest(contest, data=asked(), by=scene.staff, on=ON)


@pytest.mark.parametrize("where", ["title", "body"])
def test_a_name_in_the_work_is_refused(scene: Scene, where: str) -> None:
    contest, other = called(scene), person(scene.first, "欧阳明")
    for name in (scene.first.name, "欧 阳明", scene.worker.name):
        fields = {where: f"在{name}讲", "authors": [other]}
        with pytest.raises(ContestRefused, match="请删去或改成"):
            handed_in(contest, scene.first, scene.worker, **fields)
    assert contest.works.count() == 0


def test_a_work_is_handed_in_by_day_from_the_own_branch(scene: Scene) -> None:
    contest, stranger = called(scene), person(scene.second, "欧阳明")
    with pytest.raises(ContestRefused, match="欧阳明不在"):
        handed_in(contest, scene.first, scene.worker, authors=[stranger])
    with pytest.raises(ContestRefused, match="一位作者"):
        handed_in(contest, scene.first, scene.worker, authors=[])
    work = handed_in(contest, scene.first, scene.worker)
    with pytest.raises(ContestRefused, match="同名"):
        handed_in(contest, scene.first, scene.worker)
    data = WorkData("改名", "新的正文", [scene.worker])
    with pytest.raises(ContestRefused, match="不能改"):
        change_work(work, data=data, by=scene.worker, on=LATER)
    change_work(work, data=data, by=scene.worker, on=ON)
    withdraw_work(work, by=scene.worker)
    with pytest.raises(ContestRefused, match="不能再撤回"):
        withdraw_work(work, by=scene.worker)
    again = handed_in(contest, scene.first, scene.worker, title="改名")
    assert (again.key == work.key, len(again.key)) == (False, 12)
    close_call(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="不在征集期"):
        handed_in(contest, scene.first, scene.worker, title="晚了")


def test_screening_gives_back_with_words_and_never_by_an_author(scene: Scene) -> None:
    contest = called(scene)
    work = handed_in(contest, scene.first, scene.worker)
    with pytest.raises(ContestRefused, match="不在初审中"):
        accepted(work, scene.staff)
    close_call(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="由其他人员初审"):
        accepted(work, scene.worker)
    with pytest.raises(ContestRefused, match="改什么"):
        screen_work(work, accept=False, note=" ", seen=0, by=scene.staff)
    screen_work(work, accept=False, note="请写短些", seen=0, by=scene.staff)
    with pytest.raises(ContestRefused, match="不在初审中"):
        accepted(work, scene.staff)
    work = change_work(work, data=WorkData("短", "短文", [scene.worker]), by=scene.worker, on=LATER)
    with pytest.raises(ContestRefused, match="作者刚改过"):
        screen_work(work, accept=True, note="", seen=0, by=scene.staff)
    assert accepted(work, scene.staff).state == WorkState.ACCEPTED
    told = Message.objects.filter(event="training.work_screened").order_by("pk")
    assert [(row.recipient, row.title) for row in told] == [
        (scene.worker, "作品请修改后再报：一堂好课"),
        (scene.worker, "作品通过初审：短"),
    ]
    open_call_again(contest, call_until=LATER, judge_until=ON + timedelta(days=20), by=scene.staff, on=LATER)
    contest.refresh_from_db()
    assert (contest.phase, contest.call_until) == (ContestPhase.CALL, LATER)


def test_who_runs_contests_is_no_judge(scene: Scene) -> None:
    contest, other_staff = drafted(scene), make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    for user in (scene.staff, other_staff):
        with pytest.raises(ContestRefused, match="能看到作者"):
            name_judges(contest, users=[user], by=scene.staff, on=ON)
    offered = set(possible_judges(contest, on=ON))
    assert offered == {scene.worker, scene.overseer, scene.foreign_staff} - {scene.foreign_staff}
    assert [name_judges(contest, users=[scene.worker], by=scene.staff, on=ON) for _ in range(2)] == [1, 0]


def test_judging_needs_three_judges_and_two_without_a_tie(scene: Scene) -> None:
    judges, contest = three(scene), called(scene)
    work, own = handed_in(contest, scene.first, scene.worker), handed_in(contest, scene.second, judges[0])
    close_call(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="没有初审"):
        start_judging(contest, by=scene.staff, on=ON)
    accepted(work, scene.staff)
    accepted(own, scene.staff)
    name_judges(contest, users=judges[:2], by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="至少要 3 位"):
        start_judging(contest, by=scene.staff, on=ON)
    name_judges(contest, users=judges[2:], by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="不足 2 位"):
        start_judging(contest, by=scene.staff, on=ON)
    name_judges(contest, users=[scene.overseer, scene.worker], by=scene.staff, on=ON)
    start_judging(contest, by=scene.staff, on=ON)
    seats = {seat.judge.user: set(seat.works) for seat in seats_of(contest, on=ON)}
    assert (seats[judges[0]], seats[scene.worker], seats[scene.overseer]) == (
        {work.pk},
        {own.pk},
        {work.pk, own.pk},
    )
    with pytest.raises(ContestRefused, match="盲评"):
        start_judging(contest, by=scene.staff, on=ON)


def test_mentors_and_co_authors_do_not_judge(scene: Scene) -> None:
    judges = three(scene)
    Pair.objects.create(
        organisation=scene.general,
        mentor=judges[0],
        pupil=scene.worker,
        goals=[],
        since=ON - timedelta(days=400),
        until=ON - timedelta(days=300),
        ended_on=ON - timedelta(days=300),
        made_by=scene.staff,
    )
    output_drafted(scene, authors=[judges[1]])
    more = [*judges, scene.overseer]
    contest, work = judging(scene, more)
    assert [(seat.judge.user.name, len(seat.works)) for seat in seats_of(contest, on=ON)] == sorted(
        [(judges[0].name, 0), (judges[1].name, 0), (judges[2].name, 1), (scene.overseer.name, 1)]
    )
    with pytest.raises(ContestRefused, match="不由您评审"):
        judged(work, judges[0])


def test_a_judgement_is_final_and_opens_the_scores_of_the_others(scene: Scene) -> None:
    judges = three(scene)
    contest, work = judging(scene, judges)
    duty = Duty.objects.get(kind="judging")
    assert (duty.organisation, duty.subject, duty.due_on, duty.done_on) == (
        scene.second,
        contest.pk,
        contest.judge_until,
        None,
    )
    with pytest.raises(ContestRefused, match="0 至 100"):
        judged(work, judges[0], 101, 5)
    with pytest.raises(ContestRefused, match="给作者的话"):
        judged(work, judges[0], comment=" ")
    judged(work, judges[0], 90, 70)
    assert given_by(judges[1], work) is None
    judged(work, judges[1], 60, 60)
    with pytest.raises(ContestRefused, match="不能再改"):
        judged(work, judges[1])
    given = given_by(judges[1], work)
    assert given
    assert (given.score, given.others) == (Decimal("60.00"), [Decimal("82.00")])
    with pytest.raises(ContestRefused, match="评委丙"):
        finish_judging(contest, by=scene.staff, on=ON)
    judged(work, judges[2])
    duty.refresh_from_db()
    assert duty.done_on == ON
    finish_judging(contest, by=scene.staff, on=ON)
    assert judging_of(Contest.objects.get(), judges[0], on=ON) is None


def test_a_judge_who_drops_out_opens_judging_again(scene: Scene) -> None:
    judges = three(scene)
    contest, work = judging(scene, judges)
    for judge in judges:
        judged(work, judge)
    finish_judging(contest, by=scene.staff, on=ON)
    drop_judge(contest.judges.get(user=judges[0]), reason="出差", by=scene.staff, on=ON)
    contest.refresh_from_db()
    assert (contest.phase, Judgement.objects.count()) == (ContestPhase.JUDGING, 2)
    with pytest.raises(ContestRefused, match="至少要 3 位"):
        finish_judging(contest, by=scene.staff, on=ON)
    name_judges(contest, users=[scene.overseer], by=scene.staff, on=ON)
    told = Message.objects.filter(event="training.contest_judging", recipient=scene.overseer)
    assert told.count() == 1
    judged(work, scene.overseer)
    finish_judging(contest, by=scene.staff, on=ON)
    publish_contest(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="评审已经结束"):
        drop_judge(contest.judges.get(user=judges[1]), reason="出差", by=scene.staff, on=ON)


def test_the_result_is_frozen_and_told_without_the_judges(scene: Scene) -> None:
    judges, contest = three(scene), called(scene)
    other = person(scene.first, "欧阳明")
    works = [
        handed_in(contest, scene.first, scene.worker, title="甲课", authors=[scene.worker, other]),
        handed_in(contest, scene.first, scene.worker, title="乙课", authors=[other]),
    ]
    started(contest, works, judges, scene.staff)
    for number, judge in enumerate(judges):
        judged(works[0], judge, 80 + number, 90, comment=f"好在第 {number} 处")
        judged(works[1], judge, 70, 70)
    count_applause(contest, counts={works[1].key: 99, works[0].key: None}, by=scene.staff)
    finish_judging(contest, by=scene.staff, on=ON)
    publish_contest(contest, by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="已公布"):
        publish_contest(contest, by=scene.staff, on=ON)
    rows = contest.works.order_by("place").values_list("title", "place", "score", "applause")
    assert list(rows) == [("甲课", 1, Decimal("84.60"), None), ("乙课", 2, Decimal("70.00"), 99)]
    facts = [(fact.user, fact.organisation, fact.happened_on) for fact in awarded_works(ON)]
    assert sorted(facts) == sorted((user.pk, scene.first.pk, ON) for user in (scene.worker, other))
    assert list(awarded_works(ON + timedelta(days=1))) == []
    letter = Message.objects.get(event="training.contest_result", recipient=other, title__contains="甲课")
    words = " ".join(line.text for line in letter.lines.all())
    assert ("第 1 名，84.60 分" in words, "好在第 2 处" in words, "评委甲" in words) == (True, True, False)


def test_a_tie_that_comes_up_after_judging_counts_the_score_out(scene: Scene) -> None:
    judges = [*three(scene), scene.overseer]
    contest, work = judging(scene, judges)
    for judge, points in zip(judges, (10, 80, 80, 80), strict=True):
        judged(work, judge, points, points)
    finish_judging(contest, by=scene.staff, on=ON)
    make_post(scene.first, Role.WORKER, user=judges[0])
    publish_contest(contest, by=scene.staff, on=ON)
    work.refresh_from_db()
    assert (work.score, work.place) == (Decimal(80), 1)


def test_too_few_free_judges_in_the_end_lead_back_to_judging(scene: Scene) -> None:
    judges = three(scene)
    contest, work = judging(scene, judges)
    for judge in judges:
        judged(work, judge)
    finish_judging(contest, by=scene.staff, on=ON)
    for judge in judges[:2]:
        make_post(scene.first, Role.WORKER, user=judge)
    with pytest.raises(ContestRefused, match="请在评委页面移出"):
        publish_contest(contest, by=scene.staff, on=ON)
    contest.refresh_from_db()
    assert contest.has_result
    drop_judge(contest.judges.get(user=judges[0]), reason="出差", by=scene.staff, on=ON)
    assert name_judges(contest, users=[scene.overseer, *three(scene)], by=scene.staff, on=ON) == 4


def test_who_wrote_a_work_leads_neither_judges_nor_result(scene: Scene) -> None:
    contest = called(scene)
    work = handed_in(contest, scene.first, scene.worker)
    writer = make_holder(scene.general, Role.GENERAL_BRANCH_STAFF)
    own = handed_in(contest, scene.second, writer, title="另一堂", authors=[person(scene.second, "孟知秋")])
    judges = three(scene)
    with pytest.raises(ContestRefused, match="由其他人员办理"):
        name_judges(contest, users=judges, by=writer, on=ON)
    started(contest, [work, own], [*judges, scene.overseer, person(scene.first, "评委丁")], scene.staff)
    with pytest.raises(ContestRefused, match="由其他人员办理"):
        drop_judge(contest.judges.get(user=judges[0]), reason="换人", by=writer, on=ON)
    with pytest.raises(ContestRefused, match="写明"):
        drop_judge(contest.judges.get(user=judges[0]), reason=" ", by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="由其他人员办理"):
        finish_judging(contest, by=writer, on=ON)


def test_who_screens_is_told_of_colleagues_in_the_text(scene: Scene) -> None:
    contest = called(scene)
    make_member(scene.first, name="欧阳明")
    work = handed_in(contest, scene.first, scene.worker, body="欧 阳明同志先讲。")
    assert colleagues_in(work, on=ON) == ["欧阳明"]


def test_letter_readers_are_offered_as_no_authors(scene: Scene) -> None:
    recipient = make_user(name="受理人")
    make_post(scene.general, Role.RECIPIENT, user=recipient)
    offered = possible_authors(Organisation.objects.filter(pk=scene.general.pk), on=ON)
    assert (recipient in offered, scene.staff in offered) == (False, True)


def test_a_contest_is_cancelled_with_a_reason(scene: Scene) -> None:
    contest, _ = judging(scene, three(scene))
    with pytest.raises(ContestRefused, match="原因"):
        cancel_contest(contest, reason=" ", by=scene.staff, on=ON)
    cancel_contest(contest, reason="作品太少", by=scene.staff, on=ON)
    contest.refresh_from_db()
    assert (contest.phase, contest.cancelled_for) == (ContestPhase.CANCELLED, "作品太少")
    assert Duty.objects.standing().count() == 0
    with pytest.raises(ContestRefused, match="已取消"):
        cancel_contest(contest, reason="再取消", by=scene.staff, on=ON)
    with pytest.raises(ContestRefused, match="已经取消"):
        count_applause(contest, counts={}, by=scene.staff)
    published(scene, [scene.overseer, *(person(scene.second, name) for name in ("丁", "戊"))], title="另一项")
    with pytest.raises(ContestRefused, match="已公布"):
        cancel_contest(Contest.objects.get(title="另一项"), reason="不行", by=scene.staff, on=ON)
